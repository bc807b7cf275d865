"""The drawing shows what the numbers say, and stays inside its box."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clauses.periods import months_until
from feedback.chart import BOTTOM, HEIGHT, LABEL_STEP, LEFT, RIGHT, TOP, WIDTH, name_of, trend_of
from feedback.respondents import Tally
from feedback.scores import NOBODY, Month, Score

DAY = date(2026, 7, 31)


def months(*means: float | None) -> list[Month]:
    scores = [
        NOBODY if mean is None else Score.of(Tally(12, 12, 12 * mean, 12 * mean * mean + 40), 10) for mean in means
    ]
    return [Month(first, score) for first, score in zip(months_until(DAY, len(means)), scores, strict=True)]


def test_below_two_months_nothing_is_drawn() -> None:
    trend = trend_of(months(None, 70.0), 75, DAY)
    assert (trend.drawing, trend.chart) == (None, None)
    assert "two months" in trend.summary


def test_a_month_of_too_few_people_is_hollow_and_counts_neither_for_limits_nor_as_a_signal() -> None:
    usual = months(*[80.0, 81.0, 79.0] * 4)
    one = Month(usual[5].first, Score.of(Tally(9, 9, 0, 0), 10))
    trend = trend_of([*usual[:5], one, *usual[6:]], 75, DAY)
    assert trend.chart is not None and trend.drawing is not None
    assert (trend.chart.limits.low > 70, trend.signals, len(trend.drawing.lines)) == (True, {}, 2)
    assert [point.few for point in trend.drawing.points] == [index == 5 for index in range(12)]
    assert (trend.drawing.points[5].low, trend.drawing.points[5].text) == (
        None,
        "January 2026: 0.0 %, 9 people, too few",
    )


def test_an_empty_month_breaks_the_line_and_has_no_point() -> None:
    drawing = trend_of(months(70.0, 71.0, None, 72.0, 71.0), 75, DAY).drawing
    assert drawing is not None
    assert (len(drawing.lines), len(drawing.points)) == (2, 4)


def test_a_month_outside_of_the_limits_is_named_a_signal() -> None:
    trend = trend_of(months(*[80.0, 81.0, 79.0] * 2, 40.0, *[80.0, 81.0, 79.0] * 2), 75, DAY)
    assert trend.signals == {6: "below the lower limit"}
    assert trend.drawing is not None and trend.drawing.points[6].signal == "below the lower limit"
    assert "1 month signals a change." in trend.summary


def test_signals_keep_their_month_where_others_are_empty() -> None:
    trend = trend_of(months(*[80.0, 81.0, 79.0] * 2, None, 40.0, *[80.0, 81.0, 79.0] * 2), 75, DAY)
    assert trend.signals == {7: "below the lower limit"}


def test_a_long_run_is_named_a_signal() -> None:
    trend = trend_of(months(*[70.0, 72.0] * 4, *[80.0, 82.0] * 4), 75, DAY)
    assert trend.signals[7] == "at least eight in a row below the mean"
    assert trend.signals[15] == "at least eight in a row above the mean"


def test_few_months_are_called_provisional() -> None:
    assert "provisional" in trend_of(months(*[70.0] * 11), 75, DAY).summary
    assert "provisional" not in trend_of(months(*[70.0] * 12), 75, DAY).summary


def test_the_summary_names_mean_limits_and_the_latest_month() -> None:
    summary = trend_of(months(70.0, 80.0), 75, date(2026, 8, 15)).summary
    assert summary.startswith(
        "Mean of 2 months 75.0 %, limits 48.4 to 101.6. Latest, July 2026: 80.0 % from 12 people."
    )


def test_only_limits_that_can_be_reached_are_drawn() -> None:
    drawing = trend_of(months(70.0, 80.0), 60, DAY).drawing
    assert drawing is not None
    assert [level.text for level in drawing.levels] == ["mean 75", "target 60", "lower limit 48.4"]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 7, 30), "July 2026, so far"),
        (date(2026, 7, 31), "July 2026"),
        (date(2026, 8, 1), "July 2026"),
        (date(2025, 7, 2), "July 2026"),
    ],
)
def test_a_month_that_is_not_over_says_so(day: date, name: str) -> None:
    assert name_of(date(2026, 7, 1), day) == name


@given(st.lists(st.none() | st.floats(0, 100), min_size=2, max_size=36), st.floats(0, 100))
def test_everything_stays_inside_the_box(means: list[float | None], target: float) -> None:
    drawing = trend_of(months(*means), target, DAY).drawing
    if drawing is None:
        return
    heights = [y for point in drawing.points for y in (point.y, point.low, point.high) if y is not None]
    heights += [level.y for level in drawing.levels] + [y for y, _label in drawing.grid]
    assert all(TOP <= y <= HEIGHT - BOTTOM for y in heights)
    assert all(LEFT <= point.x <= WIDTH - RIGHT for point in drawing.points)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=36), st.floats(0, 100))
def test_labels_never_cover_each_other(means: list[float], target: float) -> None:
    drawing = trend_of(months(*means), target, DAY).drawing
    assert drawing is not None
    places = [level.label_y for level in drawing.levels]
    assert all(below - above >= LABEL_STEP - 1e-9 for above, below in pairwise(places))
