"""Nothing that a confined auditor sees depends on a word of a row out of reach, however it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import IntegrityError, models, transaction
from django.test import Client

from organizations.auditor_scope import AuditScope
from organizations.models import Membership, Organization, Site
from organizations.scope import in_organization
from registers.lists.arrangement import Arrangement
from registers.models import Record
from registers.register import Register, registry
from registers.services import set_links
from tests.people import People
from tests.support.factories import make

pytestmark = pytest.mark.django_db

#: In turn, all texts of the rows out of reach.
WORDS = ("Zephyrine", "Quartzite")
#: What changes from one answer to the next by itself.
_OF_THE_ANSWER = re.compile(r'(nonce|csrfmiddlewaretoken|csrf|value|hx-headers)=("[^"]*"|\'[^\']*\')')


def texts_of(model: type[Record]) -> list[models.Field]:
    """The fields in which people write freely."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not field.choices
        and field.name not in ("reference", "archive_reason", "origin", "external_id", "currency", "rater")
    ]


@pytest.fixture
def linked(acme: Organization, people: People) -> Organization:
    """In every register two rows at North; everything that they link to stands at South."""
    with in_organization(acme):
        north, south = (
            Site.objects.get_or_create(code=code, defaults={"name": name})[0]
            for code, name in (("N", "North"), ("S", "South"))
        )
        far = {register.model: make(register.model, 900, site=south) for register in registry}
        for register in registry:
            for number in (1, 2):
                keys = {
                    field.name: far[field.related_model]
                    for field in register.model._meta.concrete_fields
                    if field.related_model in far and field.name != "wave"
                }
                row = make(register.model, number, site=north, **keys)
                for field in register.model._meta.many_to_many:
                    if field.related_model in far:
                        set_links(row, field.name, [far[field.related_model]])
    return acme


def write(organization: Organization, word: str, scope: AuditScope) -> None:
    """Write a word into every text of the rows out of reach."""
    with in_organization(organization):
        for register in registry:
            rows: models.QuerySet = models.QuerySet(register.model).filter(organization=organization)
            if scope.includes(register.sub_clauses):
                rows = rows.exclude(site__in=scope.sites) if scope.sites else rows.none()
            for field in texts_of(register.model):
                with suppress(IntegrityError), transaction.atomic():
                    rows.update(**{field.name: word[: field.max_length or None]})


def addresses(register: Register) -> Iterator[str]:
    """Every way to ask a register by words, by order and by group."""
    base = f"/o/acme/{register.slug}/"
    arrangement = Arrangement(register, {})  # type: ignore[arg-type]
    yield base
    for page in ("", "suggest/", "export.csv"):
        yield f"{base}{page}?{urlencode({'q': WORDS[0]})}"
    yield f"{base}?{urlencode({'q': WORDS[1][:3].lower()})}"
    for name, each in register.filterset.base_filters.items():
        if not hasattr(each.field, "choices") or hasattr(each.field, "model"):
            yield f"{base}?{urlencode({name: WORDS[0]})}"
    for column in register.bound.values():
        if column.sort and (column.field is None or column.field.related_model):
            yield f"{base}?{urlencode({'sort': column.name})}"
    for column in arrangement.groupable:
        if column.field is not None and column.field.related_model:
            yield f"{base}?{urlencode({'group': column.name})}"


def answers(browser: Client, asked: list[str]) -> dict[str, Any]:
    return {address: seen(browser.get(address)) for address in asked}


def seen(answer: Any) -> tuple[int, str]:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer.status_code, _OF_THE_ANSWER.sub("", body.decode("utf-8", "replace"))


@pytest.mark.parametrize(("letters", "sites"), [("", True), ("bc", False)], ids=["a site", "two sub-clauses"])
def test_no_answer_depends_on_a_word_out_of_reach(
    letters: str, sites: bool, linked: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(linked):
        scope = AuditScope(letters, (Site.objects.get(code="N").pk,) if sites else ())
        asked = [
            address for register in registry if scope.includes(register.sub_clauses) for address in addresses(register)
        ]
    asked += [f"/o/acme/satisfaction/{query}" for query in ("", f"?segment={WORDS[0]}", f"?segment={WORDS[1]}")]
    asked += ["/o/acme/", f"/o/acme/search/?q={WORDS[0]}"]
    Membership.objects.filter(organization=linked, user=people.auditor).update(
        sub_clauses=letters, sites=list(scope.sites)
    )
    browser, found = client_of(people.auditor), []
    for word in WORDS:
        write(linked, word, scope)
        found.append(answers(browser, asked))
    differing = [address for address in asked if found[0][address] != found[1][address]]
    assert differing == []
    assert sum(status == 200 for status, _body in found[0].values()) > len(asked) * 0.9
