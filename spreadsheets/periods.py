"""Cells that name no day but a week, a month, a quarter, a half or a year: KW 49, Sept 2026, Q3.

Which day is meant, its first or its last, somebody has to say; so is the year where none is written.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date
from typing import NamedTuple

from spreadsheets.dates import months_of
from spreadsheets.table import Cell, cell_text

#: Kinds of periods, in the order in which they are asked about.
WEEK, MONTH, QUARTER, HALF, YEAR = "week", "month", "quarter", "half", "year"
KINDS = (WEEK, MONTH, QUARTER, HALF, YEAR)

_LONGEST = 40
_YEAR = r"(?:\s*[/.,' -]?\s*(?P<year>(?:19|20)\d\d|\d\d))?"
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (WEEK, rf"(?:kw|cw|wk?|week|woche|kalenderwoche|calendar week|semaine|sem)[ .:]*(?P<number>\d\d?){_YEAR}"),
        (WEEK, rf"(?P<number>\d\d?)[. ]*(?:kw|cw|week|woche|kalenderwoche){_YEAR}"),
        (WEEK, r"(?P<year>(?:19|20)\d\d)[-/ ]*(?:w|kw|cw)[ ]?(?P<number>\d\d?)"),
        (QUARTER, rf"q[ .]?(?P<number>[1-4]){_YEAR}"),
        (QUARTER, rf"(?P<number>[1-4])(?:st|nd|rd|th|er|e)?[. ]*(?:q|quartal|quarter|qtr|trimestre){_YEAR}"),
        (QUARTER, r"(?P<year>(?:19|20)\d\d)[-/ ]*q[ ]?(?P<number>[1-4])"),
        (HALF, rf"h[ .]?(?P<number>[12]){_YEAR}"),
        (HALF, rf"(?P<number>[12])(?:st|nd)?[. ]*(?:h|hj|halbjahr|half){_YEAR}"),
        (HALF, r"(?P<year>(?:19|20)\d\d)[-/ ]*h[ ]?(?P<number>[12])"),
        (MONTH, r"(?P<number>0?[1-9]|1[0-2])[/.-](?P<year>(?:19|20)\d\d)"),
        (MONTH, r"(?P<year>(?:19|20)\d\d)[/.-](?P<number>0?[1-9]|1[0-2])"),
        (MONTH, r"(?P<name>[^\W\d_]{3,14})\.?(?:\s*[/,'-]?\s*(?P<year>(?:19|20)\d\d))?"),
        (MONTH, r"(?P<year>(?:19|20)\d\d)[/ -]+(?P<name>[^\W\d_]{3,14})\.?"),
        (YEAR, r"(?P<year>(?:19|20)\d\d)"),
    )
)


class Period(NamedTuple):
    """A period that a cell names: its kind, which one of its year it is, and the year if one is written."""

    kind: str
    number: int
    year: int | None

    def first(self, year: int) -> date | None:
        """Return its first day, in the given year where none is written; None where there is no such period."""
        return self._days(self.year or year)[0]

    def last(self, year: int) -> date | None:
        """Return its last day, as :meth:`first` does its first."""
        return self._days(self.year or year)[1]

    def _days(self, year: int) -> tuple[date, date] | tuple[None, None]:
        if self.kind == WEEK:
            try:
                return date.fromisocalendar(year, self.number, 1), date.fromisocalendar(year, self.number, 7)
            except ValueError:
                return None, None
        length = {MONTH: 1, QUARTER: 3, HALF: 6, YEAR: 12}[self.kind]
        last = self.number * length
        return date(year, last - length + 1, 1), date(year, last, monthrange(year, last)[1])


def period_of(cell: Cell) -> Period | None:
    """Return the period that a cell names; None where it names none."""
    text = cell_text(cell).strip()
    if isinstance(cell, date) or len(text) > _LONGEST:
        return None
    for kind, pattern in _PATTERNS:
        if match := pattern.fullmatch(text):
            found = match.groupdict()
            year = found.get("year")
            number = _number(found)
            if number and (kind != WEEK or number <= 53):
                return Period(kind, number, _year(year) if year else None)
    return None


def _number(found: dict[str, str | None]) -> int | None:
    """Return which period of its year is named; None where a word is no month, or is two."""
    if name := found.get("name"):
        months = months_of(name)
        return min(months) if len(months) == 1 else None
    return int(found.get("number") or 1)


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)
