"""The first and the last of what counts: days of periods, days from which a statement is switched off, numbers of none."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from clauses import periods
from clauses.assertion import Period, Result, assertions
from clauses.evaluation import ask, outcome_of
from clauses.models import NotApplicable
from clauses.statistics import RUN, adjusted_wald, individuals_chart, wilson
from organizations.models import Organization

DAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("text", "first"),
    [("1900-Q1", date(1900, 1, 1)), ("1899-Q4", None), ("9998-Q4", date(9998, 10, 1)), ("9999-Q1", None)],
)
def test_a_quarter_is_read_as_long_as_its_year_can_be_shown(text: str, first: date | None) -> None:
    found = periods.parse(text)
    assert (found.first if found else None) == first


@pytest.mark.parametrize("day", [date(2026, 10, 1), date(2026, 11, 30), date(2026, 12, 31)])
def test_the_last_quarter_ends_with_its_year(day: date) -> None:
    assert periods.quarter_of(day) == Period(date(2026, 10, 1), date(2026, 12, 31))


def test_eight_quarters_are_offered_each_the_one_before() -> None:
    found = [periods.code(each) for each in periods.quarters(DAY)]
    assert found == ["2026-Q2", "2026-Q1", "2025-Q4", "2025-Q3", "2025-Q2", "2025-Q1", "2024-Q4", "2024-Q3"]


@pytest.mark.usefixtures("in_acme")
@pytest.mark.parametrize(
    ("since", "until", "is_off"),
    [
        (date(2026, 6, 30), None, True),
        (date(2026, 7, 1), None, False),
        (date(2026, 1, 1), date(2026, 6, 30), False),
        (date(2026, 1, 1), date(2026, 7, 1), True),
    ],
)
def test_a_statement_is_switched_off_from_its_first_day_until_the_day_before_its_end(
    since: date, until: date | None, is_off: bool
) -> None:
    NotApplicable(code="a1", reason="No requirements.", since=since, until=until).save()
    assert NotApplicable.objects.on(DAY).exists() == is_off


def test_a_statement_that_does_not_apply_says_why_and_counts_nothing(in_acme: Organization) -> None:
    outcome = outcome_of(assertions["a1"], ask(periods.quarter_of(in_acme.today())), {"a1": "No requirements."})
    said: tuple[Any, ...] = (outcome.numerator, outcome.denominator, outcome.exceptions, outcome.value, outcome.detail)
    assert (outcome.result, said) == (Result.NOT_APPLICABLE, (0, 0, 0, "–", "No requirements."))


def test_two_statements_have_no_code_in_common() -> None:
    with pytest.raises(ValueError, match="an assertion a1 already"):
        assertions.add(assertions["a1"])


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (-1, 5), (6, 5)])
def test_a_proportion_of_nothing_or_beyond_all_has_no_interval(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="at least one trial"):
        wilson(successes, trials)


def test_none_and_all_of_one_have_intervals_that_mirror_each_other() -> None:
    """By hand, with z² = 3.8415: the upper end of 0 of 1 is z² / (1 + z²) = 0.7935."""
    none, everyone = wilson(0, 1), wilson(1, 1)
    assert (none.low, everyone.high) == (0, 1)
    assert none.high == pytest.approx(0.7935, abs=5e-5)
    assert everyone.low == pytest.approx(0.2065, abs=5e-5)


def test_two_points_make_a_chart() -> None:
    """By hand: mean 11, moving range 2, limits 11 ± 2.660 · 2, upper limit of ranges 3.267 · 2."""
    chart = individuals_chart([10, 12])
    assert (chart.mean, chart.mean_range, chart.limits.low, chart.limits.high) == (11, 2, 5.68, 16.32)
    assert chart.range_limit == pytest.approx(6.534)
    with pytest.raises(ValueError, match="two values"):
        individuals_chart([10])


@pytest.mark.parametrize(("points", "provisional"), [(11, True), (12, False)])
def test_limits_are_firm_from_twelve_points_on(points: int, provisional: bool) -> None:
    assert individuals_chart([10 + place % 2 for place in range(points)]).provisional == provisional


def test_the_eighth_point_on_one_side_is_a_signal_and_the_seventh_is_none() -> None:
    high = [9] * 7 + [11] * 7
    assert individuals_chart(high).runs == ()
    found = individuals_chart([9] * 8 + [11] * 8)
    assert found.runs == (RUN - 1, 2 * RUN - 1)


def test_eight_zeros_signal_nothing() -> None:
    chart = individuals_chart([0] * 9)
    assert (chart.beyond, chart.runs) == ((), ())


def test_an_interval_never_leaves_the_ends_whatever_is_rounded() -> None:
    assert all(wilson(0, n).low >= 0 and wilson(n, n).high <= 1 for n in range(1, 2000))


def test_the_interval_of_a_single_value_has_a_width() -> None:
    """By hand for 100 between 0 and 100: mean (100 + 150) / 4 = 62.5, variance (10,000 + 7,500 + 3,750) / 4 - 62.5²."""
    found = adjusted_wald(1, 100, 10_000, 0, 100)
    half = 1.959964 * (1406.25 / 4) ** 0.5
    assert (found.low, found.high) == (pytest.approx(62.5 - half, abs=1e-3), pytest.approx(62.5 + half, abs=1e-3))


def test_a_period_in_words_names_the_year_once_where_it_is_one() -> None:
    assert periods.in_words(Period(date(2026, 10, 1), date(2026, 12, 31))) == "October to December 2026"
    assert periods.in_words(Period(date(2026, 12, 1), date(2027, 1, 31))) == "December 2026 to January 2027"


def test_a_period_ends_with_the_midnight_after_its_last_day(in_acme: Organization) -> None:
    zone, quarter = in_acme.zone, Period(date(2026, 4, 1), DAY)
    begun, ended = datetime(2026, 4, 1, tzinfo=zone), datetime(2026, 7, 1, tzinfo=zone)
    assert periods.bounds(quarter, zone) == (begun, ended)
    assert periods.asked_about(ask(quarter, datetime(2026, 8, 1, tzinfo=zone))) == (begun, ended)


def test_of_a_period_that_is_not_over_only_what_has_come_by_the_end_of_the_day_is_asked_about(
    in_acme: Organization,
) -> None:
    zone = in_acme.zone
    question = ask(Period(date(2026, 4, 1), DAY), datetime(2026, 5, 3, 9, tzinfo=zone))
    assert periods.asked_about(question)[1] == datetime(2026, 5, 4, tzinfo=zone)
    assert periods.judged_at(question) == question.moment


def test_what_comes_from_rounding_alone_signals_nothing() -> None:
    """0.1 + 0.2 is a hair above 0.3: so the mean is a hair above the eight zeros."""
    assert individuals_chart([0.1 + 0.2, -0.3, *[0] * 8]).runs == ()
