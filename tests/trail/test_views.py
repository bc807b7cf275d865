"""What auditors look at is in the trail, once, and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organizations.models import Organization
from organizations.scope import in_organization
from registers.register import registry
from tests.people import People
from tests.rules.pages import furnish, organization_pages
from tests.rules.test_permissions import expected
from tests.support.factories import make
from trail.cache_version import position
from trail.models import Event


def told(acme: Organization, person: Any) -> list[tuple[str, str]]:
    with in_organization(acme):
        return list(Event.objects.filter(actor=person).order_by("pk").values_list("verb", "subject"))


def test_every_page_export_and_download_of_an_auditor_is_one_event(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    house, browser = furnish(acme, people), client_of(people.auditor)
    count = len(told(acme, people.auditor))
    for page in organization_pages():
        browser.get(house.address(page))
        count += expected(page, "auditor") == 200
        assert len(told(acme, people.auditor)) == count, page.name


def test_an_event_says_which_page_with_which_question(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        record = make(registry["actions"].model)
    browser = client_of(people.auditor)
    browser.get("/o/acme/actions/?q=pump&sort=title")
    browser.get(f"/o/acme/actions/{record.reference.lower()}/")
    with in_organization(acme):
        listed, shown = Event.objects.order_by("pk")
    assert (listed.verb, listed.subject, listed.data) == (
        "viewed",
        "actions-list",
        {"path": "/o/acme/actions/", "query": "q=pump&sort=title"},
    )
    assert shown.subject == record.reference


def test_what_an_auditor_may_not_see_and_what_others_see_is_no_view(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    for person in (people.quality_manager, people.contributor, people.top_management):
        client_of(person).get("/o/acme/actions/")
    client_of(people.auditor).get("/o/acme/people/")
    client_of(people.auditor).get("/o/acme/actions/ACT-9999/")
    with in_organization(acme):
        assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("current", "count"), [("/o/acme/actions/", 0), ("/o/acme/actions/?q=pump", 1), ("/o/acme/risks/", 1)]
)
def test_a_page_that_asks_for_itself_again_is_seen_once(
    acme: Organization, people: People, client_of: Callable[..., Client], current: str, count: int
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{current}"}
    client_of(people.auditor).get("/o/acme/actions/", headers=headers)
    assert len(told(acme, people.auditor)) == count


def test_looking_advances_no_position_and_is_no_part_of_a_records_timeline(
    acme: Organization, people: People, client_of: Callable[..., Client], django_capture_on_commit_callbacks: Any
) -> None:
    with in_organization(acme):
        record = make(registry["actions"].model)
        before = position()
    browser = client_of(people.auditor)
    with django_capture_on_commit_callbacks(execute=True):
        for _time in range(2):
            page = browser.get(f"/o/acme/actions/{record.reference}/")
    with in_organization(acme):
        assert position() == before
    assert [entry.what for entry in page.context["timeline"] if entry.kind == "event"] == []


def test_what_cannot_be_written_down_is_not_shown(
    acme: Organization, people: People, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("The disk is full.")

    monkeypatch.setattr("trail.middleware.record_view", refuse)
    browser = client_of(people.auditor)
    browser.raise_request_exception = False
    assert browser.get("/o/acme/actions/").status_code == 500
