"""Scales that a file's title or legend tells: “Skala 1 (sehr gut) bis 6 (ungenügend)”."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

_END = r"(?P<{0}>\d{{1,3}})\s*(?:\((?P<{0}_word>[^()]{{1,40}})\)|=\s*(?P<{0}_means>[^\d()=,;]{{1,40}}?))?"
_SCALE = re.compile(
    r"(?:skala|scale|noten?|schulnoten?|bewertung|rating|marks?|grades?)\b\D{0,30}?"
    + _END.format("low")
    + r"\s*(?:-|–|—|…|,|bis|to|\.{2,3})\s*"
    + _END.format("high")
    + r"(?!\d)"
)
_GOOD = frozenset(
    (*("gut", "beste", "bestes", "ausgezeichnet", "hervorragend", "zufrieden", "ja", "zutreffend", "exzellent"),
     *("good", "best", "excellent", "satisfied", "agree", "outstanding", "yes"))
)  # fmt: skip
_BAD = frozenset(
    (*("ungenügend", "ungenuegend", "schlecht", "schlechteste", "mangelhaft", "unzufrieden", "nicht", "nein", "unzureichend"),
     *("bad", "poor", "worst", "dissatisfied", "unsatisfied", "disagree", "unacceptable", "not", "no", "very poor"))
)  # fmt: skip


class ToldScale(NamedTuple):
    """A scale as a text tells it; the last is None where its words don't say which end is best."""

    low: Decimal
    high: Decimal
    higher_is_better: bool | None


def told_scales(texts: Iterable[str]) -> Iterator[ToldScale]:
    """Yield the scales that texts tell, in their order."""
    for text in texts:
        for found in _SCALE.finditer(text.casefold()):
            ends = [
                (Decimal(found[name]), _is_good(found[f"{name}_word"] or found[f"{name}_means"] or ""))
                for name in ("low", "high")
            ]
            (low, low_good), (high, high_good) = sorted(ends, key=lambda end: end[0])
            if low < high:
                told = {high_good, None if low_good is None else not low_good} - {None}
                # Words that contradict each other tell nothing.
                yield ToldScale(low, high, told.pop() if len(told) == 1 else None)


def _is_good(words: str) -> bool | None:
    said = set(re.findall(r"[^\W\d_]+", words))
    if said & _BAD:
        return False
    return True if said & _GOOD else None
