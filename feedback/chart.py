"""The trend of monthly scores as plain values, for the chart, the table and the summary.

Everything here is a pure function of its input. Coordinates are the SVG's own units, y pointing down.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses.statistics import Chart, individuals_chart
from feedback.scores import FEWEST_PEOPLE, Month

WIDTH, HEIGHT = 960, 280
LEFT, RIGHT, TOP, BOTTOM = 36, 112, 14, 30
#: Least distance of two labels at the right edge.
LABEL_STEP = 14
#: Every how manieth month has its name under the chart.
NAMED = 3


@dataclass(frozen=True)
class Point:
    """A month's score as it is drawn.

    Attributes:
        x, y: where it is drawn.
        low, high: its interval's ends; None where it has none.
        text: what it says.
        signal: what it signals; empty where nothing.
        few: whether too few people answered for it to count.
    """

    x: float
    y: float
    low: float | None
    high: float | None
    text: str
    signal: str
    few: bool


@dataclass(frozen=True)
class Level:
    """A horizontal line across the chart with its label at the right: mean, limits, target."""

    kind: str
    y: float
    label_y: float
    text: str


@dataclass(frozen=True)
class Drawing:
    """The chart as it is drawn.

    Attributes:
        lines: the line's pieces; it is broken where a month is empty.
        names: months, each with its place.
    """

    width: int
    height: int
    left: int
    right: int
    grid: tuple[tuple[float, str], ...]
    levels: tuple[Level, ...]
    lines: tuple[str, ...]
    points: tuple[Point, ...]
    names: tuple[tuple[float, str], ...]
    baseline: float


@dataclass(frozen=True)
class Trend:
    """Monthly scores with their limits.

    Attributes:
        chart, drawing: None below two months in which enough people answered.
        signals: what a month signals, by its place among the months.
    """

    months: tuple[Month, ...]
    chart: Chart | None
    signals: dict[int, str]
    drawing: Drawing | None
    summary: str


def trend_of(months: Sequence[Month], target: float, day: date) -> Trend:
    """Return the trend of monthly scores: limits, signals, drawing and summary.

    Args:
        months: in the order of time; those without a score leave a hole. Months of too few people are drawn hollow, and
            count neither for limits nor as signals: one person's answer is no change.
        target: the organization's target, in per cent.
        day: the day it is seen from; the month it lies in is called unfinished.
    """
    scored = [
        (index, month.score.mean)
        for index, month in enumerate(months)
        if _counts(month) and month.score.mean is not None
    ]
    if len(scored) < 2:
        needed = _("A trend needs at least two months in which %(fewest)s people answered.") % {"fewest": FEWEST_PEOPLE}
        return Trend(tuple(months), None, {}, None, needed)
    chart = individuals_chart([mean for _index, mean in scored])
    signals = {scored[place][0]: words for place, words in _signals(chart, [mean for _index, mean in scored]).items()}
    return Trend(
        tuple(months), chart, signals, _draw(months, chart, signals, target, day), _summary(months, chart, signals, day)
    )


def _counts(month: Month) -> bool:
    """Return whether enough people answered in a month for it to count."""
    return month.score.n >= FEWEST_PEOPLE


def _signals(chart: Chart, values: Sequence[float]) -> dict[int, str]:
    """Return what each signal says, by its place among the values."""
    found = {
        place: _("at least eight in a row above the mean")
        if values[place] > chart.mean
        else _("at least eight in a row below the mean")
        for place in chart.runs
    }
    return found | {
        place: _("above the upper limit") if values[place] > chart.mean else _("below the lower limit")
        for place in chart.beyond
    }


def name_of(first: date, day: date) -> str:
    """Return ``October 2026``; ``October 2026, so far`` on a day before its last."""
    name = formats.date_format(first, "F Y")
    unfinished = (
        (first.year, first.month)
        == (day.year, day.month)
        == ((day + timedelta(days=1)).year, (day + timedelta(days=1)).month)
    )
    return _("%(month)s, so far") % {"month": name} if unfinished else name


def _summary(months: Sequence[Month], chart: Chart, signals: dict[int, str], day: date) -> str:
    scored = [month for month in months if _counts(month)]
    sentences = [
        _("Mean of %(count)s months %(mean)s %%, limits %(low)s to %(high)s.")
        % {
            "count": len(scored),
            "mean": _one(chart.mean),
            "low": _one(chart.limits.low),
            "high": _one(chart.limits.high),
        },
        _("Latest, %(month)s: %(mean)s %% from %(n)s people.")
        % {
            "month": name_of(scored[-1].first, day),
            "mean": _one(scored[-1].score.mean or 0),
            "n": f"{scored[-1].score.n:,}",
        },
    ]
    if signals:
        sentences.append(
            ngettext("%(count)s month signals a change.", "%(count)s months signal a change.", len(signals))
            % {"count": len(signals)}
        )
    else:
        sentences.append(_("No month signals a change: the differences are within the usual variation."))
    if chart.provisional:
        sentences.append(_("Fewer than twelve months: the limits are provisional."))
    return " ".join(sentences)


def _one(value: float) -> str:
    return f"{value:.1f}"


class _Scale:
    """From months and per cents to the drawing's units."""

    def __init__(self, count: int, values: Sequence[float]) -> None:
        self.step = (WIDTH - LEFT - RIGHT) / max(1, count - 1)
        unit = 5 if max(values) - min(values) <= 30 else 10 if max(values) - min(values) <= 60 else 20
        self.low = min(100 - unit, max(0, math.floor(min(values) / unit) * unit))  # a height even where all is 100
        self.high = min(100, max(self.low + unit, math.ceil(max(values) / unit) * unit))
        self.ticks = range(self.low, self.high + 1, unit)

    def x(self, index: int) -> float:
        return round(LEFT + index * self.step, 1)

    def y(self, value: float) -> float:
        kept = min(self.high, max(self.low, value))
        return round(TOP + (self.high - kept) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM), 1)


def _draw(months: Sequence[Month], chart: Chart, signals: dict[int, str], target: float, day: date) -> Drawing:
    means = [month.score.mean for month in months if month.score.mean is not None]
    inside = [min(100.0, max(0.0, limit)) for limit in (chart.limits.low, chart.limits.high)]
    scale = _Scale(len(months), [*means, *inside, target])
    return Drawing(
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=WIDTH - RIGHT,
        grid=tuple((scale.y(tick), str(tick)) for tick in scale.ticks),
        levels=_levels(chart, target, scale),
        lines=tuple(_lines(months, scale)),
        points=tuple(_points(months, signals, scale, day)),
        names=tuple(
            (scale.x(index), _short(month.first, index))
            for index, month in enumerate(months)
            if (month.first.month - 1) % NAMED == 0
        ),
        baseline=HEIGHT - BOTTOM,
    )


def _short(first: date, index: int) -> str:
    """Return a month's name, with the year where one begins."""
    return formats.date_format(first, "M Y" if first.month == 1 or index < NAMED else "M")


def _levels(chart: Chart, target: float, scale: _Scale) -> tuple[Level, ...]:
    """Return mean, limits that lie on the scale, and target.

    Labels are moved apart where they would overlap.
    """
    lines = [("mean", chart.mean, _("mean %(value)s")), ("target", target, _("target %(value)s"))]
    lines += [
        ("limit", value, words)
        for value, words in (
            (chart.limits.low, _("lower limit %(value)s")),
            (chart.limits.high, _("upper limit %(value)s")),
        )
        if 0 <= value <= 100
    ]
    placed: list[Level] = []
    for kind, value, words in sorted(lines, key=lambda line: -line[1]):
        y = scale.y(value)
        label_y = max(y, placed[-1].label_y + LABEL_STEP) if placed else y
        placed.append(Level(kind, y, label_y, words % {"value": f"{value:.1f}".removesuffix(".0")}))
    return tuple(placed)


def _lines(months: Sequence[Month], scale: _Scale) -> list[str]:
    pieces: list[list[str]] = [[]]
    for index, month in enumerate(months):
        if month.score.mean is None or not _counts(month):
            pieces.append([])
        else:
            pieces[-1].append(f"{scale.x(index)},{scale.y(month.score.mean)}")
    # A month between two empty ones has no line, only its point.
    return [" ".join(piece) for piece in pieces if len(piece) > 1]


def _points(months: Sequence[Month], signals: dict[int, str], scale: _Scale, day: date) -> list[Point]:
    points = []
    for index, month in enumerate(months):
        score = month.score
        if score.mean is None:
            continue
        low, high = (scale.y(score.interval.low), scale.y(score.interval.high)) if score.interval else (None, None)
        few = not _counts(month)
        words = _("%(month)s: %(mean)s %%, %(n)s people, too few") if few else _("%(month)s: %(mean)s %%, %(n)s people")
        text = words % {
            "month": name_of(month.first, day),
            "mean": _one(score.mean),
            "n": f"{score.n:,}",
        }
        points.append(Point(scale.x(index), scale.y(score.mean), low, high, text, signals.get(index, ""), few))
    return points
