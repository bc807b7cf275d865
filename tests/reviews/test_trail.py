"""The trail as people read it: what is listed, narrowed, proved, and kept from whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Action
from evidence.services import attach
from organizations import clock
from organizations.models import Membership, Organization, User
from organizations.scope import in_organization
from requirements_registry.models import Requirement
from reviews.audit_log import PAGE, Sought, kinds, trail
from tests.people import People
from tests.support.factories import make
from tests.trail import sealed
from trail.actor import acting
from trail.models import Leaf, record_event
from trail.sealing import seals

pytestmark = pytest.mark.usefixtures("in_acme")
Browser = Callable[[User | None], Client]


@pytest.fixture
def requirement(people: People, monkeypatch: pytest.MonkeyPatch) -> Requirement:
    """A requirement that two people changed, attached a file to and exported, one after the other; sealed."""
    monkeypatch.setattr("trail.history.written_at", clock.now)
    with acting(people.quality_manager):
        row: Requirement = make(Requirement, 1, title="Flow at duty point")
    with acting(people.contributor):
        row.title = "Flow and head at duty point"
        row.save()
        attach(row, SimpleUploadedFile("curve.txt", b"1 2 3"), by=people.contributor)
        record_event("exported", row.reference)
        make(Action, title="Something else")
    seals.seal()
    return row


def said(sought: Sought) -> list[tuple[str, str]]:
    return [(entry.subject, entry.what) for entry in trail(sought)[0]]


def test_a_reference_finds_its_versions_files_and_events_newest_first(requirement: Requirement) -> None:
    events = [("REQ-0001", "exported")]
    assert [each for each in said(Sought(reference="REQ-0001")) if each not in events] == [
        ("REQ-0001", "attachment added: curve.txt"),
        ("REQ-0001", "changed"),
        ("REQ-0001", "created"),
    ]
    assert set(events) < set(said(Sought(reference="REQ-0001")))


def test_an_entry_says_what_changed_and_where_it_is_proved(requirement: Requirement) -> None:
    changed = next(entry for entry in trail(Sought(reference="REQ-0001"))[0] if entry.what == "changed")
    assert [(change.old, change.new) for change in changed.changes] == [
        ("Flow at duty point", "Flow and head at duty point")
    ]
    assert changed.who == "Contributor" and changed.title == "Flow and head at duty point"
    assert "lead from it to the signed head" in changed.proof and f"{changed.index:,}" in changed.proof


def test_a_person_finds_what_they_did(requirement: Requirement, people: People) -> None:
    assert said(Sought(person=people.quality_manager.pk, reference="REQ-0001")) == [("REQ-0001", "created")]
    assert ("REQ-0001", "created") not in said(Sought(person=people.contributor.pk))


def test_a_kind_finds_rows_of_its_table(requirement: Requirement) -> None:
    tables = {name: table for table, name in kinds()}
    assert said(Sought(table=tables["Attachments"])) == [("REQ-0001", "attachment added: curve.txt")]
    assert ("REQ-0001", "exported") in said(Sought(table=tables["Acts that change no row"]))


def test_days_are_those_of_sealing(requirement: Requirement) -> None:
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=3)):
        make(Action, title="Later")
        seals.seal()
    later = said(Sought(starts=now + timedelta(days=1)))
    assert ("ACT-0002", "created") in later and ("REQ-0001", "created") not in later
    earlier = said(Sought(ends=now + timedelta(days=1)))
    assert ("ACT-0002", "created") not in earlier and ("REQ-0001", "created") in earlier


def test_every_kind_of_row_is_told_in_words() -> None:
    told: dict[int, str] = {}
    with in_organization(sealed.furnish()):
        before = None
        while told == {} or before is not None:
            entries, before = trail(Sought(before=before))
            told |= {entry.index: entry.what for entry in entries}
        kinds_told = set(Leaf.objects.filter(index__in=told).values_list("source", flat=True))
    assert all(told.values())
    assert kinds_told == {table for table, _name in kinds()}


def test_what_is_not_sealed_is_not_listed_yet(requirement: Requirement) -> None:
    make(Action, title="Not sealed yet")
    assert ("ACT-0002", "created") not in said(Sought())


def test_pages_hold_every_entry_once(requirement: Requirement) -> None:
    for number in range(PAGE):
        make(Action, title=f"Action {number}")
    seal, found, before = seals.seal(), [], None
    while True:
        entries, before = trail(Sought(before=before))
        found += [entry.index for entry in entries]
        if before is None:
            break
    assert len(found) > PAGE and sorted(found) == list(range(seal.size))


def test_the_other_organization_is_not_listed(requirement: Requirement, other: Organization) -> None:
    with in_organization(other):
        make(Requirement, 1, title="Theirs")
        seals.seal()
    assert "Theirs" not in {entry.title for entry in trail(Sought(reference="REQ-0001"))[0]}


def test_more_rows_ask_no_more_often(requirement: Requirement) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            trail(Sought())
        return len(captured)

    few = asked()
    for number in range(20):
        make(Requirement, 100 + number)
        make(Action, title=f"Action {number}")
    seals.seal()
    assert asked() <= few


def test_the_page_keeps_what_is_looked_for_over_its_pages(
    requirement: Requirement, people: People, client_of: Browser
) -> None:
    for number in range(PAGE + 1):
        requirement.title = f"Title {number}"
        requirement.save()
    seals.seal()
    browser = client_of(people.auditor)
    page = browser.get("/o/acme/trail/?reference=req-0001")
    older = page.context["older_url"]
    assert "reference=req-0001" in older and "before=" in older
    assert browser.get(f"/o/acme/trail/{older}").context["entries"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("first=2026-02-30", "Enter a valid date."),
        ("first=2026-03-01&last=2026-02-01", "The last day is before the first."),
        ("table=auth_user", "Select a valid choice."),
        ("person=0", "Select a valid choice."),
    ],
)
def test_what_cannot_be_looked_for_is_said_and_shows_nothing(
    query: str, words: str, requirement: Requirement, people: People, client_of: Browser
) -> None:
    page = client_of(people.quality_manager).get(f"/o/acme/trail/?{query}")
    assert page.status_code == 200
    assert words in page.content.decode() and page.context["entries"] == []


def test_nothing_recorded_says_when_there_will_be_something(people: People, client_of: Browser) -> None:
    assert "Nothing has been sealed yet" in client_of(people.quality_manager).get("/o/acme/trail/").content.decode()


def test_an_auditor_whose_access_is_confined_does_not_see_it(
    requirement: Requirement, people: People, client_of: Browser
) -> None:
    membership = Membership.objects.get(user=people.auditor)
    membership.sub_clauses, membership.valid_from = "a", date(2020, 1, 1)
    membership.save()
    assert client_of(people.auditor).get("/o/acme/trail/").status_code == 404
