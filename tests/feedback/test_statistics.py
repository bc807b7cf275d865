"""Intervals and control charts against known values, and what must hold for any values."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW
from statsmodels.stats.weightstats import _zconfint_generic as zconfint_generic

from clauses.statistics import Interval, adjusted_wald, individuals_chart

counts = st.integers(0, 10_000)
values = st.lists(st.floats(0, 100, allow_nan=False), min_size=2, max_size=60)


def net_promoters(promoters: int, passives: int, detractors: int) -> Interval:
    return adjusted_wald(promoters + passives + detractors, promoters - detractors, promoters + detractors, -1, 1)


def of_values(found: Sequence[float], low: float, high: float) -> Interval:
    return adjusted_wald(len(found), math.fsum(found), math.fsum(value * value for value in found), low, high)


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "low", "high"),
    [
        # n + 3 = 103: 0.38835 ± 1.95996·√((0.79126 - 0.15082) / 103)
        (60, 20, 20, 0.23380, 0.54290),
        # nobody undecided, all against: 0.75/13 - 10.75/13 = -0.76923 ± 1.95996·√((0.88462 - 0.59172) / 13)
        (0, 0, 10, -1.0, -0.47504),
        (0, 5, 0, -0.30005, 0.30005),
    ],
)
def test_known_intervals_of_net_promoter_scores(
    promoters: int, passives: int, detractors: int, low: float, high: float
) -> None:
    found = net_promoters(promoters, passives, detractors)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-5)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=300))
def test_the_interval_of_a_mean_is_that_of_statsmodels_with_three_answers_added(found: list[float]) -> None:
    added = DescrStatsW(
        np.array([*found, 0, 50, 100]), weights=np.array([1.0] * len(found) + [0.75, 1.5, 0.75]), ddof=0
    )
    low, high = zconfint_generic(added.mean, added.std / math.sqrt(added.nobs), 0.05, "two-sided")
    interval = of_values(found, 0, 100)
    assert (interval.low, interval.high) == pytest.approx((max(0, low), min(100, high)), abs=1e-6)


@given(counts, counts, counts)
def test_an_interval_of_promoters_has_a_width_between_all_against_and_all_for(
    promoters: int, passives: int, detractors: int
) -> None:
    if promoters + passives + detractors == 0:
        return
    found = net_promoters(promoters, passives, detractors)
    assert -1 <= found.low < found.high <= 1
    mirrored = net_promoters(detractors, passives, promoters)
    assert (found.low, found.high) == pytest.approx((-mirrored.high, -mirrored.low), abs=1e-12)


@given(st.integers(1, 5000), st.integers(0, 5000))
def test_of_yes_and_no_it_agrees_with_wilson_where_answers_are_many(people: int, yes: int) -> None:
    """For shares it is another approximation of the same interval: Wilson's, as statsmodels works it out."""
    people, yes = people + 300, min(yes, people)
    low, high = proportion_confint(yes, people, method="wilson")
    found = adjusted_wald(people, yes, yes, 0, 1)
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.012)


@pytest.mark.parametrize("people", [10, 12, 30, 100])
@pytest.mark.parametrize(
    ("values", "shares"),
    [
        ((1, 0, -1), (0.5, 0.3, 0.2)),
        ((1, 0, -1), (0.8, 0.15, 0.05)),
        ((-1, -0.5, 0, 0.5, 1), (0.02, 0.05, 0.13, 0.4, 0.4)),
        ((-1, -0.5, 0, 0.5, 1), (0.2, 0.2, 0.2, 0.2, 0.2)),
        ((-1, 1), (0.1, 0.9)),
    ],
)
def test_the_interval_covers_the_truth_about_as_often_as_it_says_from_ten_people_on(
    people: int, values: tuple[float, ...], shares: tuple[float, ...]
) -> None:
    chance, covered = random.Random(7), 0
    truth = math.fsum(value * share for value, share in zip(values, shares, strict=True))
    for _ in range(2000):
        interval = of_values(chance.choices(values, shares, k=people), -1, 1)
        covered += interval.low <= truth <= interval.high
    assert covered / 2000 >= 0.93


def test_an_interval_needs_a_value() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        adjusted_wald(0, 0, 0, 0, 1)


def test_known_limits_of_a_chart() -> None:
    chart = individuals_chart([10.0, 12.0, 9.0, 13.0])
    assert (chart.mean, chart.mean_range) == (11.0, 3.0)
    assert (chart.limits.low, chart.limits.high, chart.range_limit) == pytest.approx((11 - 7.98, 11 + 7.98, 9.801))


def test_a_value_outside_of_the_limits_is_a_signal() -> None:
    steady = [50.0, 51.0, 50.0, 49.0, 50.0, 51.0, 49.0, 50.0, 50.0, 51.0, 49.0, 50.0]
    assert individuals_chart([*steady, 70.0]).beyond == (12,)
    assert individuals_chart(steady).beyond == ()


def test_the_eighth_value_on_one_side_is_a_signal_and_the_seventh_is_not() -> None:
    below = [40.0, 42.0] * 4
    assert individuals_chart([*below, *[60.0, 58.0] * 4]).runs == (7, 15)
    assert individuals_chart([*below[:7], *[60.0, 58.0, 60.0, 58.0, 60.0, 58.0, 60.0]]).runs == ()


def test_a_value_on_the_mean_ends_a_run() -> None:
    assert individuals_chart([40.0] * 4 + [50.0] + [40.0] * 4 + [50.0] + [60.0] * 4 + [50.0] + [60.0] * 4).runs == ()


@pytest.mark.parametrize(("points", "provisional"), [(2, True), (11, True), (12, False), (24, False)])
def test_fewer_than_twelve_points_are_provisional(points: int, provisional: bool) -> None:
    assert individuals_chart([float(n % 3) for n in range(points)]).provisional is provisional


@given(st.floats(0.001, 100), st.integers(2, 60))
def test_equal_values_never_signal(value: float, number: int) -> None:
    chart = individuals_chart([value] * number)
    assert (chart.beyond, chart.runs) == ((), ())


@given(values)
def test_limits_lie_around_the_mean_by_266_hundredths_of_the_mean_range(found: list[float]) -> None:
    chart = individuals_chart(found)
    assert math.isclose(chart.limits.high - chart.mean, 2.66 * chart.mean_range, rel_tol=1e-9, abs_tol=1e-9)
    assert math.isclose(chart.mean - chart.limits.low, 2.66 * chart.mean_range, rel_tol=1e-9, abs_tol=1e-9)


@given(values)
def test_turning_time_round_changes_no_limit(found: list[float]) -> None:
    one, other = individuals_chart(found), individuals_chart(found[::-1])
    assert one.limits.low == pytest.approx(other.limits.low, abs=1e-9)


def test_one_value_makes_no_chart() -> None:
    with pytest.raises(ValueError, match="at least two"):
        individuals_chart([5.0])
