"""The list of a gap: it says why of each row, who is to mend it, lets it be mended there, and leads on to the next gap."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations.models import Membership, Organization
from organizations.roles import Role
from requirements_registry.models import InterestedParty, Requirement
from tests.people import People
from tests.support.factories import make

pytestmark = pytest.mark.django_db
LIST = "/o/acme/requirements/?assertion=a1"


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


def requirement(number: int, organization: Organization, people: People, **values: Any) -> Requirement:
    """A requirement that can be traced, but for what is given."""
    complete = {
        "status": "active",
        "source": "Order 4711",
        "kind": "customer",
        "effective_on": organization.today(),
        "owner": people.contributor,
        "interested_party": InterestedParty.objects.first() or make(InterestedParty),
        "criticality": "low",
    }
    found: Requirement = make(Requirement, number, **complete | values)
    return found


def said(page: Any) -> str:
    """A page's text, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).split())


def test_each_row_says_why_what_and_who(in_acme: Organization, people: People, manager: Client) -> None:
    requirement(1, in_acme, people)
    requirement(2, in_acme, people, source="", criticality="critical")
    requirement(3, in_acme, people, owner=None)
    text = said(manager.get(LIST))
    assert "2 of 3 fall short. 1 of them is critical." in text
    assert "All reasons 2 No source is named 1 Nobody owns it 1" in text
    rows = text.partition("Who is to mend it")[2]
    assert re.search(r"Nobody owns it Owner not given Mend REQ-\d+ Nobody yet Assign", rows)
    assert re.search(r"No source is named Source not given Mend REQ-\d+ Contributor", rows)


def test_a_reason_narrows_the_list(in_acme: Organization, people: People, manager: Client) -> None:
    rows = [requirement(1, in_acme, people, source=""), requirement(2, in_acme, people, owner=None)]
    for reason, shown in (("no-source", [True, False]), ("no-owner", [False, True]), ("nothing", [False, False])):
        text = said(manager.get(f"{LIST}&reason={reason}"))
        assert [row.reference in text for row in rows] == shown


def test_an_owner_whose_membership_ended_is_nobody(in_acme: Organization, people: People, manager: Client) -> None:
    requirement(1, in_acme, people)
    Membership.objects.filter(user=people.contributor).update(valid_until=in_acme.today() - timedelta(days=1))
    text = said(manager.get(LIST))
    assert "Its owner isn’t a member" in text or "Its owner isn&#x27;t a member" in text
    assert "Nobody yet" in text


def test_a_row_is_mended_in_its_place_and_the_list_leads_on(
    in_acme: Organization, people: People, manager: Client
) -> None:
    first, second = (requirement(number, in_acme, people, source="") for number in (1, 2))
    opened = manager.get(f"{LIST}&mend={second.reference}")
    assert opened.content.count(b'id="mend"') == 1
    assert b'name="source"' in opened.content
    sent = manager.post(
        f"/o/acme/statements/a1/{second.reference}/?assertion=a1",
        {"source": "EN 809", "revision": second.revision, "next": "1"},
    )
    assert sent.status_code == 302, said(sent)
    assert sent["Location"] == f"/o/acme/requirements/?assertion=a1&mend={first.reference}"
    second.refresh_from_db()
    assert second.source == "EN 809"
    assert second.history.first().history_change_reason == "Mended in the list of a1"
    after = manager.get(sent["Location"])
    assert second.reference not in said(after).partition("Who is to mend it")[2]


def test_what_is_wrong_is_said_and_nothing_is_written(in_acme: Organization, people: People, manager: Client) -> None:
    row = requirement(1, in_acme, people, effective_on=None)
    address = f"/o/acme/statements/a1/{row.reference}/?assertion=a1"
    for headers, status in (({}, 422), ({"HX-Request": "true"}, 200)):
        answer = manager.post(address, {"effective_on": "yesterday", "revision": row.revision}, headers=headers)
        assert answer.status_code == status
        assert "Enter a valid date" in said(answer)
    assert answer["HX-Retarget"] == "#mend"
    row.refresh_from_db()
    assert row.effective_on is None


def test_who_saves_second_is_shown_both_versions(in_acme: Organization, people: People, manager: Client) -> None:
    row = requirement(1, in_acme, people, source="")
    address = f"/o/acme/statements/a1/{row.reference}/?assertion=a1"
    seen = row.revision
    row.revision, row.guidance = seen + 1, "See the drawing."
    row.save()
    answer = manager.post(address, {"source": "EN 809", "revision": seen})
    assert (answer.status_code, "Somebody else saved this in the meantime" in said(answer)) == (409, True)
    assert manager.post(address, {"source": "EN 809", "revision": seen, "overwrite": seen + 1}).status_code == 302
    row.refresh_from_db()
    assert row.source == "EN 809"


def test_only_what_falls_short_is_mended_and_only_by_whom_it_may(
    in_acme: Organization, people: People, manager: Client, client_of: Callable[..., Client]
) -> None:
    row = requirement(1, in_acme, people, source="", owner=people.top_management)
    address = f"/o/acme/statements/a1/{row.reference}/?assertion=a1"
    manager.post(address, {"source": "EN 809", "title": "Something else", "revision": row.revision})
    title = row.title
    row.refresh_from_db()
    assert (row.source, row.title) == ("EN 809", title)
    for person in (people.contributor, people.auditor, people.top_management):
        assert client_of(person).post(address, {"source": "X", "revision": row.revision}).status_code == 403
        assert "Mend " not in said(client_of(person).get(LIST))


def test_who_owns_a_row_may_mend_it(in_acme: Organization, people: People, client_of: Callable[..., Client]) -> None:
    row = requirement(1, in_acme, people, source="")
    sent = client_of(people.contributor).post(
        f"/o/acme/statements/a1/{row.reference}/?assertion=a1", {"source": "EN 809", "revision": row.revision}
    )
    row.refresh_from_db()
    assert (sent.status_code, row.source) == (302, "EN 809")


def test_what_needs_another_page_leads_there_and_back(
    in_acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    row = requirement(1, in_acme, people, check_days=1)
    page = client_of(people.quality_manager).get("/o/acme/requirements/?assertion=a12")
    back = quote("/o/acme/requirements/?assertion=a12", safe="")
    assert f"/o/acme/checks/new/?requirement={row.reference}&amp;back={back}" in page.content.decode()
    # Nobody is led to somebody else's page.
    acknowledge = f"/o/acme/requirements/{row.reference}/acknowledge/"
    for where, leads in ((back, "/o/acme/requirements/?assertion=a12"), ("//evil.example/", None)):
        sent = client_of(people.contributor).post(
            f"{acknowledge}?back={where}", {"words": "Every pump leaves with its record.", "version": row.version}
        )
        assert sent.status_code == 302
        assert sent["Location"] == (leads or f"/o/acme/requirements/{row.reference}/")


def test_the_export_has_the_reasons(in_acme: Organization, people: People, manager: Client) -> None:
    row = requirement(1, in_acme, people, source="", owner=None)
    for columns in ("", "&columns=reference"):
        answer = manager.get(f"/o/acme/requirements/export.csv?assertion=a1{columns}")
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[arg-type]
        (found,) = csv.DictReader(text.splitlines())
        assert found["Reference"] == row.reference
        assert found["Why"] == "No source is named; Nobody owns it"
        assert found["Who is to mend it"] == "Nobody yet"


def test_the_next_gap_is_one_click_away(in_acme: Organization, people: People, manager: Client) -> None:
    requirement(1, in_acme, people, source="", last_reviewed_on=None)
    page = manager.get(LIST)
    assert b"Next gap" in page.content
    assert re.search(rb'href="/o/acme/requirements/\?assertion=a2&amp;period=\d{4}-Q\d"[^>]*>Next gap', page.content)
    assert re.search(r"Gap 1 of \d+", said(page))


def test_it_costs_as_many_queries_however_many_rows_fall_short(
    in_acme: Organization, people: People, manager: Client
) -> None:
    counted = []
    for numbers in (range(1, 4), range(4, 24)):
        for number in numbers:
            requirement(number, in_acme, people, source="", owner=None)
        manager.get(LIST)
        with CaptureQueriesContext(connection) as captured:
            manager.get(LIST)
        counted.append(len(captured))
    assert counted[0] == counted[1]


def test_top_management_sees_its_own_part(
    in_acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    row = requirement(1, in_acme, people, criticality="critical")
    row.acknowledge_from = in_acme.today() - timedelta(days=100)
    row.save()
    text = said(client_of(people.top_management).get("/o/acme/requirements/?assertion=a9"))
    assert re.search(r"days late, due .* Version 1 Acknowledge REQ-\d+ Top management", text)
    assert Role.TOP_MANAGEMENT.label == "Top management"
