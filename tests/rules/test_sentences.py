"""A sentence means its numbers: what a statement says it is about is what it counts, worked out here by hand from plain rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from actions.models import Action
from clauses import periods
from clauses.assertion import Assertion, Period, Result, assertions
from clauses.evaluation import Outcome, ask, evaluate
from clauses.reasons import in_words
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
    "a1": ("Every requirement in force", active),
    "a2": ("Every requirement in force", active),
    "a3": ("Every relevant interested party", lambda: [p for p in rows(InterestedParty) if p.relevant]),
    "a4": (
        "Every statutory or regulatory requirement that is in force or was set aside",
        lambda: [
            r
            for r in rows(Requirement)
            if r.kind in ("statutory", "regulatory") and r.status in ("active", "not_applicable")
        ],
    ),
    "a8": ("Every owner of a requirement in force", lambda: [r for r in active() if r.owner_id]),
    "a9": ("every critical requirement", critical),
    "a12": ("Every requirement in force", active),
    "a13": (
        "the conformity checks of the last twelve months",
        lambda: [c for c in rows(ConformityCheck) if date(2025, 9, 25) <= c.checked_on <= TODAY],
    ),
    "a14": (
        "No requirement in force that was checked at least twice",
        lambda: [
            r for r in active() if sum(c.archived_at is None and c.checked_on <= TODAY for c in r.checks.all()) >= 2
        ],
    ),
    "b1": ("Internal and external issues", lambda: rows(ContextIssue)),
    "b2": ("Every open risk", lambda: opened(Risk)),
    "b3": ("Every open risk", lambda: opened(Risk)),
    "b4": ("Every critical requirement", critical),
    "b5": ("Opportunities", lambda: rows(Opportunity)),
    "b6": ("Every relevant external provider, other than those found not to be key suppliers", providers),
    "b8": ("Every open risk", lambda: opened(Risk)),
    "b9": ("Every open action", lambda: [a for a in rows(Action) if a.status in ("planned", "under_way")]),
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


def failed_twice() -> list[Any]:
    found = []
    for row in active():
        checks = [c for c in row.checks.all() if c.archived_at is None and c.checked_on <= TODAY]
        last = sorted(checks, key=lambda check: (check.checked_on, check.pk))[-2:]
        found += [row] if [check.result for check in last] == ["not_met", "not_met"] else []
    return found


def undated_or_late() -> list[Any]:
    begun = [a for a in rows(Action) if a.status in ("planned", "under_way")]
    return [a for a in begun if not a.due_on or (a.due_on < TODAY and not (a.escalated_on and a.escalation))]


def missed(complaint: Any, now: datetime) -> bool:
    for due, *steps in (
        (complaint.acknowledge_due_at, complaint.acknowledged_at, complaint.closed_at),
        (complaint.answer_due_at, complaint.responded_at, complaint.closed_at),
        (complaint.close_due_at, complaint.closed_at),
    ):
        if due < min([step for step in steps if step] + [now]):
            return True
    return bool(complaint.closed_at and not complaint.outcome_told)


def unmeasured(*, late: bool) -> list[Any]:
    open_ones = [e for e in enhancements() if e.measured_on is None]
    return [e for e in open_ones if (e.measure_due_on is None or e.measure_due_on < TODAY) == late]


def untouched(now: datetime) -> list[Any]:
    open_ones = [c for c in complaints() if not (c.acknowledged_at or c.responded_at or c.closed_at)]
    return [c for c in open_ones if c.acknowledge_due_at >= now]


NOW = datetime(2026, 9, 24, 8, tzinfo=UTC)
#: Of statements with rows that can't have fallen short yet: the exceptions, and those that wait, by hand.
BY_HAND: dict[str, tuple[Callable[[], list[Any]], Callable[[], list[Any]]]] = {
    "a14": (failed_twice, list),
    "b5": (lambda: [o for o in rows(Opportunity) if not o.response], list),
    "b9": (undated_or_late, list),
    "c5": (lambda: [c for c in complaints() if missed(c, NOW)], lambda: untouched(NOW)),
    "c9": (lambda: unmeasured(late=True), lambda: unmeasured(late=False)),
}


@pytest.mark.parametrize("code", BY_HAND)
def test_its_number_is_the_one_worked_out_by_hand(demo: Organization, code: str) -> None:
    with in_organization(demo):
        short, waiting = (each() for each in BY_HAND[code])
        total = len(ABOUT[code][1]())
        found = outcome(code)
        assert (found.exceptions, found.value) == (len(short), f"{total - len(short) - len(waiting)}/{total}")
        assert found.result == (Result.GAP if short else Result.ATTENTION if waiting or found.detail else Result.MET)


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


def test_a_check_failed_once_is_not_judged_by_the_statement_on_two(in_acme: Organization, people: Any) -> None:
    row = make(Requirement, 1, status="active")
    ConformityCheck.objects.create(requirement=row, checked_on=in_acme.today(), result="not_met")
    found = outcome("a14", periods.quarter_of(in_acme.today()))
    assert (found.result, found.value) == (Result.NO_EVIDENCE, "–")
    assert found.detail == "nothing to judge yet: no requirement was checked twice"


def test_an_open_action_without_a_due_date_is_not_on_time(in_acme: Organization) -> None:
    today = in_acme.today()
    make(Action, 1, status="cancelled")
    make(Action, 2, status="done", done_on=today)
    found = outcome("b9", periods.quarter_of(today))
    assert (found.result, found.detail) == (Result.NO_EVIDENCE, "nothing to judge: no action is open")
    make(Action, 3, status="planned", due_on=today + timedelta(days=90))
    assert outcome("b9", periods.quarter_of(today)).value == "1/1"
    undated = make(Action, 4, status="planned")
    found = outcome("b9", periods.quarter_of(today))
    assert (found.result, found.value, found.detail) == (Result.GAP, "1/2", "1 undated, or overdue and nobody told")
    explained = assertions["b9"].explained(ask(periods.quarter_of(today)), Action.objects.all())
    said = [in_words(assertions["b9"].reasons, each, today) for each in explained if each.pk == undated.pk]
    assert said == ["It has no due date"]


def test_closing_an_opportunity_is_no_decision_on_it(in_acme: Organization) -> None:
    make(Opportunity, 1, status="closed", closing_note="Gone", response="", determined_on=in_acme.today())
    found = outcome("b5", periods.quarter_of(in_acme.today()))
    assert (found.result, found.value) == (Result.GAP, "0/1")


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
    assert "in review and not counted" not in page
    make(Requirement, 3, status="in_review")
    page = client_of(people.quality_manager).get("/o/acme/").content.decode()
    assert "1 requirement is in review and not counted yet." in page
    assert 'href="/o/acme/requirements/?status=in_review"' in page
    tomorrow = in_acme.today() + timedelta(days=1)
    make(Requirement, 4, status="active", effective_on=tomorrow)
    make(Requirement, 5, status="active", effective_on=in_acme.today())
    page = client_of(people.quality_manager).get("/o/acme/").content.decode()
    assert "1 active requirement holds from a later day on and isn&#x27;t counted yet." in page
    address = f"/o/acme/requirements/?status=active&effective_on_after={tomorrow:%Y-%m-%d}"
    assert f'href="{address.replace("&", "&amp;")}"' in page
    assert client_of(people.quality_manager).get(address).context["page_obj"].count.number == 1
