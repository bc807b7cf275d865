"""Drawing a sample so that anybody can draw it again.

It takes the standard library, or a calculator of SHA-256 and a hand. The whole recipe follows. Texts are encoded as
UTF-8; ``‖`` joins texts.

1. **Key.** The key of a row is SHA-256(seed ‖ ``:`` ‖ reference), read as a whole number, first byte highest.
2. **Simple.** Order the rows by key, lowest first. The sample is the first ``size`` of them.
3. **Stratified.** Let the population have N rows and stratum i have N_i of them.
   a. Each stratum gets the whole part of size × N_i / N, and at least 1.
   b. A stratum's shortfall is size × N_i − given × N. As long as too few are given, the stratum with the highest shortfall
      among those that have rows left gets one more; as long as too many are given, the one with the lowest shortfall among
      those with more than 1 gives one back. Of equals, the one whose name comes first in the order of code points.
   c. In each stratum draw by the simple recipe. The strata follow each other in the order of their names.
4. **By risk** (Efraimidis and Spirakis 2006, algorithm A-ES: without replacement, the chance grows with the weight). With
   u = (key + 1) / (2²⁵⁶ + 1), a number between 0 and 1, order the rows by −ln(u) / weight, lowest first, computed in decimal
   arithmetic with 28 significant digits, half to even, each step rounded; equals by key. The sample is the first ``size``.
5. **Digest of the population.** SHA-256 over one line a row, in the order of code points of the references: reference, a tab,
   stratum, a tab, weight, a line feed. It says that nobody exchanged the population after the draw.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Literal

Method = Literal["simple", "stratified", "risk"]

#: As step 4 of the recipe says: another precision or rounding could order two rows otherwise.
_CONTEXT = Context(prec=28, rounding=ROUND_HALF_EVEN)
_KEYS = 2**256


class SamplingError(ValueError):
    """The sample can't be drawn as asked; the message says why."""


@dataclass(frozen=True)
class Entry:
    """A row of the population: reference, stratum, and weight (a whole number from 1)."""

    reference: str
    stratum: str = ""
    weight: int = 1


def key(seed: str, reference: str) -> int:
    """Return the key of a row (step 1 of the recipe)."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{reference}".encode()).digest(), "big")


def simple(entries: Iterable[Entry], size: int, seed: str) -> list[Entry]:
    """Draw rows that are all equally likely (step 2)."""
    return sorted(entries, key=lambda entry: key(seed, entry.reference))[:size]


def allocate(strata: Mapping[str, int], size: int) -> dict[str, int]:
    """Return how many rows each stratum gives, by its name (steps 3a and 3b).

    Args:
        strata: rows in each stratum; all at least 1.
        size: rows to draw in all.

    Raises:
        SamplingError: there are more strata than rows to draw.
    """
    if size < len(strata):
        raise SamplingError(f"{len(strata)} strata need a sample of at least {len(strata)}; {size} were asked for.")
    total = sum(strata.values())
    given = {name: max(1, size * strata[name] // total) for name in sorted(strata)}

    def shortfall(name: str) -> int:
        return size * strata[name] - given[name] * total

    # Of equals `max` and `min` take the first; `given` is in the order of names, as step 3b asks.
    while sum(given.values()) < size:
        given[max((name for name in given if given[name] < strata[name]), key=shortfall)] += 1
    while sum(given.values()) > size:
        given[min((name for name in given if given[name] > 1), key=shortfall)] -= 1
    return given


def stratified(entries: Sequence[Entry], size: int, seed: str) -> list[Entry]:
    """Draw from each stratum in proportion to its rows, and at least one (step 3).

    Raises:
        SamplingError: there are more strata than rows to draw.
    """
    shares = allocate(Counter(entry.stratum for entry in entries), size)
    return [
        drawn
        for name, share in shares.items()
        for drawn in simple((entry for entry in entries if entry.stratum == name), share, seed)
    ]


def by_risk(entries: Iterable[Entry], size: int, seed: str) -> list[Entry]:
    """Draw rows that are the likelier, the heavier they are (step 4)."""
    return sorted(entries, key=lambda entry: _arrival(seed, entry))[:size]


def _arrival(seed: str, entry: Entry) -> tuple[Decimal, int]:
    number = key(seed, entry.reference)
    u = _CONTEXT.divide(Decimal(number + 1), Decimal(_KEYS + 1))
    return _CONTEXT.divide(_CONTEXT.ln(u).copy_negate(), Decimal(entry.weight)), number


def draw(method: Method, entries: Sequence[Entry], size: int, seed: str) -> list[Entry]:
    """Return a sample of a population, in the order in which it was drawn.

    The order of ``entries`` doesn't matter.

    Raises:
        SamplingError: the sample is empty or larger than the population, or has fewer rows than there are strata.
    """
    if not 1 <= size <= len(entries):
        raise SamplingError(f"A sample of {size} can't be drawn from {len(entries)} rows.")
    recipes = {"simple": simple, "stratified": stratified, "risk": by_risk}
    return recipes[method](entries, size, seed)


def digest(entries: Iterable[Entry]) -> str:
    """Return the digest of a population, in 64 hexadecimal digits (step 5)."""
    lines = (f"{e.reference}\t{e.stratum}\t{e.weight}\n" for e in sorted(entries, key=lambda e: e.reference))
    return hashlib.sha256("".join(lines).encode()).hexdigest()
