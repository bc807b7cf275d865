"""Each assertion about risks and opportunities: met, attention, gap and no evidence, from real rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from clauses.assertion import Period, Result, assertions
from clauses.evaluation import ask
from clauses.reasons import in_words
from organizations.members import members
from organizations.models import Membership, Targets
from registers.services import archive
from requirements_registry.models import InterestedParty
from risks.models import ContextIssue, NoSignificantRisk, Opportunity, Risk, Scale, SupplierReview
from risks.models.scale import default_scale
from tests.people import People
from tests.risks.conftest import accepted, assessed, fresh

CODES = ["b1", "b2", "b3", "b4", "b5", "b6", "b8", "b12", "b13", "b14", "b15"]


@pytest.mark.parametrize("code", CODES)
def test_where_nothing_is_recorded_there_is_no_evidence(outcome: Any, code: str) -> None:
    assert outcome(code).result == Result.NO_EVIDENCE


def test_without_a_row_no_scale_is_written(outcome: Any) -> None:
    outcome("b8")
    assert not Scale.objects.exists()


def test_archived_and_closed_rows_are_no_evidence(
    make_risk: Any, make_opportunity: Any, outcome: Any, people: People
) -> None:
    archive(make_risk((4, 4)), by=people.quality_manager, reason="Twice")
    archive(make_opportunity((4, 4)), by=people.quality_manager, reason="Twice")
    make_risk((4, 4), status="closed", closing_note="Product withdrawn")
    assert {outcome(code).result for code in ("b2", "b3", "b5", "b8", "b14", "b15")} == {Result.NO_EVIDENCE}


# --- b1 ---------------------------------------------------------------------------------------------------------------


def issue(today: date, days_ago: int | None = 10, **values: Any) -> ContextIssue:
    reviewed = None if days_ago is None else today - timedelta(days=days_ago)
    row = ContextIssue(**{"title": "Energy prices", "category": "economic", "reviewed_on": reviewed, **values})
    row.full_clean(exclude=["organization", "reference"])
    row.save()
    return row


def climate(today: date, **values: Any) -> ContextIssue:
    return issue(
        today,
        **{
            "title": "Heat",
            "category": "climate",
            "relevance": "not_relevant",
            "relevance_rationale": "Indoor use only.",
            **values,
        },
    )


def test_b1_is_met_by_reviewed_issues_and_a_climate_decision(inside: Any, today: date, outcome: Any) -> None:
    issue(today)
    climate(today)
    assert (outcome("b1").result, outcome("b1").value) == (Result.MET, "2/2")


def test_b1_wants_climate_change_considered(inside: Any, today: date, outcome: Any) -> None:
    issue(today)
    assert (outcome("b1").result, outcome("b1").detail) == (Result.GAP, "climate change not considered")


@pytest.mark.parametrize("values", [{"days_ago": None}, {"days_ago": 366}, {"days_ago": 31, "review_days": 30}])
def test_b1_names_issues_not_reviewed_in_time(
    inside: Any, today: date, outcome: Any, failing: Any, values: dict[str, Any]
) -> None:
    climate(today)
    late = issue(today, **values)
    assert failing("b1") == [late]
    assert outcome("b1").result == Result.GAP


def test_b1_names_a_climate_issue_without_decision(inside: Any, today: date, failing: Any) -> None:
    undecided = climate(today, relevance="", relevance_rationale="")
    assert failing("b1") == [undecided]


def test_b1_warns_before_a_review_falls_due(inside: Any, today: date, outcome: Any) -> None:
    climate(today)
    issue(today, 365)
    assert outcome("b1").result == Result.ATTENTION


# --- b2, b14 ----------------------------------------------------------------------------------------------------------


def test_b2_is_met_by_linked_risks(make_risk: Any, outcome: Any) -> None:
    make_risk()
    assert (outcome("b2").result, outcome("b2").value) == (Result.MET, "1/1")


@pytest.mark.parametrize("values", [{"affects": ""}, {"linked": False}])
def test_b2_names_risks_that_affect_nothing(make_risk: Any, outcome: Any, failing: Any, values: dict[str, Any]) -> None:
    make_risk()
    row = make_risk(**values)
    assert failing("b2") == [row]
    assert (outcome("b2").result, outcome("b2").value, outcome("b2").detail) == (Result.GAP, "1/2", "1 not linked")


def test_b14_is_met_by_linked_opportunities(make_opportunity: Any, outcome: Any) -> None:
    make_opportunity()
    assert outcome("b14").result == Result.MET


@pytest.mark.parametrize("values", [{"affects": ""}, {"linked": False}])
def test_b14_names_opportunities_that_affect_nothing(
    make_opportunity: Any, failing: Any, values: dict[str, Any]
) -> None:
    make_opportunity()
    rows = [make_opportunity(**values)]
    assert failing("b14") == rows


# --- b3, b15 ----------------------------------------------------------------------------------------------------------


def test_b3_is_met_by_an_owned_and_assessed_risk(make_risk: Any, outcome: Any) -> None:
    make_risk((3, 3))
    assert (outcome("b3").result, outcome("b3").value) == (Result.MET, "1/1")


def test_b3_names_a_risk_nobody_assessed(make_risk: Any, failing: Any) -> None:
    rows = [make_risk()]
    assert failing("b3") == rows


def test_b3_is_not_content_with_an_inherent_assessment(make_risk: Any, failing: Any) -> None:
    row = make_risk()
    assessed(row, (3, 3), "inherent")
    assert failing("b3") == [row]


@pytest.mark.parametrize(("days_ago", "interval"), [(366, None), (31, 30)])
def test_b3_names_a_risk_assessed_too_long_ago(
    make_risk: Any, failing: Any, days_ago: int, interval: int | None
) -> None:
    make_risk((3, 3), days_ago=days_ago, review_days=900)
    row = make_risk((3, 3), days_ago=days_ago, review_days=interval)
    assert failing("b3") == [row]


def test_b3_warns_before_an_assessment_falls_due(make_risk: Any, outcome: Any) -> None:
    make_risk((3, 3), days_ago=360)
    assert (outcome("b3").result, outcome("b3").detail) == (Result.ATTENTION, "1 due within 14 days")


def test_b3_names_a_risk_without_owner(make_risk: Any, failing: Any) -> None:
    rows = [make_risk((3, 3), owner=None)]
    assert failing("b3") == rows


def test_b3_names_a_risk_whose_owner_has_left(make_risk: Any, failing: Any, people: People, today: date) -> None:
    row = make_risk((3, 3))
    Membership.objects.filter(user=people.contributor).update(valid_until=today - timedelta(days=1))
    assert failing("b3") == [row]


def test_b3_wants_an_assessment_on_the_axes_in_force(
    make_risk: Any, make_scale: Any, three_by_three: dict[str, Any], today: date, failing: Any
) -> None:
    make_scale()
    row = make_risk((3, 3), days_ago=10)
    make_scale(today, **three_by_three)
    assert failing("b3") == [row]
    assessed(row, (3, 3))
    assert failing("b3") == []


def test_b3_takes_a_scale_with_another_appetite_for_the_same(
    make_risk: Any, make_scale: Any, today: date, failing: Any
) -> None:
    make_scale()
    make_risk((3, 3), days_ago=10)
    make_scale(today, appetite=4)
    assert failing("b3") == []


def test_b15_is_met_by_an_owned_and_assessed_opportunity(make_opportunity: Any, outcome: Any) -> None:
    make_opportunity((3, 3))
    assert outcome("b15").result == Result.MET


def test_b15_names_opportunities_without_owner_or_assessment(make_opportunity: Any, failing: Any) -> None:
    make_opportunity((3, 3))
    rows = [make_opportunity(), make_opportunity((3, 3), owner=None)]
    assert failing("b15") == rows


# --- b4 ---------------------------------------------------------------------------------------------------------------


def decided(requirement: Any, people: People, today: date, days_ago: int = 0) -> None:
    NoSignificantRisk(
        requirement=requirement,
        decided_by=people.quality_manager,
        decided_on=today - timedelta(days=days_ago),
        rationale="Proven",
    ).save()


def test_b4_names_a_critical_requirement_nobody_considered(requirement: Any, failing: Any, outcome: Any) -> None:
    assert failing("b4") == [requirement]
    assert outcome("b4").detail == "1 not considered"


def test_b4_is_not_content_with_a_risk_nobody_assessed(requirement: Any, make_risk: Any, failing: Any) -> None:
    make_risk()
    assert failing("b4") == [requirement]


def test_b4_is_met_by_an_assessed_risk(requirement: Any, make_risk: Any, outcome: Any) -> None:
    make_risk((2, 2))
    assert outcome("b4").result == Result.MET


def test_b4_does_not_count_a_closed_risk(requirement: Any, make_risk: Any, failing: Any) -> None:
    make_risk((2, 2), status="closed", closing_note="Withdrawn")
    assert failing("b4") == [requirement]


def test_b4_is_met_by_a_decision(requirement: Any, people: People, today: date, outcome: Any) -> None:
    decided(requirement, people, today)
    assert outcome("b4").result == Result.MET


def test_b4_warns_before_a_decision_lapses(requirement: Any, people: People, today: date, outcome: Any) -> None:
    decided(requirement, people, today, days_ago=355)
    assert outcome("b4").result == Result.ATTENTION


def test_b4_takes_no_decision_older_than_the_interval(
    requirement: Any, people: People, today: date, failing: Any
) -> None:
    decided(requirement, people, today, days_ago=366)
    assert failing("b4") == [requirement]


# --- b5, b13 ----------------------------------------------------------------------------------------------------------


def test_b5_is_met_where_opportunities_were_looked_for_and_decided(make_opportunity: Any, outcome: Any) -> None:
    make_opportunity()
    assert outcome("b5").result == Result.MET


def test_b5_names_undecided_opportunities(make_opportunity: Any, outcome: Any, failing: Any) -> None:
    make_opportunity()
    rows = [make_opportunity(response="")]
    assert failing("b5") == rows
    assert outcome("b5").detail == "1 undecided"


def test_b5_wants_somebody_to_have_looked_in_the_period(make_opportunity: Any, outcome: Any, today: date) -> None:
    row = make_opportunity(determined_on=today - timedelta(days=200))
    assert (outcome("b5").result, outcome("b5").detail) == (Result.GAP, "none determined or assessed in the period")
    assessed(row, (2, 2), days_ago=20)
    assert outcome("b5").result == Result.MET


def test_b13_is_met_by_expected_results(make_opportunity: Any, outcome: Any) -> None:
    make_opportunity(response="pursue", expected_result="Ten per cent fewer failures")
    assert outcome("b13").result == Result.MET


@pytest.mark.parametrize(
    "values", [{}, {"expected_result": "Fewer failures", "status": "closed", "closing_note": "Done"}]
)
def test_b13_names_pursued_opportunities_without_result(
    make_opportunity: Any, failing: Any, values: dict[str, Any]
) -> None:
    rows = [make_opportunity(response="pursue", **values)]
    assert failing("b13") == rows


# --- b6 ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def supplier(inside: Any) -> InterestedParty:
    row = InterestedParty(name="Seal Works", kind="external_provider")
    row.save()
    return row


def reviewed(supplier: InterestedParty, today: date, days_ago: int, **values: Any) -> SupplierReview:
    row = SupplierReview(supplier=supplier, reviewed_on=today - timedelta(days=days_ago), conclusion="Good", **values)
    row.full_clean(exclude=["organization", "reference"])
    row.save()
    return row


def test_b6_names_a_supplier_nobody_reviewed(supplier: InterestedParty, outcome: Any, failing: Any) -> None:
    assert failing("b6") == [supplier]
    assert outcome("b6").detail == "1 review overdue"


def test_b6_asks_nothing_of_a_supplier_that_does_not_matter(supplier: InterestedParty, outcome: Any) -> None:
    supplier.relevant = False
    supplier.save()
    assert outcome("b6").result == Result.NO_EVIDENCE


def test_b6_asks_no_further_review_of_a_supplier_found_not_to_be_key(
    supplier: InterestedParty, today: date, outcome: Any
) -> None:
    reviewed(supplier, today, 800, is_key=False)
    assert outcome("b6").result == Result.NO_EVIDENCE


@pytest.mark.parametrize(
    ("days_ago", "next_in", "result"),
    [
        (10, None, Result.MET),
        (360, None, Result.ATTENTION),
        (366, None, Result.GAP),
        (400, 30, Result.MET),
        (100, 7, Result.ATTENTION),
        (100, -1, Result.GAP),
    ],
)
def test_b6_goes_by_the_last_review(
    supplier: InterestedParty, today: date, outcome: Any, days_ago: int, next_in: int | None, result: Result
) -> None:
    reviewed(supplier, today, 700, next_review_on=today + timedelta(days=500))
    reviewed(supplier, today, days_ago, next_review_on=None if next_in is None else today + timedelta(days=next_in))
    assert outcome("b6").result == result


# --- b8 ---------------------------------------------------------------------------------------------------------------


def treated(risk: Any, **values: Any) -> Action:
    usual = {"owner": members()[0], "due_on": date(2026, 12, 31)}
    row = Action(**{"title": "Better seal", "origin": risk.reference, "status": "under_way", **usual, **values})
    row.save()
    return row


def test_b8_is_met_where_nothing_is_above_appetite(make_risk: Any, outcome: Any) -> None:
    make_risk((3, 3))
    assert (outcome("b8").result, outcome("b8").value) == (Result.MET, "1/1")


def test_b8_names_a_risk_above_appetite(make_risk: Any, outcome: Any, failing: Any) -> None:
    make_risk((3, 3))
    rows = [make_risk((2, 5))]
    assert failing("b8") == rows
    assert (outcome("b8").result, outcome("b8").value) == (Result.GAP, "1/2")


def test_b8_takes_the_inherent_level_until_a_current_one_is_assessed(make_risk: Any, failing: Any) -> None:
    row = make_risk()
    assessed(row, (5, 5), "inherent")
    assert failing("b8") == [fresh(row)]
    assessed(row, (1, 5))
    assert failing("b8") == []


def test_b8_does_not_take_the_target_for_reached(make_risk: Any, failing: Any) -> None:
    row = make_risk((5, 5))
    assessed(row, (1, 1), "target")
    assert failing("b8") == [row]


def test_b8_is_met_by_an_action_under_way(make_risk: Any, outcome: Any) -> None:
    treated(make_risk((5, 5)))
    assert outcome("b8").result == Result.MET


@pytest.mark.parametrize("values", [{"owner": None}, {"due_on": None}])
def test_b8_is_not_met_by_an_action_that_nobody_has_to_carry_out_by_any_day(
    make_risk: Any, failing: Any, values: dict[str, Any]
) -> None:
    row = make_risk((5, 5))
    treated(row, **values)
    assert failing("b8") == [row]


@pytest.mark.parametrize("values", [{"status": "done", "done_on": date(2026, 1, 5)}, {"status": "cancelled"}])
def test_b8_wants_more_than_an_action_of_the_past(make_risk: Any, failing: Any, values: dict[str, Any]) -> None:
    row = make_risk((5, 5))
    treated(row, **values)
    assert failing("b8") == [row]


def test_b8_is_met_by_an_acceptance(make_risk: Any, people: People, outcome: Any) -> None:
    accepted(make_risk((5, 5)), people)
    assert outcome("b8").result == Result.MET


def test_b8_warns_before_an_acceptance_ends(make_risk: Any, people: People, outcome: Any) -> None:
    accepted(make_risk((5, 5)), people, days=7)
    assert outcome("b8").result == Result.ATTENTION


def test_b8_takes_no_expired_acceptance(make_risk: Any, people: People, failing: Any) -> None:
    row = make_risk((5, 5), days_ago=60)
    accepted(row, people, days=-1, days_ago=30)
    assert failing("b8") == [row]


def test_b8_takes_no_acceptance_of_a_lower_level(make_risk: Any, people: People, failing: Any) -> None:
    row = make_risk((2, 5))
    accepted(row, people)
    assert failing("b8") == []
    assessed(row, (5, 5))
    assert failing("b8") == [row]


def test_b8_goes_by_the_inherent_level_while_b3_asks_for_a_current_one_and_says_so(
    make_risk: Any, failing: Any, today: date
) -> None:
    row, other = make_risk(), make_risk()
    assessed(row, (5, 5), stage="inherent")
    assert failing("b8") == [row]
    assert failing("b3") == [row, other]
    explained = {each.pk: each for each in assertions["b3"].explained(ask(Period(today, today)), Risk.objects.all())}
    said = {key: in_words(assertions["b3"].reasons, each, today) for key, each in explained.items()}
    assert said == {
        row.pk: "It was assessed as it was before measures, never as it stands now",
        other.pk: "It was never assessed",
    }


def test_b15_says_of_an_opportunity_that_only_its_inherent_level_is_known(
    make_opportunity: Any, failing: Any, today: date
) -> None:
    row = make_opportunity()
    assessed(row, (3, 3), stage="inherent")
    assert failing("b15") == [row]
    (explained,) = assertions["b15"].explained(ask(Period(today, today)), Opportunity.objects.all())
    assert "never as it stands now" in in_words(assertions["b15"].reasons, explained, today)


def test_b8_goes_by_the_appetite_in_force(make_risk: Any, make_scale: Any, today: date, failing: Any) -> None:
    make_scale()
    row = make_risk((3, 3), days_ago=10)
    assert failing("b8") == []
    make_scale(today, appetite=8)
    assert failing("b8") == [row]


def test_b8_holds_a_score_of_other_axes_against_its_own_appetite(
    make_risk: Any, make_scale: Any, three_by_three: dict[str, Any], today: date, failing: Any
) -> None:
    make_scale(**three_by_three)
    row = make_risk((3, 2), days_ago=10)
    make_scale(today - timedelta(days=5), **{name: getattr(default_scale(today), name) for name in three_by_three})
    assert failing("b8") == [row]


# --- b12 --------------------------------------------------------------------------------------------------------------


def test_b12_is_met_by_an_assessment_after_the_action(make_risk: Any, today: date, outcome: Any) -> None:
    treated(make_risk((2, 2)), status="done", done_on=today - timedelta(days=5))
    assert outcome("b12").result == Result.MET


def test_b12_names_a_risk_last_assessed_before_its_action_was_done(make_risk: Any, today: date, failing: Any) -> None:
    row = make_risk((2, 2), days_ago=20)
    treated(row, status="done", done_on=today - timedelta(days=5))
    treated(row, status="done", done_on=today - timedelta(days=25))
    assert failing("b12") == [row]


def test_b12_names_a_treated_risk_that_was_never_assessed(make_risk: Any, today: date, failing: Any) -> None:
    row = make_risk()
    treated(row, status="done", done_on=today)
    assert failing("b12") == [row]


# --- all --------------------------------------------------------------------------------------------------------------


def test_the_intervals_are_those_of_the_targets_in_force(make_risk: Any, today: date, failing: Any) -> None:
    row = make_risk((3, 3), days_ago=40)
    assert failing("b3") == []
    Targets.objects.create(effective_from=today - timedelta(days=1), assessment_days=30)
    assert failing("b3") == [row]


def test_the_number_of_queries_does_not_grow_with_the_rows(
    make_risk: Any, make_opportunity: Any, people: People, outcome: Any
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            outcome("b8")
        return len(queries)

    accepted(make_risk((5, 5)), people)
    make_opportunity((2, 2))
    few = counted()
    for _row in range(5):
        treated(make_risk((4, 4)))
        make_opportunity((2, 2))
    assert counted() == few
