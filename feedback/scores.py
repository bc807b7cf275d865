"""Scores summed up by the database: each function is one query, however many rows.

Scores are positions on their scale in per cent, 0 the worst answer and 100 the best, so that scales can be averaged.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Case, Count, F, FloatField, IntegerField, Q, Sum, Value, When
from django.db.models.functions import Cast, Coalesce

from clauses.periods import months_until, start_of
from clauses.statistics import Interval, Promoters, mean_interval, net_promoters
from feedback.scale import scale_in_words

#: What a net promoter score is made of: answers to the recommendation question from 0 to 10, ten the best (F. F. Reichheld,
#: Harvard Business Review 81 (2003) 46-54). How clean the lounge was, from 0 to 10, is none.
RECOMMENDATION = Q(is_recommendation=True, scale_min=0, scale_max=10, higher_is_better=True)


@dataclass(frozen=True)
class Score:
    """The answers' number, their mean position in per cent, and its 95 % interval.

    The mean is None without an answer, the interval below two.
    """

    n: int
    mean: float | None
    interval: Interval | None

    @classmethod
    def of(cls, n: int, total: float | None, squares: float | None) -> Score:
        """Return the score of ``n`` values from their sum and the sum of their squares."""
        if not n or total is None or squares is None:
            return cls(0, None, None)
        mean = total / n
        if n < 2:
            return cls(n, mean, None)
        # Of equal answers the difference of the two sums can be rounded to less than nothing.
        variance = max(0.0, (squares - n * mean * mean) / (n - 1))
        found = mean_interval(mean, math.sqrt(variance), n)
        return cls(n, mean, Interval(max(0.0, found.low), min(100.0, found.high)))


_POSITION = Cast("normalized", FloatField())
_SUMS = {"n": Count("normalized"), "total": Sum(_POSITION), "squares": Sum(_POSITION * _POSITION)}


def score_of(rows: models.QuerySet) -> Score:
    """Return the score of some feedback."""
    return Score.of(**rows.order_by().aggregate(**_SUMS))


@dataclass(frozen=True)
class Group:
    """A score of a part of the rows: of a question, a product, a segment."""

    key: str
    score: Score
    scale: str = ""
    promoters: Promoters | None = None


def by(rows: Any, path: str, most: int) -> list[Group]:
    """Return the scores of the rows that share a value, most answers first.

    At most ``most``. Rows without a value have the empty key.
    """
    found = (
        rows.scored().order_by().values(key=Coalesce(F(path), Value(""))).annotate(**_SUMS).order_by("-n", "key")[:most]
    )
    return [Group(row["key"], Score.of(row["n"], row["total"], row["squares"])) for row in found]


def by_question(rows: Any, most: int) -> list[Group]:
    """Return the scores of each question on each scale, most answers first.

    At most ``most``, those to the recommendation question with their net promoter score.
    """
    counted = {
        "promoters": Count("pk", filter=RECOMMENDATION & Q(score__gte=9)),
        "detractors": Count("pk", filter=RECOMMENDATION & Q(score__lt=7)),
        "asked": Count("pk", filter=RECOMMENDATION & Q(score__isnull=False)),
    }
    scales = rows.scored().order_by().values("question", "scale_min", "scale_max", "higher_is_better")
    found = scales.annotate(**_SUMS, **counted).order_by("-n", "question")[:most]
    return [
        Group(
            row["question"],
            Score.of(row["n"], row["total"], row["squares"]),
            scale_in_words(row["scale_min"], row["scale_max"], row["higher_is_better"]),
            _promoters(row),
        )
        for row in found
    ]


def promoters(rows: models.QuerySet) -> tuple[int, Promoters | None]:
    """Return how many answered the recommendation question, and their net promoter score.

    9 and 10 promote, below 7 detracts.
    """
    row = (
        rows.filter(RECOMMENDATION, score__isnull=False)
        .order_by()
        .aggregate(
            asked=Count("pk"),
            promoters=Count("pk", filter=Q(score__gte=9)),
            detractors=Count("pk", filter=Q(score__lt=7)),
        )
    )
    return row["asked"], _promoters(row)


def _promoters(row: dict[str, int]) -> Promoters | None:
    if not row["asked"]:
        return None
    return net_promoters(row["promoters"], row["asked"] - row["promoters"] - row["detractors"], row["detractors"])


@dataclass(frozen=True)
class Month:
    """The score of the answers collected in a month; ``first`` is its first day."""

    first: date
    score: Score

    @property
    def last(self) -> date:
        """Its last day."""
        return _after(self.first) - timedelta(days=1)


def by_month(rows: Any, last: date, count: int, zone: ZoneInfo) -> list[Month]:
    """Return the scores of ``count`` months up to the one ``last`` lies in, oldest first.

    The same month of two years is two months. The months' ends are worked out here and compared in the database, which else
    had to convert each row's moment.
    """
    firsts = months_until(last, count + 1)[1:]
    ends = [start_of(day, zone) for day in (*firsts[1:], _after(firsts[-1]))]
    month = Case(
        *(When(collected_at__lt=end, then=Value(index)) for index, end in enumerate(ends)), output_field=IntegerField()
    )
    found = rows.scored().between(start_of(firsts[0], zone), ends[-1]).order_by().values(month=month).annotate(**_SUMS)
    scores = {row["month"]: Score.of(row["n"], row["total"], row["squares"]) for row in found}
    return [Month(first, scores.get(index, Score(0, None, None))) for index, first in enumerate(firsts)]


def _after(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


@dataclass(frozen=True)
class Theme:
    """What customers speak of: how often, and how those score who speak of it."""

    name: str
    count: int
    mean: float | None


def by_theme(rows: models.QuerySet, most: int) -> list[Theme]:
    """Return the themes spoken of most often.

    The database counts rows with the same themes; they are split here.
    """
    counts: Counter[str] = Counter()
    scored: Counter[str] = Counter()
    totals: Counter[str] = Counter()
    names: dict[str, str] = {}
    found = (
        rows.exclude(themes="")
        .order_by()
        .values("themes")
        .annotate(count=Count("pk"), n=Count("normalized"), total=Sum(_POSITION))
    )
    for row in found:
        for theme in row["themes"].split(", "):
            key = theme.casefold()
            names.setdefault(key, theme)
            counts[key] += row["count"]
            scored[key] += row["n"]
            totals[key] += row["total"] or 0
    return [
        Theme(names[key], count, totals[key] / scored[key] if scored[key] else None)
        for key, count in counts.most_common(most)
    ]
