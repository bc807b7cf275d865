"""The moment a target ends, the grade at which recommending begins, the tenth person: what holds on the bound itself."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from clauses.periods import start_of
from feedback import scores
from feedback.deadlines import Clock
from feedback.models import Complaint, Enhancement, FeedbackItem, SurveyWave
from feedback.moments import AHEAD, in_future
from feedback.response_rates import Response
from feedback.score_judgement import reaches, shown
from organizations.models import Organization, Targets
from tests.feedback.conftest import answers, at, complaint, enhancement, item

pytestmark = pytest.mark.usefixtures("in_acme")

FIRST, END = "2026-04-01", "2026-07-01"
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("grade", "net"), [(10, 1), (9, 1), (Decimal("8.9"), 0), (7, 0), (Decimal("6.9"), -1), (6, -1), (0, -1)]
)
def test_nine_and_ten_recommend_and_what_lies_below_seven_advises_against(grade: Decimal, net: int) -> None:
    item(float(grade), question="Recommend?", is_recommendation=True)
    (line,) = scores.by_segment(FeedbackItem.objects.all(), 10)
    assert line.promoters and line.promoters.whole.mean == net


@pytest.mark.parametrize(("people", "has_interval"), [(9, False), (10, True)])
def test_from_ten_people_on_a_score_has_an_interval_though_fewer_were_asked_for(
    people: int, has_interval: bool
) -> None:
    answers(*[8] * people)
    (line,) = scores.by_segment(FeedbackItem.objects.all(), 3)
    assert line.whole.is_enough == has_interval


@pytest.mark.parametrize(("wanted", "fewest"), [(3, 10), (10, 10), (11, 11)])
def test_an_organization_can_ask_for_more_people_than_ten_and_not_for_fewer(wanted: int, fewest: int) -> None:
    assert scores.fewest_people(Targets(minimum_answers=wanted)) == fewest


@pytest.mark.parametrize(("mean", "met"), [(75.0, True), (74.9999999999, True), (74.99999, False), (75.1, True)])
def test_a_mean_on_the_target_reaches_it(mean: float, met: bool) -> None:
    assert reaches(mean, Decimal(75)) == met


def test_a_mean_is_shown_with_as_many_digits_as_tell_it_from_the_target() -> None:
    assert [shown(mean, Decimal(75)) for mean in (75.0, 74.96, 74.94)] == ["75.0 %", "74.96 %", "74.9 %"]


@pytest.mark.parametrize(("grade", "is_low"), [(Decimal("4.9"), True), (5, False), (Decimal("5.1"), False)])
def test_the_middle_of_a_scale_is_not_low(grade: Decimal, is_low: bool) -> None:
    item(float(grade))
    assert FeedbackItem.objects.low().exists() == is_low


def test_feedback_counts_from_a_first_moment_up_to_but_not_at_a_last(in_acme: Organization) -> None:
    start, end = (start_of(date.fromisoformat(day), in_acme.zone) for day in (FIRST, END))
    for moment, counts in ((start - INSTANT, False), (start, True), (end - INSTANT, True), (end, False)):
        row = item(5, collected_at=moment)
        assert FeedbackItem.objects.between(start, end).filter(pk=row.pk).exists() == counts, moment


@pytest.mark.parametrize(
    ("received", "closed", "concerns"),
    [
        ("2026-03-01", None, True),
        ("2026-03-01", "2026-04-01", True),
        ("2026-03-01", "2026-03-31", False),
        ("2026-04-01", "2026-04-02", True),
        ("2026-07-01", None, False),
    ],
)
def test_a_complaint_concerns_a_period_in_which_it_came_or_was_open(
    received: str, closed: str | None, concerns: bool
) -> None:
    complaint(received_at=at(received, 0), closed_at=at(closed, 0) if closed else None)
    assert Complaint.objects.concerning(at(FIRST, 0), at(END, 0)).exists() == concerns


@pytest.mark.parametrize(("met", "late"), [(timedelta(0), False), (INSTANT, True), (-INSTANT, False), (None, True)])
def test_a_target_is_met_up_to_its_very_moment(met: timedelta | None, late: bool) -> None:
    """On the clock that people see and in what the database counts."""
    row = complaint(acknowledged_at=at("2026-05-04"), responded_at=at("2026-05-04"))
    row.closed_at = None if met is None else row.close_due_at + met
    row.save()
    moment = row.close_due_at + timedelta(days=9)
    assert Complaint.objects.late(moment, "close").exists() == late
    assert Clock("Closing", row.close_due_at, row.closed_at).is_late(moment) == late


def test_a_target_is_not_missed_at_its_very_moment() -> None:
    row = complaint()
    due = row.acknowledge_due_at
    assert not Complaint.objects.late(due, "acknowledge").exists()
    assert Complaint.objects.late(due + INSTANT, "acknowledge").exists()
    assert not Clock("", due, None).is_late(due)
    assert Clock("", due, None).is_late(due + INSTANT)


@pytest.mark.parametrize(("days", "said"), [(2, "attention"), (3, "info"), (0, "attention")])
def test_a_clock_wants_attention_two_days_before_its_target(days: int, said: str) -> None:
    moment = at("2026-05-04")
    assert Clock("Closing", moment + timedelta(days=days), None).in_words(moment)[1] == said


def test_a_clock_says_how_late_it_is_in_calendar_days_and_stands_still_once_it_is_met() -> None:
    due, now = at("2026-05-04"), at("2026-05-09")
    assert Clock("Closing", due, None).in_words(now)[0] == "Closing 5 days late"
    assert Clock("Closing", due, None).in_words(at("2026-05-05"))[0] == "Closing 1 day late"
    assert Clock("Closing", due, at("2026-05-06")).in_words(now)[0] == "Closing 2 days late"
    assert Clock("Closing", due, None).in_words(at("2026-05-04", 9))[0] == "Closing due today"
    assert Clock("Closing", due, None).in_words(at("2026-05-03"))[0] == "Closing due in 1 day"


@pytest.mark.parametrize(("due", "unmeasured"), [("2026-06-29", True), ("2026-06-30", False), (None, True)])
def test_an_effect_is_to_be_measured_on_the_day_set_for_it_at_the_latest(due: str | None, unmeasured: bool) -> None:
    enhancement(measure_due_on=date.fromisoformat(due) if due else None)
    day = date(2026, 6, 30)
    assert Enhancement.objects.measured(day).unmeasured(day).exists() == unmeasured


def test_an_effect_may_be_measured_on_the_day_of_the_enhancement_and_not_before() -> None:
    enhancement(done_on=date(2026, 5, 1), measured_on=date(2026, 5, 1), measured_effect="Two calls fewer a week.")
    with pytest.raises(ValidationError, match="before it was done"):
        enhancement(done_on=date(2026, 5, 1), measured_on=date(2026, 4, 30), measured_effect="Two calls fewer.")


@pytest.mark.parametrize(
    ("asked", "answered", "rate", "is_wrong"),
    [(4, 4, 100, False), (4, 5, None, True), (8, 2, 25, False), (None, 3, None, False)],
)
def test_as_many_may_answer_as_were_asked(asked: int | None, answered: int, rate: float | None, is_wrong: bool) -> None:
    found = Response(SurveyWave(), asked, answered)
    assert (found.rate, found.is_wrong) == (rate, is_wrong)


def test_a_moment_may_lie_a_day_ahead_and_no_more(time_stands: datetime) -> None:
    assert AHEAD == timedelta(days=1)
    assert not in_future(said=time_stands + AHEAD, never=None)
    assert list(in_future(said=time_stands + AHEAD + INSTANT)) == ["said"]


@pytest.fixture
def time_stands(monkeypatch: pytest.MonkeyPatch) -> datetime:
    now = timezone.now()
    monkeypatch.setattr("feedback.moments.clock.now", lambda: now)
    return now
