"""No page asks the database more often because there is more to show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from organizations import clock
from organizations.models import Organization
from organizations.scope import in_organization
from registers.register import Register, registry
from registers.services import set_links
from registers.views.list import ListRecords
from tests.people import People
from tests.rules.pages import organization_pages
from tests.support.factories import make, make_child, make_many
from trail.models import record_event
from trail.time_travel.moments import written

FEW, MANY = 3, 30
#: Pages without a register of their own that show rows.
ELSEWHERE = (
    "clauses:overview",
    "feedback:satisfaction",
    "risks:heat-map",
    "risks:opportunity-map",
    "packs:list",
    "packs:request",
    "reviews:sign-offs",
)


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    """The quality manager's browser."""
    return client_of(people.quality_manager)


def queries(client: Client, address: str) -> list[str]:
    """The statements that opening a page runs, the second time: the first fills caches."""
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(address)
        if response.streaming:
            b"".join(response.streaming_content)  # type: ignore[arg-type]
    assert response.status_code == 200, address
    return [query["sql"] for query in captured]


def ask(client: Client, base: str, pages: tuple[str, ...]) -> dict[str, list[str]]:
    """What each page asks."""
    return {page: queries(client, base + page) for page in pages}


def assert_no_more(before: dict[str, list[str]], after: dict[str, list[str]]) -> None:
    """Fewer is fine: what isn't on the page isn't asked for."""
    for page, statements in after.items():
        assert len(statements) <= len(before[page]), f"{page}:\n" + "\n".join(statements)


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_a_register_asks_no_more_often_for_many_rows(register: Register, acme: Organization, manager: Client) -> None:
    base, pages = (
        f"/o/acme/{register.slug}/",
        (
            "",
            f"?sort=-external_id,reference&group=site&total=sum&columns={','.join(register.bound)}",
            "?q=0001&archived=all",
            "export.csv",
            "export.xlsx",
            "suggest/?field=0",
        ),
    )
    with in_organization(acme):
        make_many(register, FEW)
    before = ask(manager, base, pages)
    with in_organization(acme):
        make_many(register, MANY, first=FEW + 1)
    assert_no_more(before, ask(manager, base, pages))


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_a_record_asks_no_more_often_for_all_that_hangs_on_it(
    register: Register, acme: Organization, manager: Client
) -> None:
    with in_organization(acme):
        record = make(register.model)
        hang_on(register, record, range(1, FEW + 1))
    base, pages = f"/o/acme/{register.slug}/{record.reference}/", ("", "edit/", "history/")
    before = ask(manager, base, pages)
    with in_organization(acme):
        hang_on(register, record, range(FEW + 1, MANY + 1))
    assert_no_more(before, ask(manager, base, pages))


def hang_on(register: Register, record: Any, numbers: range) -> None:
    """Versions, child rows, links, events and actions of a record."""
    for number in numbers:
        record.refresh_from_db()
        record.external_id = f"V-{number}"
        record.save()
        record_event("looked at", record.reference)
        make(Action, 5000 + number, origin=record.reference)
        for child in (child for child in register.children if child.form or child.register):
            make_child(child, record, number)
    for field in register.model._meta.many_to_many:
        linked = [make(field.related_model, 2000 + number, external_id=f"L-{number}") for number in numbers]  # type: ignore[arg-type]
        set_links(record, field.name, [*getattr(record, field.name).all(), *linked])


def test_other_pages_ask_no_more_often_for_many_rows(acme: Organization, manager: Client) -> None:
    routes = {page.name: str(page.pattern.pattern) for page in organization_pages()}
    base, pages = "/o/acme/", tuple(routes[name] for name in ELSEWHERE)
    furnish_registers(acme, FEW)
    before = ask(manager, base, pages)
    furnish_registers(acme, MANY, first=FEW + 1)
    assert_no_more(before, ask(manager, base, pages))


def test_pages_of_the_past_ask_no_more_often_for_many_rows(
    acme: Organization, manager: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ListRecords, "paginate_by", 1000)  # a list of several pages is counted, once
    furnish_registers(acme, FEW)
    pages = ("", "requirements/", "requirements/REQ-0001/", "requirements/export.csv", "heat-map/", "satisfaction/")
    before = ask(manager, f"/as-of/{written(clock.present())}/o/acme/", pages)
    furnish_registers(acme, MANY, first=FEW + 1)
    assert_no_more(before, ask(manager, f"/as-of/{written(clock.present())}/o/acme/", pages))


def furnish_registers(organization: Organization, count: int, first: int = 1) -> None:
    """So many rows in every register."""
    with in_organization(organization):
        for register in registry:
            make_many(register, count, first=first)
