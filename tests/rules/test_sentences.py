"""A sentence means its numbers: what a statement says it is about is what it counts, worked out here by hand from plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from actions.models import Action
from clauses.assertion import Assertion, Period, Result, assertions
from clauses.evaluation import Outcome, ask, evaluate
from customerfocus.demonstration.build import build
from feedback.models import Complaint, Enhancement, FeedbackItem
from organizations.models import Edition, Organization, Targets
from organizations.scope import in_organization
from requirements_registry.models import Acknowledgement, ConformityCheck, InterestedParty, Requirement
from reviews.models import SignOff
from risks.models import ContextIssue, Opportunity, Risk
from tests.support.factories import make
from tests.support.moments import standing_clock

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 24)
SUMMER = Period(date(2026, 7, 1), date(2026, 9, 30))


def rows(model: Any) -> list[Any]:
    """All rows that aren't archived."""
    return [row for row in model.objects.all() if row.archived_at is None]


def active() -> list[Any]:
    held = [row for row in rows(Requirement) if row.status == "active"]
    return [row for row in held if row.effective_on is None or row.effective_on <= TODAY]


def opened(model: Any) -> list[Any]:
    return [row for row in rows(model) if row.status == "open" and row.determined_on <= TODAY]


def in_summer(moment: datetime) -> bool:
    return datetime(2026, 6, 30, 22, tzinfo=UTC) <= moment < datetime(2026, 9, 24, 22, tzinfo=UTC)


def critical() -> list[Any]:
    return [row for row in active() if row.criticality == "critical"]


def treated() -> list[Any]:
    done = {a.origin for a in rows(Action) if a.status == "done" and a.done_on <= TODAY}
    return [row for row in opened(Risk) if row.reference in done]


def complaints() -> list[Any]:
    begun = datetime(2026, 6, 30, 22, tzinfo=UTC)
    return [c for c in rows(Complaint) if in_summer(c.received_at) or (c.received_at < begun and (c.closed_at is None or c.closed_at >= begun))]  # fmt: skip


def enhancements() -> list[Any]:
    first = SUMMER.first
    earlier = [e for e in rows(Enhancement) if e.done_on < first and (e.measured_on is None or e.measured_on >= first)]
    return [e for e in rows(Enhancement) if first <= e.done_on <= TODAY] + earlier


def providers() -> list[Any]:
    found = []
    for party in (p for p in rows(InterestedParty) if p.relevant and p.kind == "external_provider"):
        reviews = sorted((r.reviewed_on, r.pk, r.is_key) for r in party.supplier_reviews.all() if r.archived_at is None)
        found += [party] if not reviews or reviews[-1][2] else []
    return found


def customers(key: bool) -> list[Any]:
    found = [p for p in rows(InterestedParty) if p.relevant and p.kind in ("customer", "end_user")]
    return [p for p in found if p.is_key_customer] if key else found


#: For each statement, the words of its sentence that say what it is about, and those rows by hand.
ABOUT: dict[str, tuple[str, Callable[[], list[Any]]]] = {
    "a1": ("Every active requirement", active),
    "a2": ("Every active requirement", active),
    "a3": ("Every relevant interested party", lambda: [p for p in rows(InterestedParty) if p.relevant]),
    "a4": (
        "Every statutory or regulatory requirement that is active or was set aside",
        lambda: [
            r
            for r in rows(Requirement)
            if r.kind in ("statutory", "regulatory") and r.status in ("active", "not_applicable")
        ],
    ),
    "a8": ("Every owner of an active requirement", lambda: [r for r in active() if r.owner_id]),
    "a9": ("every critical requirement", critical),
    "a12": ("Every active requirement", active),
    "a13": (
        "the conformity checks of the last twelve months",
        lambda: [c for c in rows(ConformityCheck) if date(2025, 9, 25) <= c.checked_on <= TODAY],
    ),
    "a14": (
        "No active requirement",
        lambda: [r for r in active() if any(c.archived_at is None and c.checked_on <= TODAY for c in r.checks.all())],
    ),
    "b1": ("Internal and external issues", lambda: rows(ContextIssue)),
    "b2": ("Every open risk", lambda: opened(Risk)),
    "b3": ("Every open risk", lambda: opened(Risk)),
    "b4": ("Every critical requirement", critical),
    "b5": ("Opportunities", lambda: rows(Opportunity)),
    "b6": ("Every relevant external provider, other than those found not to be key suppliers", providers),
    "b8": ("Every open risk", lambda: opened(Risk)),
    "b9": ("No action", lambda: rows(Action)),
    "b12": ("Every open risk with a finished action", treated),
    "b13": ("Every opportunity that is pursued", lambda: [o for o in rows(Opportunity) if o.response == "pursue"]),
    "b14": ("Every open opportunity", lambda: opened(Opportunity)),
    "b15": ("Every open opportunity", lambda: opened(Opportunity)),
    "c1": ("Every relevant customer", lambda: customers(key=False)),
    "c2": ("Every relevant key customer", lambda: customers(key=True)),
    "c3": (
        "survey",
        lambda: [
            f
            for f in rows(FeedbackItem)
            if f.source == "survey" and f.normalized is not None and in_summer(f.collected_at)
        ],
    ),
    "c5": ("Complaints received in the period, or open at some time in it", complaints),
    "c9": (
        "Enhancements were made in the period, and their effect, and that of earlier ones not measured",
        enhancements,
    ),
    "c10": (
        "Compliments of the period",
        lambda: [f for f in rows(FeedbackItem) if f.source == "compliment" and in_summer(f.collected_at)],
    ),
    "c13": (
        "the quarter before the one in which the judged day lies",
        lambda: [s for s in SignOff.objects.all() if s.period_to == date(2026, 6, 30) and not s.interim],
    ),
}


@pytest.fixture(scope="module")
def demo(kept_db: None) -> Iterator[Organization]:
    with standing_clock(datetime(2026, 9, 24, 8, tzinfo=UTC)):
        yield build(16, 1)


@pytest.mark.parametrize("assertion", list(assertions), ids=lambda assertion: assertion.code)
def test_a_statement_counts_what_its_sentence_speaks_of(demo: Organization, assertion: Assertion) -> None:
    words, by_hand = ABOUT[assertion.code]
    assert words in str(assertion.statement)
    with in_organization(demo):
        assert {row.pk for row in assertion.rows(ask(SUMMER))} == {row.pk for row in by_hand()}


def outcome(code: str, period: Period = SUMMER) -> Outcome:
    return next(each for each in evaluate(ask(period)).outcomes if each.code == code)


@pytest.mark.parametrize("code", [assertion.code for assertion in assertions])
def test_a_population_of_nobody_is_never_met(in_acme: Organization, code: str) -> None:
    found = outcome(code, Period(date(2026, 1, 1), date(2026, 12, 31)))
    assert found.result != Result.MET
    assert found.detail


def test_owners_who_still_have_days_have_not_acknowledged(in_acme: Organization, people: Any) -> None:
    make(Requirement, 1, status="active", owner=people.contributor)
    found = outcome("a8", Period(date(2026, 1, 1), date(2099, 12, 31)))
    assert (found.result, found.value, found.exceptions) == (Result.ATTENTION, "0/1", 0)
    assert "1 not acknowledged yet" in found.detail
    requirement = Requirement.objects.get()
    Acknowledgement(requirement=requirement, person=people.contributor, version=1, words="I see to it").save()
    assert outcome("a8", Period(date(2026, 1, 1), date(2099, 12, 31))).value == "1/1"


def test_a_risk_that_nobody_assessed_is_not_addressed(in_acme: Organization) -> None:
    make(Risk, 1)
    found = outcome("b8", Period(date(2026, 1, 1), date(2099, 12, 31)))
    assert (found.result, found.value, found.detail) == (Result.ATTENTION, "0/1", "1 never assessed")


def test_an_organization_born_today_owes_nothing_for_last_quarter(in_acme: Organization) -> None:
    with time_machine.travel(datetime(2026, 10, 20, 9, tzinfo=UTC), tick=False):
        Targets.objects.all()._raw_delete("default")
        Targets.objects.create(effective_from=date(2026, 10, 20))
        assert {each.result for each in evaluate(ask(SUMMER)).outcomes} == {Result.NO_EVIDENCE}
        found = outcome("c13", Period(date(2026, 10, 1), date(2026, 12, 31)))
        assert found.result == Result.NO_EVIDENCE
        assert "ended before the first day here" in found.detail


def test_the_default_edition_is_the_one_that_is_in_force(db: None) -> None:
    assert Organization().edition == Edition.ISO_9001_2015
    assert Edition.ISO_9001_2026.label == "ISO 9001:2026, final draft, publication not confirmed"


@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Action, "done_on"),
        (Action, "escalated_on"),
        (Enhancement, "done_on"),
        (Enhancement, "measured_on"),
        (FeedbackItem, "shared_on"),
    ],
)
def test_what_is_said_to_be_done_was_done_by_today(in_acme: Organization, model: Any, column: str) -> None:
    row = make(model, 1)
    setattr(row, column, in_acme.today() + timedelta(days=1))
    with pytest.raises(ValidationError, match="lies in the future"):
        row.full_clean()


def test_drafts_are_said_not_to_be_counted(in_acme: Organization, people: Any, client_of: Any) -> None:
    make(Requirement, 1, status="draft")
    make(Requirement, 2, status="draft")
    page = client_of(people.quality_manager).get("/o/acme/").content.decode()
    assert "2 requirements are drafts and not counted" in page
    assert 'href="/o/acme/requirements/?status=draft"' in page
