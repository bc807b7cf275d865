"""Net promoter scores and control charts against known values, and what must hold for any values."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clauses.statistics import individuals_chart, net_promoters

counts = st.integers(0, 10_000)
values = st.lists(st.floats(0, 100, allow_nan=False), min_size=2, max_size=60)


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "score", "low", "high"),
    [
        # (60 - 20) / 100; n + 3 = 103: 0.38835 ± 1.95996·√((0.79126 - 0.15082) / 103)
        (60, 20, 20, 0.40, 0.23380, 0.54290),
        # nobody undecided, all against: 0.75/13 - 10.75/13 = -0.76923 ± 1.95996·√((0.88462 - 0.59172) / 13)
        (0, 0, 10, -1.0, -1.0, -0.47504),
        (0, 5, 0, 0.0, -0.30005, 0.30005),
    ],
)
def test_known_net_promoter_scores(
    promoters: int, passives: int, detractors: int, score: float, low: float, high: float
) -> None:
    found = net_promoters(promoters, passives, detractors)
    assert (found.score, found.interval.low, found.interval.high) == pytest.approx((score, low, high), abs=1e-5)


@given(counts, counts, counts)
def test_a_net_promoter_score_and_its_interval_stay_between_all_against_and_all_for(
    promoters: int, passives: int, detractors: int
) -> None:
    if promoters + passives + detractors == 0:
        return
    found = net_promoters(promoters, passives, detractors)
    assert -1 <= found.interval.low < found.interval.high <= 1
    assert -1 <= found.score <= 1


@given(counts, counts, counts)
def test_swapping_promoters_and_detractors_mirrors_the_score(promoters: int, passives: int, detractors: int) -> None:
    if promoters + passives + detractors == 0:
        return
    one, other = net_promoters(promoters, passives, detractors), net_promoters(detractors, passives, promoters)
    assert (one.score, one.interval.low, one.interval.high) == pytest.approx(
        (-other.score, -other.interval.high, -other.interval.low), abs=1e-12
    )


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    chance, truth, covered = random.Random(7), 0.3, 0
    for _ in range(2000):
        drawn = chance.choices((1, 0, -1), (0.5, 0.3, 0.2), k=12)
        interval = net_promoters(drawn.count(1), drawn.count(0), drawn.count(-1)).interval
        covered += interval.low <= truth <= interval.high
    assert 0.93 <= covered / 2000 <= 0.985


@pytest.mark.parametrize("given_counts", [(0, 0, 0), (-1, 2, 3)])
def test_a_net_promoter_score_needs_answers(given_counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="at least one answer"):
        net_promoters(*given_counts)


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
