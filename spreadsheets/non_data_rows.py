"""Rows of a file that are no rows of its table.

They are names of groups, totals, repeated headers, formulas drawn down, and what stands below the end. They are told apart by
what they hold beside the rows around them, never by their words alone, and each is said. A row of figures is no row only where
a word says that it is a total, or where nothing but formulas stands in it: an answer without its date is an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from statistics import median_low
from typing import NamedTuple

from spreadsheets.headers import LONGEST_NAME, SHORT_NAME, looks_like_name, normalize_header
from spreadsheets.merged_cells import Merge
from spreadsheets.table import Cell, cell_text

GROUP, TOTAL, HEADER, FORMULAS, NOTE, HIDDEN = "group", "total", "header", "formulas", "note", "hidden"

_TOTAL_WORDS = (
    "total totals grand-total sub-total subtotal sum average mean count summe gesamt gesamtsumme insgesamt zwischensumme "
    "endsumme mittelwert durchschnitt anzahl total-général somme totale totaal"
)
_TOTALS = frozenset(map(normalize_header, _TOTAL_WORDS.split()))
_TOTAL_OF = ("total ", "subtotal ", "sum of ", "summe ", "zwischensumme ", "gesamt ")
# 32 requirements, 8 Stück: a number and what it counts.
_COUNTED = re.compile(r"\d[\d.,]*\s+[^\W\d_]+")
#: A row of a group has as many cells at least, so that one alone tells.
_WIDE = 3
# 1- Login, 2.3 Pumps, B) Reports: a name with its number.
_NUMBERED = re.compile(r"(?:\d+(?:\.\d+)*|[A-Z])\s?[.):–-]*\s+\S.*|(?:\d+(?:\.\d+)*|[A-Z])[.):–-]\s?\S.*", re.DOTALL)
_SENTENCE_ENDS = (".", "!", "?", ";", ",")


class Odd(NamedTuple):
    """A row that is none of the table's: what it is, and its text."""

    kind: str
    text: str


class OddRows:
    """The rows below a header, watched to tell in the end which are no rows of the table."""

    def __init__(self, header: Sequence[Cell], merges: Sequence[Merge] = (), formulas: Container[int] = ()) -> None:
        self._header = [normalize_header(cell_text(cell)) for cell in header]
        self._named = [column for column, name in enumerate(self._header) if name]
        self._wide = {(merge.top, merge.left) for merge in merges if merge.right > merge.left}
        self._formulas = formulas
        self._drawn: dict[int, int] = {}
        self._certain: dict[int, Odd] = {}
        self._alone: dict[int, tuple[int, str]] = {}
        self._tail: list[tuple[int, bool, str]] = []
        self._widths: Counter[int] = Counter()
        self._led = self._coded = self._wide_rows = 0
        self._first = self._last = 0

    @property
    def lead(self) -> int:
        """The first column with a name."""
        return self._named[0] if self._named else 0

    def see(self, number: int, record: Sequence[Cell], filled: Sequence[int]) -> None:
        """Take in a row: its number from 1, its cells, and the columns that hold something."""
        after_blank, self._last = number > self._last + 1 and self._last > 0, number
        self._first = self._first or number
        first = record[filled[0]]
        if number in self._formulas and not any(map(_is_text, record)):
            self._drawn[number] = len(filled)
        elif len(filled) == 1 and looks_like_name(first):
            text = cell_text(first).strip()
            if normalize_header(text) in _TOTALS:
                self._certain[number] = Odd(TOTAL, text)
            else:
                self._alone[number] = filled[0], text
                self._tail.append((number, after_blank, text))
        elif self._repeats_header(record, filled):
            self._certain[number] = Odd(HEADER, "")
        elif self._is_total(record, filled):
            self._certain[number] = Odd(TOTAL, cell_text(first).strip())
        elif any(looks_like_name(record[column]) for column in filled):
            self._see_ordinary(record, filled)
        else:
            self._tail.append((number, after_blank, ""))

    def pass_over(self) -> None:
        """Take notice of a row that can't be judged: it is damaged, or goes on beyond the header."""
        self._tail.clear()

    def settle(self) -> dict[int, Odd]:
        """Return the rows that are none of the table's, by number."""
        typical = median_low(sorted(self._widths.elements())) if self._widths else 0
        found = dict(self._certain)
        found |= {number: Odd(FORMULAS, "") for number, width in self._drawn.items() if 2 * width <= typical}
        below = False
        for number, after_blank, text in self._tail:
            # Notes begin after a blank row; what follows the first is a note too.
            if text and typical >= _WIDE and (after_blank or below):
                found[number], below = Odd(NOTE, text), True
        # A row that names a group has rows below it.
        ends = {number for number, *_rest in self._tail}
        inside = {number: alone for number, alone in self._alone.items() if number not in ends}
        for number, (column, text) in inside.items():
            if column <= self.lead:
                is_group = typical >= _WIDE and self._is_group(number, column, text)
            else:
                is_group = self._is_group_in_texts(column, text, inside)
            if is_group:
                found[number] = Odd(GROUP, text)
        return found

    @property
    def is_outline(self) -> bool:
        """Whether rows leave the first column to the names of groups."""
        return self._led == 0

    def _see_ordinary(self, record: Sequence[Cell], filled: Sequence[int]) -> None:
        self._widths[len(filled)] += 1
        self._tail.clear()
        if len(filled) < 2:
            return
        self._wide_rows += 1
        if filled[0] <= self.lead:
            self._led += 1
            self._coded += any(map(str.isdigit, cell_text(record[filled[0]])))

    def _is_group(self, number: int, column: int, text: str) -> bool:
        if (number - 1, column) in self._wide:
            return True
        if not self._wide_rows:
            return False
        # Where rows begin with codes, a text without a digit is none of these.
        coded = self._coded >= 0.8 * self._wide_rows and not any(map(str.isdigit, text))
        return self.is_outline or coded

    def _is_group_in_texts(self, column: int, text: str, inside: Mapping[int, tuple[int, str]]) -> bool:
        """Return whether a short text alone, not in the first column, names a group.

        The table begins with one, other rows have an id there, and its name is numbered, or it isn't the only one.
        """
        if inside.get(self._first, ())[:1] != (column,) or self._wide_rows < 2 or self._led < 0.9 * self._wide_rows:
            return False
        if len(text) > SHORT_NAME or text.endswith(_SENTENCE_ENDS):
            return False
        alike = sum(1 for other, _text in inside.values() if other == column)
        return bool(_NUMBERED.fullmatch(text)) or (alike > 1 and self._coded >= 0.8 * self._wide_rows)

    def _repeats_header(self, record: Sequence[Cell], filled: Sequence[int]) -> bool:
        if len(filled) < 2 or list(filled) != self._named:
            return False
        return all(_word(record[column]) == self._header[column] for column in filled)

    def _is_total(self, record: Sequence[Cell], filled: Sequence[int]) -> bool:
        """Return whether a row is a total.

        It begins with a word for totals, holds nothing else but figures or what they count, and leaves columns blank.
        """
        first, *rest = (record[column] for column in filled)
        if len(filled) >= len(self._named) or not isinstance(first, str) or len(first) > SHORT_NAME:
            return False
        word = normalize_header(first)
        if word not in _TOTALS and not word.startswith(_TOTAL_OF):
            return False
        return all(not looks_like_name(cell) or _COUNTED.fullmatch(cell_text(cell).strip()) for cell in rest)


def _is_text(cell: Cell) -> bool:
    """Return whether a cell holds a text, and not what a formula shows that failed."""
    return looks_like_name(cell) and not cell_text(cell).startswith("#")


def _word(cell: Cell) -> str:
    """Return a cell as a header word; none for long texts, which would take long to fold."""
    return normalize_header(cell) if isinstance(cell, str) and len(cell) <= LONGEST_NAME else ""
