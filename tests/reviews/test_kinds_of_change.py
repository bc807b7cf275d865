"""A sign-off, then one change of each kind behind it: the page, the mail and the pack tell exactly these."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from actions.models import Action
from clauses.models import NotApplicable
from evidence.services import attach
from organizations import clock
from organizations.models import Mail, Targets
from organizations.scope import in_organization
from registers.services import archive, restore, set_links
from requirements_registry.models import Acknowledgement, ConformityCheck, Requirement
from reviews.sign_off.changes import Changes, changes_since
from reviews.sign_off.mail import tell_signers
from reviews.sign_off.pack_document import as_json
from risks.models import Risk, RiskAssessment
from risks.models.scale import ensure_scale
from tests.people import People, make_organization, make_people
from tests.support.factories import make
from tests.support.sign_off import signed_off
from trail.actor import acting

pytestmark = pytest.mark.django_db


@dataclass
class Rows:
    """What was there when it was signed."""

    people: People
    requirement: Requirement
    archived: Requirement
    promised: Requirement
    outdated: Requirement
    risk: Risk
    linked: Risk


@dataclass(frozen=True)
class Told:
    """What is said of the changes: as entries, on the page, in the mail, in a pack."""

    changes: Changes
    page: str
    mail: str
    packed: dict[str, Any]


def _create(rows: Rows) -> Any:
    return make(Action, title="Measure again")


def _change(rows: Rows) -> Any:
    rows.requirement.title = "Flow and head at duty point"
    rows.requirement._change_reason = "Customer asked"
    rows.requirement.save()


def _archive(rows: Rows) -> Any:
    archive(rows.outdated, by=rows.people.quality_manager, reason="Recorded twice")


def _restore(rows: Rows) -> Any:
    restore(rows.archived, by=rows.people.quality_manager, reason="Still promised")


def _link(rows: Rows) -> Any:
    set_links(rows.risk, "requirements", [rows.promised])


def _unlink(rows: Rows) -> Any:
    set_links(rows.linked, "requirements", [])


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
    "archived": (_archive, "REQ-0004", "archived", {}),
    "restored": (_restore, "REQ-0002", "restored", {}),
    "linked": (_link, "RSK-0001", "linked to REQ-0003 Quiet at night", {}),
    "unlinked": (_unlink, "RSK-0002", "no longer linked to REQ-0003 Quiet at night", {}),
    "check": (_check, "CHK-0001", "created", {}),
    "added": (_assess, "RSK-0001", "risk assessment added", {"Likelihood": ("", "5"), "Consequence": ("", "4")}),
    "acknowledged": (_acknowledge, "REQ-0001", "acknowledgement added", {"Person": ("", "Contributor")}),
    "attached": (_attach, "REQ-0001", "attachment added: curve.txt", {}),
    "targets": (_target, "", "targets set from 2026-11-01 on", {"Conformity target": ("95", "99")}),
    "switched_off": (_switch_off, "", "b6 switched off", {"Reason": ("", "No supplier matters")}),
}


#: What changes along: a risk has the score of its latest assessment.
ALONG = [("RSK-0001", "changed")]


@pytest.fixture(scope="module")
def told(kept_db: None) -> Iterator[Told]:
    """A quarter signed off, every kind of change made behind it, and what is said of them."""
    acme = make_organization("acme", "Acme Pumps")
    people = make_people(acme, make_organization("other", "Other Valves"))
    with pytest.MonkeyPatch.context() as patch, in_organization(acme):
        for module in ("reviews.sign_off.snapshot", "reviews.sign_off.changes"):
            patch.setattr(f"{module}.FRESH", 0)
        patch.setattr("trail.history.written_at", clock.now)
        with acting(people.quality_manager):
            rows = _rows(people)
        signed = signed_off(people.top_management)
        assert not changes_since(signed)
        with acting(people.quality_manager):
            for change, *_rest in KINDS.values():
                change(rows)
        browser = Client()
        browser.force_login(people.top_management)
        page = browser.get(signed.get_absolute_url()).content.decode()
        assert tell_signers() == 1
        mail = Mail.objects.get()
        assert mail.to == people.top_management.email
        yield Told(changes_since(signed), page, mail.text, as_json(signed)["changes"])


def _rows(people: People) -> Rows:
    ensure_scale(date(2020, 1, 1))
    requirement = make(Requirement, 1, title="Flow at duty point", status="active", applicable="yes")
    archived, promised = make(Requirement, 2, title="Old promise"), make(Requirement, 3, title="Quiet at night")
    risk, linked = make(Risk, 1), make(Risk, 2)
    set_links(linked, "requirements", [promised])
    archive(archived, by=people.quality_manager, reason="Out of date")
    return Rows(people, requirement, archived, promised, make(Requirement, 4), risk, linked)


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_told_with_who_made_it_and_field_by_field(kind: str, told: Told) -> None:
    _change, subject, words, fields = KINDS[kind]
    (entry,) = (each for each in told.changes.entries if (each.subject, each.what) == (subject, words))
    assert entry.who == "Quality Manager"
    assert fields.items() <= {change.field: (change.old, change.new) for change in entry.changes}.items()


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_is_on_the_page_and_in_the_mail(kind: str, told: Told) -> None:
    _change, subject, words, fields = KINDS[kind]
    assert f"<strong>Quality Manager</strong> {words} <time" in told.page
    assert f"\n{subject}" in told.mail and f"Quality Manager: {words}" in told.mail
    for field, (old, new) in fields.items():
        assert f"</span>{old or '–'}</del>" in told.page and f"</span>{new}</ins>" in told.page
        assert f"{field}: {old or '–'} → {new}" in told.mail


def test_nothing_else_is_told(told: Told) -> None:
    expected = sorted([*ALONG, *((subject, words) for _change, subject, words, _fields in KINDS.values())])
    assert sorted((entry.subject, entry.what) for entry in told.changes.entries) == expected
    assert told.page.count("<strong>Quality Manager</strong>") == told.mail.count("Quality Manager: ") == len(expected)


def test_packs_tell_the_same(told: Told) -> None:
    packed = [(entry["subject"], entry["what"]) for entry in told.packed["facts"]]
    assert packed == [(entry.subject, entry.what) for entry in told.changes.entries]
    assert told.packed["count"] == told.changes.total == len([*KINDS, *ALONG])
