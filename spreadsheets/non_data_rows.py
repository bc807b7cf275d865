"""Rows of a file that are no rows of its table.

They are names of groups, totals, repeated headers, and what stands below the end. They are told apart by what they hold
beside the rows around them, never by their words alone, and each is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median_low
from typing import NamedTuple

from spreadsheets.headers import LONGEST_NAME, SHORT_NAME, looks_like_name, normalize_header
from spreadsheets.merged_cells import Merge
from spreadsheets.table import Cell, cell_text, is_blank

GROUP, TOTAL, HEADER, TAIL, NOTE = "group", "total", "header", "tail", "note"

_TOTAL_WORDS = (
    "total totals grand-total sub-total subtotal sum average mean count summe gesamt gesamtsumme insgesamt zwischensumme "
    "endsumme mittelwert durchschnitt anzahl total-général somme totale totaal"
)
_TOTALS = frozenset(map(normalize_header, _TOTAL_WORDS.split()))
_TOTAL_OF = ("total ", "subtotal ", "sum of ", "summe ", "zwischensumme ", "gesamt ")
#: A row of a group has as many cells at least, so that one alone tells.
_WIDE = 3


class Odd(NamedTuple):
    """A row that is none of the table's: what it is, and its text."""

    kind: str
    text: str


class OddRows:
    """The rows below a header, watched to tell in the end which are no rows of the table."""

    def __init__(self, header: Sequence[Cell], merges: Sequence[Merge] = ()) -> None:
        self._header = [normalize_header(cell_text(cell)) for cell in header]
        self._named = [column for column, name in enumerate(self._header) if name]
        self._wide = {(merge.top, merge.left) for merge in merges if merge.right > merge.left}
        self._certain: dict[int, Odd] = {}
        self._alone: dict[int, tuple[int, str]] = {}
        self._tail: list[tuple[int, bool, int, str]] = []
        self._widths: Counter[int] = Counter()
        self._led = self._coded = self._wide_rows = 0
        self._last = 0

    @property
    def lead(self) -> int:
        """The first column with a name."""
        return self._named[0] if self._named else 0

    def see(self, number: int, record: Sequence[Cell], filled: Sequence[int]) -> None:
        """Take in a row: its number from 1, its cells, and the columns that hold something."""
        after_blank, self._last = number > self._last + 1 and self._last > 0, number
        first = record[filled[0]]
        if len(filled) == 1 and looks_like_name(first):
            text = cell_text(first).strip()
            if normalize_header(text) in _TOTALS:
                self._certain[number] = Odd(TOTAL, text)
            else:
                self._alone[number] = filled[0], text
                self._tail.append((number, after_blank, 1, text))
        elif self._repeats_header(record, filled):
            self._certain[number] = Odd(HEADER, "")
        elif self._is_total(record, filled):
            self._certain[number] = Odd(TOTAL, cell_text(first).strip())
        elif any(looks_like_name(record[column]) for column in filled):
            self._see_ordinary(record, filled)
        else:
            self._tail.append((number, after_blank, len(filled), ""))

    def pass_over(self) -> None:
        """Take notice of a row that can't be judged: it is damaged, or goes on beyond the header."""
        self._tail.clear()

    def settle(self) -> dict[int, Odd]:
        """Return the rows that are none of the table's, by number."""
        typical = median_low(sorted(self._widths.elements())) if self._widths else 0
        found = dict(self._certain)
        below = False
        for number, after_blank, width, text in self._tail:
            if not text and 2 * width <= typical:
                found[number] = Odd(TAIL, "")
            # Notes begin after a blank row; what follows the first is a note too.
            elif text and typical >= _WIDE and (after_blank or below):
                found[number], below = Odd(NOTE, text), True
        if typical >= _WIDE:
            # A row that names a group has rows below it.
            ends = {number for number, *_rest in self._tail}
            for number, (column, text) in self._alone.items():
                if number not in ends and column <= self.lead and self._is_group(number, column, text):
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

    def _repeats_header(self, record: Sequence[Cell], filled: Sequence[int]) -> bool:
        if len(filled) < 2 or list(filled) != self._named:
            return False
        return all(_word(record[column]) == self._header[column] for column in filled)

    def _is_total(self, record: Sequence[Cell], filled: Sequence[int]) -> bool:
        """Return whether a row is a total.

        It begins with a word for totals, holds nothing else but figures, and leaves columns blank.
        """
        first, *rest = (record[column] for column in filled)
        if len(filled) >= len(self._named) or not isinstance(first, str) or len(first) > SHORT_NAME:
            return False
        word = normalize_header(first)
        if word not in _TOTALS and not word.startswith(_TOTAL_OF):
            return False
        return all(not is_blank(cell) and not looks_like_name(cell) for cell in rest)


def _word(cell: Cell) -> str:
    """Return a cell as a header word; none for long texts, which would take long to fold."""
    return normalize_header(cell) if isinstance(cell, str) and len(cell) <= LONGEST_NAME else ""
