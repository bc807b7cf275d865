"""What a file says beside its table: titles above the header, small sheets of words and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from spreadsheets.table import Cell, Source, cell_text, is_blank

#: Lines above a header, and of a sheet beside the table, that may say something about it.
_MOST_TITLES, MOST_LINES = 20, 40
_LONGEST = 500
#: “A = hoch”, “1: very good”, “B – mittel”: a short code and what it stands for.
_PAIR = re.compile(r"^\s*([^\W_]{1,12})\s*(?:=|:|–|—|-|→)\s*([^=:;,]{1,80}?)\s*$")


def texts_above(source: Source, header: int) -> tuple[str, ...]:
    """Return the lines that stand above a header, each its filled cells."""
    return tuple(_lines(islice(source.records(), min(header, _MOST_TITLES))))


def texts_beside(source: Source) -> tuple[str, ...]:
    """Return the lines of a small sheet; of two cells a line, which is a code and its meaning, as such a pair."""
    return tuple(_lines(islice(source.records(), MOST_LINES)))


def _lines(records: Iterable[list[Cell]]) -> Iterator[str]:
    for record in records:
        cells = [cell_text(cell).strip() for cell in record if not is_blank(cell)]
        if cells:
            yield (" = " if len(cells) == 2 else "; ").join(cells)[:_LONGEST]


def explained(texts: Iterable[str]) -> Mapping[str, str]:
    """Return the codes that texts explain, each with its meaning; one that is explained in two ways is left out."""
    found: dict[str, set[str]] = {}
    for text in texts:
        for part in re.split(r"[,;\n]", text):
            if pair := _PAIR.match(part):
                found.setdefault(pair[1], set()).add(pair[2])
    return {code: meanings.pop() for code, meanings in found.items() if len(meanings) == 1}
