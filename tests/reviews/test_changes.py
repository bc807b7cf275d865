"""What has changed behind a signature: one change of each kind, told exactly so on the page, in the mail and for the pack."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from actions.models import Action
from clauses.assertion import Period
from clauses.models import NotApplicable
from evidence.services import attach
from organizations.models import Mail, Membership, Organization, Targets, User
from organizations.scope import in_organization
from registers.services import archive, restore, set_links
from requirements_registry.models import Acknowledgement, ConformityCheck, Requirement
from reviews.changes import LIMIT, changes_since
from reviews.facts import Fact
from reviews.mails import tell_signers
from reviews.packs import plain
from reviews.statement import Decision, NewAction
from risks.models import Risk, RiskAssessment
from tests.factories import make
from tests.guards import lifted
from tests.people import People
from tests.reviews.conftest import Sign
from tests.signing import everything_accepted
from trail import seals
from trail.actor import acting


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


def _archive(rows: Rows) -> Any:
    archive(rows.requirement, by=rows.people.quality_manager, reason="Recorded twice")


def _restore(rows: Rows) -> Any:
    restore(rows.archived, by=rows.people.quality_manager, reason="Still promised")


def _link(rows: Rows) -> Any:
    set_links(rows.risk, "requirements", [rows.archived, rows.requirement])


def _unlink(rows: Rows) -> Any:
    set_links(rows.risk, "requirements", [])


def _check(rows: Rows) -> Any:
    return make(ConformityCheck, requirement=rows.requirement)


def _assess(rows: Rows) -> Any:
    return make(RiskAssessment, risk=rows.risk, likelihood=5, consequence=4)


def _acknowledge(rows: Rows) -> Any:
    return make(Acknowledgement, requirement=rows.requirement, person=rows.people.contributor)


def _attach(rows: Rows) -> Any:
    return attach(rows.requirement, SimpleUploadedFile("curve.txt", b"1 2 3"), by=rows.people.quality_manager)


def _target(rows: Rows) -> Any:
    return Targets.objects.create(effective_from=date(2026, 11, 1), conformity_target=99)


def _switch_off(rows: Rows) -> Any:
    return NotApplicable.objects.create(code="b6", reason="No supplier matters")


#: kind of change → (how it is made, subject, its words, field → (old, new))
KINDS: dict[str, tuple[Callable[[Rows], Any], str, str, dict[str, tuple[str, str]]]] = {
    "created": (_create, "ACT-0001", "created", {}),
    "changed": (_change, "REQ-0001", "changed", {"Title": ("Flow at duty point", "Flow and head at duty point")}),
    "archived": (_archive, "REQ-0001", "archived", {}),
    "restored": (_restore, "REQ-0002", "restored", {}),
    "linked": (_link, "RSK-0001", "linked to REQ-0001 Flow at duty point", {}),
    "unlinked": (_unlink, "RSK-0001", "no longer linked to REQ-0002 Old promise", {}),
    "check": (_check, "CHK-0001", "created", {}),
    "added": (_assess, "RSK-0001", "risk assessment added", {"Likelihood": ("", "5"), "Consequence": ("", "4")}),
    "acknowledged": (_acknowledge, "REQ-0001", "acknowledgement added", {"Person": ("", "Contributor")}),
    "attached": (_attach, "REQ-0001", "attachment added: curve.txt", {}),
    "targets": (_target, "", "targets set from 2026-11-01 on", {"Conformity target": ("95", "99")}),
    "switched_off": (_switch_off, "", "b6 switched off", {"Reason": ("", "No supplier matters")}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_one_change_of_each_kind_is_told_exactly_so(
    kind: str, rows: Rows, sign: Sign, client_of: Callable[..., Client], director: User
) -> None:
    make_change, subject, words, fields = KINDS[kind]
    signed = sign()
    assert not changes_since(signed)
    with acting(rows.people.quality_manager):
        make_change(rows)
    changes = changes_since(signed)
    told = _of(changes.facts, subject, words)
    assert told.who == "Quality Manager"
    shown = {change.field: (change.old, change.new) for change in told.changes}
    assert fields.items() <= shown.items()

    page = client_of(director).get(signed.get_absolute_url()).content.decode()
    assert f"<strong>Quality Manager</strong> {words} <time" in page
    for old, new in fields.values():
        assert f"</span>{old or '–'}</del>" in page
        assert f"</span>{new}</ins>" in page

    assert tell_signers() == 1
    mail = Mail.objects.get()
    assert mail.to == director.email and f"\n{subject}" in mail.text and f"Quality Manager: {words}" in mail.text
    for field, (old, new) in fields.items():
        assert f"{field}: {old or '–'} → {new}" in mail.text

    packed = plain(signed)["changes"]
    assert [(fact["subject"], fact["what"]) for fact in packed["facts"]] == [(f.subject, f.what) for f in changes.facts]
    assert packed["count"] == changes.total


def _of(facts: tuple[Fact, ...], subject: str, words: str) -> Fact:
    found = [fact for fact in facts if (fact.subject, fact.what) == (subject, words)]
    assert len(found) == 1, [(fact.subject, fact.what) for fact in facts]
    return found[0]


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
    assert [fact.subject for fact in changes_since(signed).facts] == ["REQ-0001"]


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
    assert [fact.what for fact in changes_since(signed).facts] == ["changed"]


def test_a_membership_that_ended_and_a_site_that_was_named_are_changes_too(
    sign: Sign, people: People, in_acme: Organization
) -> None:
    signed = sign()
    membership = Membership.objects.get(user=people.contributor)
    membership.valid_until = in_acme.today()
    membership.save()
    assert [(fact.kind, fact.what) for fact in changes_since(signed).facts] == [("people", "membership changed")]


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


def test_facts_of_one_row_stand_together(rows: Rows, sign: Sign) -> None:
    signed = sign()
    _change(rows)
    _attach(rows)
    _create(rows)
    changes = changes_since(signed)
    assert sorted((named.subject, len(facts)) for named, facts in changes.rows) == [("ACT-0001", 1), ("REQ-0001", 2)]


def test_beyond_the_limit_changes_are_counted(rows: Rows, sign: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviews.changes.LIMIT", 3)
    signed = sign()
    for number in range(5):
        make(Action, number)
    changes = changes_since(signed)
    assert (len(changes.facts), changes.total, changes.more) == (3, 5, 2)
    seals.seal()
    assert [fact.title for fact in changes_since(signed).facts] == [fact.title for fact in changes.facts]
    assert LIMIT > 3


def test_many_changes_ask_no_more_often_than_few(rows: Rows, sign: Sign, monkeypatch: pytest.MonkeyPatch) -> None:
    signed = sign()
    monkeypatch.setattr("reviews.changes.evaluated_lately", lambda period: signed.content["evaluation"])

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
