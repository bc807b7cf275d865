"""The people who answered a survey, of those that it asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clauses.assertion import Question
from clauses.evaluation import ask
from feedback.models import SurveyWave
from feedback.response_rates import Response, in_words, responses, waves_of
from tests.feedback.conftest import PERIOD, at, item, party, wave
from tests.people import People

pytestmark = pytest.mark.usefixtures("in_acme")


def answered(row: SurveyWave) -> int:
    (found,) = responses([row], at("2026-07-01"))
    return found.answered


def test_people_are_counted_and_a_second_answer_of_one_is_none() -> None:
    spring = wave()
    for who in ("Ann", "ann ", "Bob"):
        item(8, respondent=who, wave=spring, question="Service")
    item(8, respondent="Bob", wave=spring, question="Delivery")
    assert answered(spring) == 2


def test_answers_without_a_name_are_as_many_people_as_any_question_got() -> None:
    spring = wave()
    for question, count in (("Service", 3), ("Delivery", 2)):
        for _ in range(count):
            item(8, wave=spring, question=question)
    item(8, wave=spring, respondent="Ann")
    assert answered(spring) == 4


def test_other_surveys_and_what_belongs_to_none_don_t_count(question: Question) -> None:
    spring, autumn = wave(), wave("Autumn survey", sent_on=date(2026, 10, 1))
    item(8, wave=spring, respondent="Ann"), item(8, wave=autumn, respondent="Ann"), item(8, respondent="Bob")
    assert (answered(spring), answered(autumn)) == (1, 1)


def test_answers_after_the_moment_don_t_count() -> None:
    spring = wave()
    item(8, wave=spring, respondent="Ann"), item(8, wave=spring, respondent="Bob", collected_at=at("2026-07-02"))
    item(8, wave=spring, respondent="Eve", collected_at=at("2026-07-01"))  # the moment itself is not before it
    assert answered(spring) == 1


@pytest.mark.parametrize("source", ["dealer_report", "complaint", "meeting", "return"])
def test_only_an_answer_belongs_to_a_survey(source: str) -> None:
    spring = wave()
    row = item(8, source=source)
    row.wave = spring
    with pytest.raises(ValidationError, match="Only an answer to a survey"):
        row.full_clean()


def test_the_database_holds_it_too() -> None:
    spring, row = wave(), item(8, source="dealer_report")
    row.wave = spring
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@given(asked=st.none() | st.integers(1, 10**6), answered=st.integers(0, 10**6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_rate_is_ever_above_a_hundred(asked: int | None, answered: int) -> None:
    found = Response(SurveyWave(title="Spring"), asked, answered)
    if asked is None or answered > asked:
        assert found.rate is None and not found.in_words[0].isdigit()
    else:
        assert found.rate is not None and found.rate == pytest.approx(100 * answered / asked) and found.rate <= 100


def test_more_answers_than_people_asked_are_said_to_be_a_fault() -> None:
    spring = wave(asked=1)
    item(8, wave=spring, respondent="Ann"), item(8, wave=spring, respondent="Bob")
    (found,) = responses([spring], at("2026-07-01"))
    assert found.is_wrong
    assert in_words([found]) == (
        "response rate of “Spring survey” impossible: 2 people answered and 1 were asked; correct the number or the answers"
    )


def test_the_rate_is_said_with_both_numbers_or_that_it_is_not_known() -> None:
    spring = wave(asked=40)
    for index in range(10):
        item(8, wave=spring, respondent=f"Contact {index}")
    assert in_words(responses([spring], at("2026-07-01"))) == "response rate 25 %, 10 of 40 people asked"
    assert in_words([]) == "response rate not known: no survey with people asked is recorded"
    both = responses([spring, wave("Second", asked=20)], at("2026-07-01"))
    assert in_words(both) == "response rates 0 to 25 % in 2 surveys"
    assert responses([wave("Third", asked=None)], at("2026-07-01"))[0].in_words == (
        "not known: the people asked are not recorded"
    )


def test_surveys_of_a_period_were_sent_in_it_or_answered_in_it(question: Question) -> None:
    sent, earlier = wave(), wave("Winter survey", sent_on=date(2026, 3, 1))
    wave("Autumn survey", sent_on=date(2026, 10, 1)), wave("Last year's", sent_on=date(2025, 5, 1))
    item(8, wave=earlier, customer=party())
    assert list(waves_of(question)) == [earlier, sent]
    dairies = wave("Dairies only", segment="Dairies")
    assert list(waves_of(question, "dairies")) == [earlier, sent, dairies]
    assert dairies not in waves_of(question, "Clinics")


def test_a_survey_that_is_planned_is_none_of_the_period_yet(question: Question) -> None:
    planned = wave(sent_on=date(2026, 5, 20))
    assert list(waves_of(ask(PERIOD, at("2026-05-19")))) == []
    assert list(waves_of(ask(PERIOD, at("2026-05-20")))) == list(waves_of(question)) == [planned]


def test_a_survey_closes_after_it_was_sent() -> None:
    row = wave()
    row.closed_on = date(2026, 4, 1)
    with pytest.raises(ValidationError, match="closes after"):
        row.full_clean()


def test_a_survey_s_page_says_who_answered_and_opens_the_answers(
    people: People, client_of: Callable[..., Client]
) -> None:
    spring, client = wave(asked=10), client_of(people.quality_manager)
    assert "Nobody has answered yet." in client.get(spring.get_absolute_url()).content.decode()
    wanted = {item(8, wave=spring, respondent=who).reference for who in ("Ann", "Bob")}
    item(8, respondent="Eve")
    html = client.get(spring.get_absolute_url()).content.decode()
    assert "Response rate: 20 %, 2 of 10 people asked." in html
    scores = client.get(f"/o/acme/satisfaction/?wave={spring.reference}&period=2026-Q2").context["tables"][0]["table"]
    assert f"/o/acme/satisfaction/?wave={spring.reference}&amp;period=2026-Q2" in html
    assert [row.cells[0].people for row in scores.rows] == ["2 people"]
    listed = client.get(f"/o/acme/feedback/?wave={spring.reference}").context["table"].rows
    assert f"/o/acme/feedback/?wave={spring.reference}" in html and {row.reference for row in listed} == wanted
