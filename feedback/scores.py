"""Scores of questions: their people, mean and interval, by segment, product and month.

A score is of one question on one scale; different ones are never put together into one mean. It is a position on the scale in
per cent, 0 the worst answer and 100 the best.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, Count, IntegerField, Q, Value, When

from clauses.periods import months_until, start_of
from clauses.statistics import Interval, adjusted_wald
from feedback.querysets import MIDDLE
from feedback.respondents import Answers, Instrument, Tally, answers_by
from organizations.models import Targets
from registers.reach import text_in_reach

#: Fewer people than this have no interval, whatever an organization allows: it would hold the truth less often than it says.
FEWEST_PEOPLE = 10


def fewest_people(targets: Targets) -> int:
    """Return how many people have to answer before a score is judged."""
    return max(targets.minimum_answers, FEWEST_PEOPLE)


@dataclass(frozen=True)
class Score:
    """A mean over people, each counted once, and its 95 % interval.

    The mean is None without an answer, the interval where people are too few.
    """

    n: int
    answers: int
    mean: float | None
    interval: Interval | None

    @property
    def is_enough(self) -> bool:
        """Whether enough people answered to judge by."""
        return self.interval is not None

    @classmethod
    def of(cls, tally: Tally, fewest: int, low: float = 0, high: float = 100) -> Score:
        """Return the score of people's means between two ends."""
        if not tally.people:
            return NOBODY
        enough = tally.people >= max(fewest, FEWEST_PEOPLE)
        interval = adjusted_wald(tally.people, tally.total, tally.squares, low, high) if enough else None
        # Rounding may put a mean beyond an end by a hair.
        mean = min(high, max(low, tally.total / tally.people))
        return cls(tally.people, tally.answers, mean, interval)


NOBODY = Score(0, 0, None, None)


@dataclass(frozen=True)
class Line:
    """A question's scores: of all, and of each part.

    Attributes:
        instrument: the question on its scale.
        whole: of everybody.
        parts: of segments, products or sources, by their names; those without one have the empty name.
        promoters: net promoter scores of all and of each part; None where it isn't the recommendation question.
    """

    instrument: Instrument
    whole: Score
    parts: Mapping[str, Score]
    promoters: Promoters | None


@dataclass(frozen=True)
class Promoters:
    """Net promoter scores between -1 and 1: of everybody, and of each part."""

    whole: Score
    parts: Mapping[str, Score]


def by_segment(rows: Any, fewest: int) -> list[Line]:
    """Return each question's scores by the customers' segments, most people first: one query."""
    return _lines(answers_by(rows, text_in_reach(rows.model, "customer__segment")), None, fewest)


def by(rows: Any, lookup: str, fewest: int) -> list[Line]:
    """Return each question's scores by a lookup, most people first: two queries.

    A person may have answered about several products, and counts once among all of them.
    """
    return _lines(answers_by(rows, lookup), {each: whole for (each, _), whole in answers_by(rows).items()}, fewest)


def _lines(
    found: Mapping[tuple[Instrument, Any], Answers], wholes: Mapping[Instrument, Answers] | None, fewest: int
) -> list[Line]:
    parted: defaultdict[Instrument, dict[str, Answers]] = defaultdict(dict)
    for (instrument, key), answers in found.items():
        parted[instrument][key] = answers
    lines = [
        # A person is of one segment: those of all segments are different people.
        _line(instrument, wholes[instrument] if wholes else reduce(Answers.plus, parts.values()), parts, fewest)
        for instrument, parts in parted.items()
    ]
    return sorted(lines, key=lambda line: (-line.whole.n, line.instrument))


def _line(instrument: Instrument, whole: Answers, parts: Mapping[str, Answers], fewest: int) -> Line:
    promoters = None
    if whole.recommendations.people:
        promoters = Promoters(
            Score.of(whole.recommendations, fewest, -1, 1),
            {key: Score.of(part.recommendations, fewest, -1, 1) for key, part in parts.items()},
        )
    return Line(
        instrument,
        Score.of(whole.positions, fewest),
        {key: Score.of(part.positions, fewest) for key, part in parts.items()},
        promoters,
    )


@dataclass(frozen=True)
class Month:
    """The score of the answers collected in a month; ``first`` is its first day."""

    first: date
    score: Score

    @property
    def last(self) -> date:
        """Its last day."""
        return _after(self.first) - timedelta(days=1)


def by_month(rows: Any, last: date, count: int, zone: ZoneInfo, fewest: int) -> list[Month]:
    """Return the scores of ``count`` months up to the one ``last`` lies in, oldest first.

    The same month of two years is two months. The months' ends are worked out here and compared in the database, which else
    had to convert each row's moment.

    Args:
        rows: answers to one question on one scale.
        last: a day of the last month.
        count: how many months.
        zone: where days begin.
        fewest: people below whom a month has no interval.
    """
    firsts = months_until(last, count + 1)[1:]
    ends = [start_of(day, zone) for day in (*firsts[1:], _after(firsts[-1]))]
    month = Case(
        *(When(collected_at__lt=end, then=Value(index)) for index, end in enumerate(ends)), output_field=IntegerField()
    )
    found = answers_by(rows.between(start_of(firsts[0], zone), ends[-1]), month)
    scores = {index: Score.of(answers.positions, fewest) for (_instrument, index), answers in found.items()}
    return [Month(first, scores.get(index, NOBODY)) for index, first in enumerate(firsts)]


def _after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


@dataclass(frozen=True)
class Theme:
    """What customers speak of: how often, and how many of the scores given with it lie below the middle."""

    name: str
    count: int
    scored: int
    low: int


def by_theme(rows: models.QuerySet, most: int) -> list[Theme]:
    """Return the themes spoken of most often.

    The database counts rows with the same themes; they are split here.
    """
    counts: Counter[str] = Counter()
    scored: Counter[str] = Counter()
    low: Counter[str] = Counter()
    names: dict[str, str] = {}
    counted = {"count": Count("pk"), "n": Count("normalized"), "low": Count("pk", filter=Q(normalized__lt=MIDDLE))}
    for row in rows.exclude(themes="").order_by("themes").values("themes").annotate(**counted):
        for theme in row["themes"].split(", "):
            key = theme.casefold()
            names.setdefault(key, theme)
            counts[key] += row["count"]
            scored[key] += row["n"]
            low[key] += row["low"]
    return [Theme(names[key], count, scored[key], low[key]) for key, count in counts.most_common(most)]
