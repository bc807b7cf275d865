"""Intervals and rates, with their sources."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Two-sided 95 % quantile of the normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A confidence interval; ends in the units of the estimate."""

    low: float
    high: float


def wilson(successes: int, trials: int, z: float = Z95) -> Interval:
    """Return the score interval of a proportion, ends between 0 and 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212.

    Raises:
        ValueError: no trials, or successes outside of 0..trials.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError("The interval needs at least one trial, and successes between none and all of them.")
    p, z2 = successes / trials, z * z
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials))
    # Rounding may put an end beyond 0 or 1 by a hair.
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def adjusted_wald(n: int, total: float, squares: float, low: float, high: float, z: float = Z95) -> Interval:
    """Return the adjusted Wald interval of the mean of values between two ends, in the values' units.

    Three values are added: ¾ at each end, 1½ in the middle. So the interval keeps a width where all values are equal, and
    keeps to the ends where it belongs. For values of -1, 0 and 1 it is the interval of the net promoter score.
    Source: B. Rocks, "Interval estimation for the 'net promoter score'", The American Statistician 70 (2016) 365-372; after
    A. Agresti, B. A. Coull, "Approximate is better than 'exact'", The American Statistician 52 (1998) 119-126.

    Args:
        n: how many values; each of another person, else they are not independent.
        total: their sum.
        squares: the sum of their squares.
        low, high: the ends.

    Raises:
        ValueError: no values.
    """
    if n <= 0:
        raise ValueError("The interval needs at least one value.")
    middle, added = (low + high) / 2, n + 3
    mean = (total + 3 * middle) / added
    variance = (squares + 0.75 * (low * low + high * high) + 1.5 * middle * middle) / added - mean * mean
    half = z * math.sqrt(max(0.0, variance) / added)
    return Interval(max(low, mean - half), min(high, mean + half))


#: Limits of individuals are this many mean moving ranges from the mean: 3 / d₂, d₂ = 1.128 for two values.
LIMIT_FACTOR = 2.660
#: The upper limit of moving ranges in mean moving ranges: D₄ for two values.
RANGE_FACTOR = 3.267
#: Points in a row on one side of the mean that are a signal.
RUN = 8
#: Fewer points than this give limits that are provisional.
ENOUGH_POINTS = 12
#: Differences of this share of the largest value come from rounding: equal values must not signal.
ROUNDING = 1e-12


@dataclass(frozen=True)
class Chart:
    """A chart of individuals and moving ranges, in the values' units.

    Attributes:
        mean: of the values.
        mean_range: of the distances between neighbours.
        limits: natural process limits.
        range_limit: upper limit of the distances.
        beyond: indexes of the values outside of the limits.
        runs: indexes of the values that end or prolong a run of eight on one side of the mean.
        provisional: whether the points are too few for firm limits.
    """

    mean: float
    mean_range: float
    limits: Interval
    range_limit: float
    beyond: tuple[int, ...]
    runs: tuple[int, ...]
    provisional: bool


def individuals_chart(values: Sequence[float]) -> Chart:
    """Return limits and signals of values in the order of time (XmR chart).

    The limits are mean ± 2.660·mR̄, and the upper limit of ranges 3.267·mR̄.

    Sources: W. A. Shewhart's limits as D. J. Wheeler gives them for individuals in "Understanding Variation" (1993); eight on
    one side from the Western Electric "Statistical Quality Control Handbook" (1956). More rules would cry wolf more often.

    Raises:
        ValueError: fewer than two values.
    """
    if len(values) < 2:
        raise ValueError("A chart needs at least two values.")
    # fsum() loses no digits, however many values there are.
    mean = math.fsum(values) / len(values)
    mean_range = math.fsum(abs(later - earlier) for earlier, later in pairwise(values)) / (len(values) - 1)
    limits = Interval(mean - LIMIT_FACTOR * mean_range, mean + LIMIT_FACTOR * mean_range)
    blur = ROUNDING * max(map(abs, values))
    beyond = tuple(index for index, value in enumerate(values) if not limits.low - blur <= value <= limits.high + blur)
    return Chart(
        mean,
        mean_range,
        limits,
        RANGE_FACTOR * mean_range,
        beyond,
        _runs(values, mean, blur),
        len(values) < ENOUGH_POINTS,
    )


def _runs(values: Sequence[float], mean: float, blur: float) -> tuple[int, ...]:
    """Return the indexes at which at least eight values in a row lie on one side of the mean.

    A value on the mean ends a run.
    """
    found, length, side = [], 0, 0
    for index, value in enumerate(values):
        here = (value > mean + blur) - (value < mean - blur)
        length = length + 1 if here and here == side else abs(here)
        side = here
        if length >= RUN:
            found.append(index)
    return tuple(found)
