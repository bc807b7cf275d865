"""Requests that no browser of ours sends, to every page, by everybody: they end in a sentence, never in a 500.

The suite takes a part of them, by a fixed seed; `make fuzz` all.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from organizations.models import Organization
from tests.people import MEMBERS, People
from tests.rules.pages import House, Page, furnish, organization_pages, patterns
from tests.rules.test_code import APPS, PROJECT

pytestmark = pytest.mark.django_db
PEOPLE = (*MEMBERS, "nobody")
GETS, POSTS, KINDS, SEED = (
    int(os.environ.get(f"FUZZ_{name}", usual))
    for name, usual in (("GETS", 300), ("POSTS", 200), ("KINDS", 12), ("SEED", 14))
)
#: Kinds of pages that once failed, and are always asked.
ALWAYS = {"packs:request", "feedback:satisfaction", "risks:heat-map", "*-list"}
DIGITS = "9" * 10_000
ODD = [
    "\0", "a\0b", "²", "٣", "-1", "0", "99999999999999999999", DIGITS, "1e400", "NaN", "-0", "\ud800", "\udfff", "'", '"', "%", "%%s",
    "{0}", "{{7*7}}", "<b hx-get=/>", "../../etc/passwd", "..", ".", " ", "\n", "\r\nSet-Cookie: a=b", "\u202e", "\uffff", "😀" * 100,
    "0000-00-00", "2026-02-30", "9999-12-31", "10000-01-01", "24:00", "2026-01-01T00:00", "true", "null", "[]", "[[]]", "{}",
    '{"a":' * 500, "a" * 3000, "é" * 3000, "x,y", ",", ";", "=1+1", "1,2,3", "-", "--", "1-1", "1..2", "a1", "abc", "REQ-0001", "requirements",
]  # fmt: skip
#: Names that pages of the product look for in a query string.
NAMES = (
    "q", "sort", "page", "after", "before", "cursor", "group", "columns", "show", "view", "assertion", "reason", "period", "from", "to", "as_of",
    "moment", "sites", "site", "sub_clauses", "samples", "code", "tag", "owner", "status", "kind", "next", "row", "rows", "keys", "ids", "term",
    "field", "column", "value", "year", "quarter", "question", "segment", "method", "size", "seed", "purpose", "stratified_by", "reference",
    "actor", "verb", "day", "kinds", "person", "min", "max", "likelihood", "consequence", "stage", "decision", "due", "wave", "customer", "from_day",
    "created_after", "archived", "requirement", "risk", "subject", "interim", "period_from", "period_to", "language", "offset", "limit", "open",
)  # fmt: skip


#: Names that views themselves read, beside the filters of lists.
READ = frozenset(
    name
    for path in PROJECT.glob("*/**/*.py")
    if path.relative_to(PROJECT).parts[0] in APPS
    for name in re.findall(r'(?:GET|query)(?:\.get|\.getlist|\.pop|\[)\(?"([a-z_]+)"', path.read_text())
)


@pytest.fixture
def house(acme: Organization, people: People) -> House:
    return furnish(acme, people)


@pytest.fixture
def clients(people: People) -> dict[str, Client]:
    """A browser of each, which answers a fault with 500 as the product does."""
    clients = {name: Client(raise_request_exception=False) for name in PEOPLE}
    for name, client in clients.items():
        if name != "nobody":
            client.force_login(people[name])
    return clients


def written(value: str) -> str:
    """A value as it stands in an address, whatever it is."""
    return quote(value.encode("utf-8", "surrogatepass"), safe="")


def paths(house: House, pages: list[Page], rng: random.Random) -> Iterator[str]:
    """Addresses of which one part is odd, or the query string is."""
    while True:
        page = rng.choice(pages)
        address = house.address(page)
        parts = address.strip("/").split("/")
        if rng.random() < 0.5:
            parts[rng.randrange(len(parts))] = written(rng.choice(ODD))
            yield f"/{'/'.join(parts)}/"
        else:
            names = rng.choices([*NAMES, *_filters(page)], k=rng.choice([1, 1, 2]))
            yield f"{address}?{'&'.join(f'{name}={written(rng.choice(ODD))}' for name in names)}"


def _filters(page: Page) -> list[str]:
    return [field.name for field in page.register.model._meta.get_fields()] if page.register else []


def sent(client: Client, method: str, address: str, data: dict[str, Any] | None = None) -> int:
    """The status of an answer, all of which was read; what it wrote is undone."""
    with transaction.atomic():
        answer: HttpResponse = (
            getattr(client, method)(address, data) if data is not None else getattr(client, method)(address)
        )
        if answer.streaming:
            list(answer)  # type: ignore[call-overload]
        transaction.set_rollback(True)
    return answer.status_code


def test_no_address_and_no_query_string_ends_in_a_fault(house: House, clients: dict[str, Client]) -> None:
    rng = random.Random(SEED)
    addresses, faults = paths(house, organization_pages(), rng), []
    for _number in range(GETS):
        who, address = rng.choice(PEOPLE), next(addresses)
        if sent(clients[who], "get", address) >= 500:
            faults.append((who, address[:200]))
    assert faults == []


def test_no_form_ends_in_a_fault(house: House, clients: dict[str, Client]) -> None:
    rng, pages, faults = random.Random(SEED), organization_pages(), []
    fields: dict[str, dict[str, str]] = {}
    for _number in range(POSTS):
        who, page = rng.choice(PEOPLE), rng.choice(pages)
        address = house.address(page)
        data = dict(fields.setdefault(address, form(clients["quality_manager"], address)))
        for name in rng.sample(sorted(data), k=min(len(data), rng.choice([1, 2, 5]))) or rng.sample(NAMES, 2):
            data[name] = rng.choice(ODD)
        try:
            status = sent(clients[who], "post", address, data)
        except UnicodeEncodeError:  # half a sign can't be sent in a form
            continue
        if status >= 500:
            faults.append((who, address, {name: value[:40] for name, value in data.items()}))
    assert faults == []


def form(client: Client, address: str) -> dict[str, str]:
    """The fields of a page's forms, with what stands in them."""
    with transaction.atomic():
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    text = content.decode("utf-8", "replace")
    found = dict.fromkeys(re.findall(r'<(?:input|select|textarea)[^>]*\bname="([^"]+)"', text), "1")
    found |= dict(re.findall(r'<input[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"', text))
    found.pop("csrfmiddlewaretoken", None)
    return found


@pytest.mark.parametrize(
    "value", ["\0", "²", DIGITS, "\ud800", "x" * 1_000_000], ids=["NUL", "²", "digits", "half", "1 MB"]
)
def test_pages_without_an_organization_take_no_harm(clients: dict[str, Client], value: str) -> None:
    for page in patterns():
        if "organization" in page.arguments or not page.name:
            continue
        route = re.sub(r"<[^>]+>|\(.*?\)", written(value)[:4000], str(page.pattern.pattern)).strip("^$")
        for address in (f"/{route}", f"/accounts/{route}"):
            for who in ("nobody", "quality_manager"):
                assert sent(clients[who], "get", f"{address}?next={written(value)[:60_000]}") < 500, address
    for who in ("nobody", "quality_manager"):
        assert (
            sent(clients[who], "post", "/accounts/login/", {"login": value.replace("\ud800", "?"), "password": "x"})
            < 500
        )


@pytest.mark.parametrize(
    "value",
    ["\0", "²", DIGITS, "9" * 25, "\ud800", "x" * 60_000, "-1"],
    ids=["NUL", "²", "digits", "large", "half", "60 kB", "-1"],
)
def test_every_parameter_of_every_kind_of_page_takes_it(house: House, clients: dict[str, Client], value: str) -> None:
    """All parameters at once, then each where the page answers with what it read: a first error hides the others."""
    faults, kinds = [], {page.kind: page for page in organization_pages()}
    asked = {*random.Random(SEED).sample(sorted(kinds), min(KINDS, len(kinds))), *ALWAYS}
    for kind, page in ((kind, kinds[kind]) for kind in sorted(asked)):
        address, names = house.address(page), dict.fromkeys([*NAMES, *_filters(page)])
        queries = [names] if len(value) > 1000 else [[name] for name in names if name in READ] + [names]
        for query in queries:
            status = sent(
                clients["quality_manager"], "get", f"{address}?{'&'.join(f'{n}={written(value)}' for n in query)}"
            )
            if status >= 500:
                faults.append((kind, list(query)[:3], len(query)))
    assert faults == []
