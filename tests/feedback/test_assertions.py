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
from tests.feedback.conftest import PERIOD, answers, at, complaint, enhancement, item, method, party, wave
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


# --- c3: the scores ---


def test_c3_without_scores_there_is_no_evidence(outcome: Find) -> None:
    item(text="Fine")
    item(9, collected_at=at("2026-03-31"))
    assert outcome("c3").result == Result.NO_EVIDENCE


def test_c3_is_met_at_the_target(outcome: Find) -> None:
    answers(*[7, 8] * 5)
    assert (outcome("c3").result, outcome("c3").value) == (Result.MET, "75.0 %")


def test_c3_is_a_gap_below_the_target_and_opens_the_low_scores(outcome: Find, question: Question) -> None:
    low, *_ = answers(2, *[8] * 9)
    found = outcome("c3")
    assert (found.result, found.value, found.numerator, found.denominator) == (Result.GAP, "74.0 %", 9, 10)
    assert failing("c3", question) == [low]


def test_c3_shows_no_score_on_the_other_side_of_the_target(outcome: Find) -> None:
    answers(*[7.5] * 200, 7.4)
    assert (outcome("c3").result, outcome("c3").value) == (Result.GAP, "74.995 %")


@pytest.mark.parametrize("people", [1, 2, 9])
def test_c3_below_ten_people_nothing_is_met_and_no_interval_shown(people: int, outcome: Find) -> None:
    answers(*[10] * people)
    found = outcome("c3")
    assert (found.result, found.value) == (Result.ATTENTION, "too few")
    assert (
        found.detail.startswith(f"too few people answered “How was it?” to judge it ({people}); ")
        and "interval" not in found.detail
    )


def test_c3_below_the_organization_s_own_minimum_neither(outcome: Find, targets: Any) -> None:
    targets.minimum_answers = 30
    targets.save()
    answers(*[10] * 29)
    asked = ask(PERIOD, at("2026-07-07"))
    assert outcome("c3", asked).result == Result.ATTENTION
    assert outcome("c3", asked).threshold == "each question at least 75 % of the scale, from 30 people on"


def test_c3_is_not_green_by_putting_questions_together(outcome: Find) -> None:
    answers(*[10] * 100, question="Friendly?"), answers(*[5] * 10, question="In time?")
    found = outcome("c3")
    assert (found.result, found.value) == (Result.GAP, "50.0 %")
    assert found.detail == (
        "“In time?”, lowest of 2 questions: 10 people, 95 % interval 40.8 to 59.2; "
        "response rate not known: no survey with people asked is recorded"
    )


def test_c3_is_not_green_by_putting_segments_together(outcome: Find) -> None:
    (
        answers(*[10] * 100, customer=None),
        [
            item(5, question="How was it?", customer=party("Dairy", segment="Dairies"), respondent=f"Contact {number}")
            for number in range(10)
        ],
    )
    found = outcome("c3")
    assert (found.result, found.value) == (Result.GAP, "50.0 %")
    assert found.detail.startswith("“How was it?” in Dairies, the lowest segment: 10 people")


def test_c3_is_not_green_by_one_person_who_answers_often(outcome: Find) -> None:
    answers(*[5] * 10)
    for _ in range(100):
        item(10, question="How was it?", respondent="Eager")
    assert (outcome("c3").result, outcome("c3").value) == (Result.GAP, "54.5 %")


def test_c3_many_answers_of_few_people_are_too_few(outcome: Find) -> None:
    for number in range(50):
        item(10, question="How was it?", respondent=f"Contact {number % 5}")
    assert (outcome("c3").result, outcome("c3").value) == (Result.ATTENTION, "too few")


@pytest.mark.parametrize("source", ["dealer_report", "complaint", "meeting", "other"])
def test_c3_looks_at_answers_to_surveys_alone(source: str, outcome: Find) -> None:
    answers(*[10] * 20, source=source)
    assert outcome("c3").result == Result.NO_EVIDENCE


def test_c3_reads_scales_of_any_direction(outcome: Find) -> None:
    answers(*[1] * 10, low=1, high=6, higher_is_better=False)
    assert (outcome("c3").result, outcome("c3").value) == (Result.MET, "100.0 %")


def test_c3_is_open_where_a_question_is_recorded_both_ways_round(outcome: Find) -> None:
    answers(*[1] * 10, low=1, high=6, higher_is_better=False), answers(*[6] * 10, low=1, high=6)
    found = outcome("c3")
    assert found.result == Result.ATTENTION
    assert "“How was it?” is recorded both ways round: correct the direction" in found.detail


def test_c3_is_open_where_one_question_has_too_few_people(outcome: Find) -> None:
    answers(*[10] * 20), answers(*[10] * 3, question="Rare?"), answers(10, question="Rarer?")
    found = outcome("c3")
    assert (found.result, found.value) == (Result.ATTENTION, "100.0 %")
    assert "too few people answered “Rare?” to judge it (3), and 1 more" in found.detail


def test_c3_says_people_response_rate_and_interval(outcome: Find) -> None:
    spring = wave(asked=40)
    for number, score in enumerate([7, 8, 9] * 4):
        item(score, question="How was it?", wave=spring, respondent=f"Contact {number}")
    assert outcome("c3").detail == (
        "“How was it?”, the only question: 12 people, 95 % interval 63.3 to 84.7; response rate 30 %, 12 of 40 people asked"
    )


def test_c3_is_open_where_more_answered_than_were_asked(outcome: Find) -> None:
    spring = wave(asked=11)
    for number in range(12):
        item(10, question="How was it?", wave=spring, respondent=f"Contact {number}")
    found = outcome("c3")
    assert found.result == Result.ATTENTION
    assert "impossible: 12 people answered and 11 were asked" in found.detail


def test_c3_follows_the_targets_in_force(outcome: Find, targets: Any) -> None:
    targets.satisfaction_target = Decimal(80)
    targets.save()
    answers(*[7] * 2, *[8] * 9)
    asked = ask(PERIOD, at("2026-07-07"))
    assert outcome("c3", asked).result == Result.GAP
    assert outcome("c3", asked).threshold == "each question at least 80 % of the scale, from 10 people on"


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


def test_c9_is_open_while_the_effect_needs_not_be_measured_yet(outcome: Find) -> None:
    enhancement(measure_due_on=date(2026, 9, 1))
    enhancement(measured_on=date(2026, 6, 1), measured_effect="Two days sooner")
    found = outcome("c9")
    assert (found.result, found.value, found.exceptions) == (Result.ATTENTION, "1/2", 0)
    assert found.detail == "1 not measured yet, in time"


def test_c5_does_not_take_a_complaint_for_good_for_which_nothing_was_due_or_done(outcome: Find) -> None:
    in_time()
    new = complaint(received_at=at("2026-06-29"))
    found = outcome("c5")
    assert (found.result, found.value, found.exceptions) == (Result.ATTENTION, "1/2", 0)
    assert found.detail.startswith("1 not acknowledged yet, in time")
    new.acknowledged_at = at("2026-06-30")
    new.save()
    assert outcome("c5").value == "2/2"


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
    evaluate(question, "c")  # what was known as the period ended is kept
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
    waiting = 3 if code == "c9" else 0  # measured later, in time
    assert (found.denominator, found.numerator, found.exceptions) == (
        len(population),
        len(population - exceptions) - waiting,
        len(exceptions),
    )
