"""What has changed behind a signature, found by the tree and not by the clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Action
from clauses.assertion import Period
from evidence.services import attach
from organizations.models import Membership, Organization, User
from organizations.scope import in_organization
from registers.services import archive, set_links
from requirements_registry.models import Requirement
from reviews.sign_off.changes import LIMIT, changes_since
from reviews.sign_off.statement import Decision, NewAction
from risks.models import Risk, RiskAssessment
from tests.people import People
from tests.reviews.conftest import Sign
from tests.support.factories import make
from tests.support.sign_off import everything_accepted
from tests.support.triggers import lifted
from trail.actor import acting
from trail.sealing import seals


@dataclass
class Rows:
    """What was there when it was signed."""

    people: People
    requirement: Requirement
    archived: Requirement
    risk: Risk


@pytest.fixture
def rows(people: People, in_acme: Organization) -> Rows:
    """Rows to be changed after the signature."""
    with acting(people.quality_manager):
        requirement = make(Requirement, 1, title="Flow at duty point", status="active", applicable="yes")
        archived = make(Requirement, 2, title="Old promise")
        risk = make(Risk, 1)
        set_links(risk, "requirements", [archived])
        archive(archived, by=people.quality_manager, reason="Out of date")
    return Rows(people, requirement, archived, risk)


def _create(rows: Rows) -> Any:
    return make(Action, title="Measure again")


def _change(rows: Rows) -> Any:
    rows.requirement.title = "Flow and head at duty point"
    rows.requirement._change_reason = "Customer asked"
    rows.requirement.save()


def _attach(rows: Rows) -> Any:
    return attach(rows.requirement, SimpleUploadedFile("curve.txt", b"1 2 3"), by=rows.people.quality_manager)


def test_a_change_before_the_signature_is_none_since(rows: Rows, sign: Sign) -> None:
    _change(rows)
    assert not changes_since(sign())


def test_a_version_that_commits_late_is_found_whatever_its_date(rows: Rows, sign: Sign) -> None:
    signed = sign()
    with time_machine.travel(timezone.now() - timedelta(days=30)):
        _change(rows)
    assert changes_since(signed).total == 1
    seals.seal()
    assert changes_since(signed).total == 1


def test_a_version_with_an_earlier_key_is_found_once_it_is_sealed(rows: Rows, sign: Sign) -> None:
    """As where a transaction took its keys before others and committed after them."""
    table = Requirement.history.model._meta.db_table
    with lifted(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET history_id = history_id + 1000")
        signed = sign()
        _change(rows)
        cursor.execute(f"UPDATE {table} SET history_id = 500 WHERE history_change_reason = 'Customer asked'")
    seals.seal()
    assert [entry.subject for entry in changes_since(signed).entries] == ["REQ-0001"]


def test_changes_of_the_other_organization_are_not_ours(rows: Rows, sign: Sign, other: Organization) -> None:
    signed = sign()
    with in_organization(other):
        make(Action, owner=None)
        seals.seal()
    other.name = "Other Valves and Fittings"
    other.save()
    Membership.objects.get(organization=other, role="administrator").save()
    assert not changes_since(signed)


def test_an_action_decided_on_while_signing_is_no_change_but_what_becomes_of_it_is(
    sign: Sign, last_quarter: Period, people: People, in_acme: Organization
) -> None:
    code = everything_accepted(last_quarter)["decisions"][0].code
    new = NewAction("Name the sources", people.contributor, in_acme.today())
    signed = sign(decisions={code: Decision(code, action=new)})
    assert changes_since(signed).total == 0
    action = Action.objects.get()
    action.title = "Name some sources"
    action.save()
    assert [entry.what for entry in changes_since(signed).entries] == ["changed"]


def test_a_membership_that_ended_and_a_site_that_was_named_are_changes_too(
    sign: Sign, people: People, in_acme: Organization
) -> None:
    signed = sign()
    membership = Membership.objects.get(user=people.contributor)
    membership.valid_until = in_acme.today()
    membership.save()
    assert [(entry.kind, entry.what) for entry in changes_since(signed).entries] == [("people", "membership changed")]


def test_looking_downloading_and_signing_are_no_changes(
    sign: Sign, chair: User, director: User, client_of: Any
) -> None:
    signed = sign()
    browser = client_of(director)
    browser.get("/o/acme/actions/export.csv")
    sign(by=chair)
    assert not changes_since(signed)


def test_results_that_differ_now_are_told_then_and_now(rows: Rows, sign: Sign) -> None:
    signed = sign()
    make(Action, title="Late", due_on=timezone.localdate() - timedelta(days=90))
    changes = changes_since(signed)
    assert ("b9", "no evidence", "gap") in {(each.code, each.before, each.after) for each in changes.results}
    assert changes.by_time == ()


def test_results_that_differ_because_time_passed_are_told_apart(rows: Rows, sign: Sign, this_quarter: Period) -> None:
    due = timezone.localdate() + timedelta(days=3)
    make(Action, title="Soon due", due_on=due)
    signed = sign(this_quarter, interim=True)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        changes = changes_since(signed)
    assert changes.results == ()
    assert ("b9", "attention", "gap") in {(each.code, each.before, each.after) for each in changes.by_time}


def test_entries_of_one_row_stand_together(rows: Rows, sign: Sign) -> None:
    signed = sign()
    _change(rows)
    _attach(rows)
    _create(rows)
    changes = changes_since(signed)
    assert sorted((named.subject, len(entries)) for named, entries in changes.rows) == [
        ("ACT-0001", 1),
        ("REQ-0001", 2),
    ]


def test_beyond_the_limit_changes_are_counted(rows: Rows, sign: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.sign_off.changes.LIMIT", 3)
    signed = sign()
    for number in range(5):
        make(Action, number)
    changes = changes_since(signed)
    assert (len(changes.entries), changes.total, changes.more) == (3, 5, 2)
    seals.seal()
    assert [entry.title for entry in changes_since(signed).entries] == [entry.title for entry in changes.entries]
    assert LIMIT > 3


def test_many_changes_ask_no_more_often_than_few(rows: Rows, sign: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign()
    monkeypatch.setattr("reviews.sign_off.changes.evaluated_lately", lambda period: signed.content["evaluation"])

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            changes_since(signed)
        return len(captured)

    def some(numbers: range) -> None:
        for number in numbers:
            make(RiskAssessment, number, risk=make(Risk, 100 + number))
            _change(rows)
            rows.requirement.title = f"Title {number}"
            rows.requirement.save()
            set_links(
                Risk.objects.get(reference=rows.risk.reference), "requirements", [make(Requirement, 500 + number)]
            )

    some(range(3))
    few = asked()
    some(range(3, 20))
    assert asked() <= few
