"""The day on which a risk's review, decision or acceptance ends, and the score that equals the appetite."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from actions.models import Action
from clauses.assertion import Result
from organizations.models import Targets
from requirements_registry.models import InterestedParty
from risks.models import Acceptance, ContextIssue, NoSignificantRisk, Risk, SupplierReview
from tests.people import People
from tests.risks.conftest import accepted, assessed, fresh

#: Days of the targets that an organization begins with.
INTERVAL = 365
SOON = 14


@pytest.fixture(autouse=True)
def _intervals(inside: Any) -> None:
    found = Targets.objects.get()
    found.assessment_days = found.review_days = INTERVAL
    found.soon_days = SOON
    found.save()


def ended(risk: Risk, day: date) -> None:
    Action(title="Better seal", origin=risk.reference, status="done", done_on=day).save()


@pytest.mark.parametrize(("levels", "score", "above"), [((3, 3), 9, False), ((2, 5), 10, True), ((2, 4), 8, False)])
def test_a_score_equal_to_the_appetite_is_within_it(
    levels: tuple[int, int], score: int, above: bool, make_risk: Any, failing: Any
) -> None:
    """The appetite of the first scale is 9."""
    row = make_risk(levels)
    assert fresh(row).score == score
    assert failing("b8") == ([row] if above else [])


@pytest.mark.parametrize(
    ("days", "result"),
    [(SOON, Result.MET), (SOON - 1, Result.ATTENTION), (0, Result.ATTENTION)],
)
def test_an_acceptance_holds_up_to_its_last_day_and_is_soon_over_before_it(
    days: int, result: Result, make_risk: Any, people: People, outcome: Any
) -> None:
    accepted(make_risk((5, 5)), people, days=days)
    assert outcome("b8").result == result


@pytest.mark.parametrize(
    ("begins", "ends", "holds"), [(0, 0, True), (-9, 0, True), (0, 9, True), (1, 9, False), (-9, -1, False)]
)
def test_an_acceptance_is_in_force_on_its_first_day_and_on_its_last(
    begins: int, ends: int, holds: bool, make_risk: Any, people: People, today: date
) -> None:
    accepted(make_risk((5, 5), days_ago=30), people, days=ends, days_ago=-begins)
    assert Acceptance.objects.holding(today).exists() == holds


def test_an_acceptance_may_end_on_the_day_it_is_given_and_not_before(make_risk: Any, people: People) -> None:
    row = make_risk((5, 5))
    accepted(row, people, days=0)
    with pytest.raises(ValidationError, match="expired already"):
        accepted(row, people, days=-1)


def test_what_is_accepted_covers_the_same_score_and_none_that_is_higher(
    make_risk: Any, people: People, failing: Any
) -> None:
    row = make_risk((3, 4))
    accepted(row, people)
    assessed(row, (4, 3))
    assert failing("b8") == []
    assessed(row, (3, 5))
    assert failing("b8") == [row]


@pytest.mark.parametrize(
    ("days_ago", "result"),
    [
        (INTERVAL - SOON - 1, Result.MET),
        (INTERVAL - SOON, Result.ATTENTION),
        (INTERVAL, Result.ATTENTION),
        (INTERVAL + 1, Result.GAP),
    ],
)
def test_an_assessment_is_due_on_the_day_its_interval_ends(
    days_ago: int, result: Result, make_risk: Any, outcome: Any
) -> None:
    make_risk((2, 2), days_ago=days_ago, determined_on=date(2020, 1, 1))
    assert outcome("b3").result == result


@pytest.mark.parametrize(
    ("days_ago", "result"),
    [
        (INTERVAL - SOON - 1, Result.MET),
        (INTERVAL - SOON, Result.ATTENTION),
        (INTERVAL, Result.ATTENTION),
        (INTERVAL + 1, Result.GAP),
    ],
)
def test_a_supplier_is_due_on_the_day_its_interval_ends(
    days_ago: int, result: Result, inside: Any, today: date, outcome: Any
) -> None:
    supplier = InterestedParty(name="Seal Works", kind="external_provider")
    supplier.save()
    SupplierReview(supplier=supplier, reviewed_on=today - timedelta(days=days_ago), conclusion="Good").save()
    assert outcome("b6").result == result


@pytest.mark.parametrize(
    ("next_in", "result"),
    [(SOON + 1, Result.MET), (SOON, Result.ATTENTION), (0, Result.ATTENTION), (-1, Result.GAP)],
)
def test_a_supplier_is_due_on_the_day_that_its_last_review_named(
    next_in: int, result: Result, inside: Any, today: date, outcome: Any
) -> None:
    supplier = InterestedParty(name="Seal Works", kind="external_provider")
    supplier.save()
    reviewed, following = today - timedelta(days=400), today + timedelta(days=next_in)
    SupplierReview(supplier=supplier, reviewed_on=reviewed, next_review_on=following, conclusion="Good").save()
    assert outcome("b6").result == result


@pytest.mark.parametrize(
    ("days_ago", "result"),
    [
        (INTERVAL - SOON - 1, Result.MET),
        (INTERVAL - SOON, Result.MET),
        (INTERVAL - SOON + 1, Result.ATTENTION),
        (INTERVAL, Result.ATTENTION),
        (INTERVAL + 1, Result.GAP),
    ],
)
def test_a_decision_that_nothing_is_significant_holds_for_the_interval(
    days_ago: int, result: Result, requirement: Any, people: People, today: date, outcome: Any
) -> None:
    NoSignificantRisk(
        requirement=requirement,
        decided_on=today - timedelta(days=days_ago),
        decided_by=people.top_management,
        rationale="Tested to destruction.",
    ).save()
    assert outcome("b4").result == result


@pytest.mark.parametrize(("later", "result"), [(0, Result.MET), (1, Result.GAP), (-1, Result.MET)])
def test_an_assessment_on_the_day_of_the_action_came_after_it(
    later: int, result: Result, make_risk: Any, today: date, outcome: Any
) -> None:
    row = make_risk((2, 2), days_ago=5)
    ended(row, today - timedelta(days=5 - later))
    assert outcome("b12").result == result


@pytest.mark.parametrize(
    ("days_ago", "result"),
    [
        (INTERVAL - SOON - 1, Result.MET),
        (INTERVAL - SOON, Result.ATTENTION),
        (INTERVAL, Result.ATTENTION),
        (INTERVAL + 1, Result.GAP),
    ],
)
def test_an_issue_is_due_on_the_day_its_interval_ends(
    days_ago: int, result: Result, inside: Any, today: date, outcome: Any
) -> None:
    climate = {"category": "climate", "relevance": "relevant", "relevance_rationale": "Droughts."}
    ContextIssue(title="Droughts", reviewed_on=today - timedelta(days=days_ago), **climate).save()
    assert outcome("b1").result == result


def test_climate_change_is_undecided_as_long_as_nobody_said_whether_it_matters(inside: Any) -> None:
    ContextIssue(title="Droughts", category="climate").save()
    decided = {"relevance": "relevant", "relevance_rationale": "The site lies on a river."}
    ContextIssue(title="Floods", category="climate", **decided).save()
    ContextIssue(title="New owner").save()
    assert [row.title for row in ContextIssue.objects.climate_undecided()] == ["Droughts"]


def test_the_priority_number_is_the_product_and_in_per_cent_counts_what_is_not_detected(make_risk: Any) -> None:
    """By hand: 8 · 3 · 6 = 144; 80 % · 30 % · (100 - 60) % = 9.6 %."""
    make_risk(severity=8, occurrence=3, detection=6)
    make_risk(ratings="percent", severity=80, occurrence=30, detection=60)
    assert [float(row.rpn) for row in Risk.objects.with_priority().order_by("pk")] == [144, 9.6]
