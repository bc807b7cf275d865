"""Intervals and rates, with their sources."""

from __future__ import annotations

import math
from dataclasses import dataclass

#: Two-sided 95 % quantile of the normal distribution.
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Interval:
    """A confidence interval; ends in the units of the estimate."""

    low: float
    high: float


def wilson(successes: int, trials: int, z: float = Z95) -> Interval:
    """The score interval of a proportion, ends between 0 and 1.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212.

    Raises:
        ValueError: no trials, or successes outside of 0..trials.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError("The interval needs at least one trial, and successes between none and all of them.")
    p, z2 = successes / trials, z * z
    middle = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = z / (1 + z2 / trials) * math.sqrt(p * (1 - p) / trials + z2 / (4 * trials * trials))
    return Interval(max(0.0, middle - half), min(1.0, middle + half))


def mean_interval(mean: float, deviation: float, n: int, z: float = Z95) -> Interval:
    """The large-sample interval of a mean: mean ± z·s/√n, in the mean's units.

    Raises:
        ValueError: fewer than two values.
    """
    if n < 2:
        raise ValueError("The interval needs at least two values.")
    half = z * deviation / math.sqrt(n)
    return Interval(mean - half, mean + half)
