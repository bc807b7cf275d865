"""Each assertion of sub-clause c: met, gap, attention, no evidence, and the exact rows behind a gap."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from clauses.assertion import Question, Result, assertions
from clauses.evaluation import Outcome, ask, evaluate
from feedback.models import Complaint
from registers.services import archive
from tests.feedback.conftest import PERIOD, at, complaint, enhancement, item, method, party
from tests.people import People

Find = Callable[..., Outcome]


def failing(code: str, question: Question) -> list[Any]:
    return list(assertions[code].failing(question))


# --- c1: a method for each segment ---


def test_c1_without_customers_there_is_no_evidence(outcome: Find) -> None:
    party("Authority", kind="regulator")
    assert outcome("c1").result == Result.NO_EVIDENCE


def test_c1_is_met_where_every_segment_is_listened_to(outcome: Find, people: People) -> None:
    party(segment="Dairies")
    method("dairies", owner=people.contributor)
    assert outcome("c1").result == Result.MET


@pytest.mark.parametrize("missing", ["population_size", "frequency_days", "owner"])
def test_c1_is_a_gap_where_a_method_is_incomplete(
    missing: str, outcome: Find, question: Question, people: People
) -> None:
    unheard = party(segment="Dairies")
    method("Dairies", **{"owner": people.contributor, missing: None})
    assert outcome("c1").result == Result.GAP
    assert failing("c1", question) == [unheard]


def test_c1_is_a_gap_for_customers_without_segment(outcome: Find) -> None:
    party()
    assert outcome("c1").detail == "1 customer without a method"


# --- c2: every key customer heard ---


def test_c2_without_key_customers_there_is_no_evidence(outcome: Find) -> None:
    party()
    assert outcome("c2").result == Result.NO_EVIDENCE


def test_c2_is_met_where_all_were_heard(outcome: Find) -> None:
    item(customer=party(is_key_customer=True))
    complaint(customer=party("City Clinic", is_key_customer=True))
    assert (outcome("c2").result, outcome("c2").value) == (Result.MET, "2/2")


def test_c2_lists_those_who_were_silent(outcome: Find, question: Question) -> None:
    item(customer=party(is_key_customer=True))
    silent = party("City Clinic", is_key_customer=True)
    assert (outcome("c2").result, outcome("c2").value, outcome("c2").detail) == (
        Result.GAP,
        "1/2",
        "1 silent in the period",
    )
    assert failing("c2", question) == [silent]


@pytest.mark.parametrize(
    ("day", "heard"), [("2026-03-31", False), ("2026-04-01", True), ("2026-06-30", True), ("2026-07-01", False)]
)
def test_c2_counts_what_was_said_in_the_period_only(day: str, heard: bool, outcome: Find) -> None:
    item(customer=party(is_key_customer=True), collected_at=at(day))
    assert (outcome("c2").result == Result.MET) == heard


@pytest.mark.parametrize(
    ("day", "hour", "heard"),
    [("2026-04-01", 0, True), ("2026-03-31", 23, False), ("2026-06-30", 23, True), ("2026-07-01", 0, False)],
)
def test_c2_days_begin_where_the_organization_is(day: str, hour: int, heard: bool, outcome: Find) -> None:
    item(customer=party(is_key_customer=True), collected_at=at(day, hour))
    assert (outcome("c2").result == Result.MET) == heard


def test_c2_leaves_out_irrelevant_and_archived_parties(outcome: Find, people: People) -> None:
    party(is_key_customer=True, relevant=False)
    archive(party("City Clinic", is_key_customer=True), by=people.quality_manager, reason="Contract ended")
    assert outcome("c2").result == Result.NO_EVIDENCE


def test_c2_archived_feedback_is_no_hearing(outcome: Find, people: People) -> None:
    archive(item(customer=party(is_key_customer=True)), by=people.quality_manager, reason="Entered twice")
    assert outcome("c2").result == Result.GAP


# --- c3: the score ---


def test_c3_without_scores_there_is_no_evidence(outcome: Find) -> None:
    item(text="Fine")
    item(9, collected_at=at("2026-03-31"))
    assert outcome("c3").result == Result.NO_EVIDENCE


def test_c3_is_met_at_the_target(outcome: Find) -> None:
    for score in (7, 8, 7.5):
        item(score)
    assert (outcome("c3").result, outcome("c3").value) == (Result.MET, "75.0 %")


def test_c3_is_a_gap_below_the_target_and_opens_the_low_scores(outcome: Find, question: Question) -> None:
    low = item(2)
    item(9), item(9)
    found = outcome("c3")
    assert (found.result, found.value, found.numerator, found.denominator) == (Result.GAP, "66.7 %", 2, 3)
    assert failing("c3", question) == [low]


def test_c3_too_few_answers_are_not_judged(outcome: Find) -> None:
    item(1), item(2)
    assert outcome("c3").result == Result.ATTENTION
    assert "too few answers" in outcome("c3").detail


def test_c3_averages_scales_of_any_direction(outcome: Find) -> None:
    item(10), item(1, 1, 6, higher_is_better=False), item(5, 1, 5)
    assert outcome("c3").value == "100.0 %"


def test_c3_shows_number_population_response_rate_and_interval(outcome: Find) -> None:
    method(population_size=200, asked=12)
    item(7), item(8), item(9)
    assert outcome("c3").detail == "n 3 of 200; response rate 25 %; 95 % interval 68.7 to 91.3"


def test_c3_says_what_is_not_known(outcome: Find) -> None:
    item(8), item(8), item(8)
    assert outcome("c3").detail == "n 3, population not recorded; response rate not known; 95 % interval 80.0 to 80.0"


def test_c3_follows_the_targets_in_force(outcome: Find, targets: Any) -> None:
    targets.satisfaction_target = Decimal(80)
    targets.save()
    item(7), item(8), item(8)
    asked = ask(PERIOD, at("2026-07-07"))
    assert outcome("c3", asked).result == Result.GAP
    assert outcome("c3", asked).threshold == "at least 80 % of the scale, from 3 answers on"


# --- c5: complaints ---


def test_c5_without_complaints_there_is_no_evidence(outcome: Find) -> None:
    assert outcome("c5").result == Result.NO_EVIDENCE


def in_time(**values: Any) -> Complaint:
    steps = {"acknowledged_at": "2026-05-05", "responded_at": "2026-05-08", "closed_at": "2026-05-12"}
    return complaint(**{name: at(day) for name, day in steps.items()}, **{"outcome_told": True, **values})


def test_c5_is_met_where_all_was_in_time_and_told(outcome: Find) -> None:
    in_time()
    assert (outcome("c5").result, outcome("c5").value) == (Result.MET, "1/1")


def test_c5_is_a_gap_where_a_target_was_missed(outcome: Find, question: Question) -> None:
    in_time()
    late = complaint()
    assert (outcome("c5").result, outcome("c5").value) == (Result.GAP, "1/2")
    assert failing("c5", question) == [late]


def test_c5_is_a_gap_where_the_outcome_was_not_told(outcome: Find, question: Question) -> None:
    untold = in_time(outcome_told=False)
    assert outcome("c5").detail == "1 late or outcome not told"
    assert failing("c5", question) == [untold]


def test_c5_wants_attention_where_a_target_is_near(outcome: Find) -> None:
    complaint(received_at=at("2026-06-29"), acknowledged_at=at("2026-06-30"))
    assert (outcome("c5").result, outcome("c5").detail) == (Result.ATTENTION, "1 due within 14 days")


def test_c5_reads_clocks_at_the_periods_end(outcome: Find) -> None:
    complaint(
        received_at=at("2026-06-29")
    )  # to be acknowledged by 1 July: late today, but not yet when the period ended
    assert outcome("c5").result == Result.ATTENTION


def test_c5_carries_over_what_was_open_and_leaves_out_what_was_not(outcome: Find, question: Question) -> None:
    carried = complaint(received_at=at("2026-01-10"), closed_at=at("2026-04-02"), outcome_told=True)
    complaint(received_at=at("2026-01-10"), closed_at=at("2026-03-31"), outcome_told=True)
    complaint(received_at=at("2026-07-01"))
    assert outcome("c5").denominator == 1
    assert failing("c5", question) == [carried]


# --- c9: enhancements ---


def test_c9_without_enhancements_there_is_no_evidence(outcome: Find) -> None:
    enhancement(done_on=date(2026, 1, 1), measured_on=date(2026, 2, 1), measured_effect="Fewer calls")
    assert outcome("c9").result == Result.NO_EVIDENCE


def test_c9_is_met_where_the_effect_is_measured(outcome: Find) -> None:
    enhancement(measured_on=date(2026, 6, 1), measured_effect="Fewer calls")
    assert outcome("c9").result == Result.MET


def test_c9_is_met_while_the_effect_needs_not_be_measured_yet(outcome: Find) -> None:
    enhancement(measure_due_on=date(2026, 9, 1))
    assert outcome("c9").result == Result.MET


@pytest.mark.parametrize("due", [None, date(2026, 6, 29)])
def test_c9_is_a_gap_where_the_effect_should_have_been_measured(
    due: date | None, outcome: Find, question: Question
) -> None:
    open_one = enhancement(measure_due_on=due)
    assert outcome("c9").result == Result.GAP
    assert failing("c9", question) == [open_one]


def test_c9_wants_attention_where_measuring_falls_due(outcome: Find) -> None:
    enhancement(measure_due_on=date(2026, 6, 30) + timedelta(days=3))
    assert outcome("c9").result == Result.ATTENTION


def test_c9_wants_attention_where_nothing_new_was_done(outcome: Find) -> None:
    enhancement(done_on=date(2026, 1, 1), measured_on=date(2026, 5, 1), measured_effect="Fewer calls")
    assert (outcome("c9").result, outcome("c9").detail) == (
        Result.ATTENTION,
        "none made in the period, only earlier ones measured",
    )


def test_c9_does_not_forget_earlier_ones(outcome: Find, question: Question) -> None:
    forgotten = enhancement(done_on=date(2025, 1, 1), measure_due_on=date(2025, 6, 1))
    enhancement(measured_on=date(2026, 6, 1), measured_effect="Fewer calls")
    assert failing("c9", question) == [forgotten]
    assert outcome("c9").result == Result.GAP


# --- c10: compliments ---


def test_c10_without_compliments_there_is_no_evidence(outcome: Find) -> None:
    item(10)
    assert outcome("c10").result == Result.NO_EVIDENCE


def test_c10_is_met_where_all_were_passed_on(outcome: Find) -> None:
    item(source="compliment", shared_on=date(2026, 5, 20), shared_with="Assembly")
    assert outcome("c10").result == Result.MET


def test_c10_is_a_gap_where_praise_went_nowhere(outcome: Find, question: Question) -> None:
    kept = item(source="compliment")
    assert (outcome("c10").result, outcome("c10").detail) == (Result.GAP, "1 not passed on")
    assert failing("c10", question) == [kept]


# --- all of them ---


def test_the_number_of_queries_does_not_grow_with_the_rows(
    question: Question, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    customer = party(is_key_customer=True, segment="Dairies")
    item(8, customer=customer), complaint(), enhancement(), item(source="compliment")
    with django_assert_max_num_queries(60) as few:
        evaluate(question, "c")
    for number in range(20):
        (
            item(number % 10, customer=party(f"Customer {number}", is_key_customer=True)),
            complaint(),
            enhancement(),
            item(source="compliment"),
        )
    with django_assert_num_queries(len(few)):
        evaluate(question, "c")


@pytest.mark.parametrize("code", ["c1", "c2", "c3", "c5", "c9", "c10"])
def test_exceptions_lie_in_the_population_and_make_up_the_difference(
    code: str, question: Question, outcome: Find
) -> None:
    for number in range(6):
        (
            item(number * 2, customer=party(f"Customer {number}", is_key_customer=True)),
            complaint(acknowledged_at=at("2026-05-05") if number % 2 else None),
        )
        (
            enhancement(measure_due_on=date(2026, 5, 2) if number % 2 else date(2026, 12, 1)),
            item(source="compliment", shared_on=date(2026, 5, 20) if number % 2 else None),
        )
    party("Silent", is_key_customer=True)
    assertion, found = assertions[code], outcome(code)
    population = set(assertion.population(question).values_list("pk", flat=True))
    exceptions = {row.pk for row in failing(code, question)}
    assert exceptions and exceptions <= population
    assert (found.denominator, found.numerator, found.exceptions) == (
        len(population),
        len(population - exceptions),
        len(exceptions),
    )
