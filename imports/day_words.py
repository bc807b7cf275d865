"""Cells that say a day in words, or name a week, a month, a quarter: one of their days, nothing, or a comment, as somebody says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from imports.aside import Aside
from imports.mapping import COMMENT, EMPTY, FIRST, IN_YEAR
from imports.no_answers import folded
from spreadsheets.dates import parse_date
from spreadsheets.errors import BadValue
from spreadsheets.periods import Period, period_of
from spreadsheets.table import Cell, cell_text
from spreadsheets.values import shown

Day = date | datetime


class NeedsWord(BadValue):
    """A cell of which somebody has to say what day it means.

    Attributes:
        kind: the kind of period that it names; empty for words.
        has_year: whether it writes its year.
    """

    def __init__(self, bad: BadValue, kind: str = "", *, has_year: bool = True) -> None:
        super().__init__(bad.message, _("Say in the import what such cells mean, or write the date as 2026-04-22."))
        self.kind, self.has_year = kind, has_year


def with_words(
    parse: Callable[[Cell], Day | None], words: Mapping[str, str], periods: Mapping[str, Any]
) -> Callable[[Cell], Day | None]:
    """Return a parser of days that takes words and periods by what somebody said of them.

    It raises NeedsWord for those of which nothing is said, and Aside for those that become a comment.
    """
    meanings = {folded(word): means for word, means in words.items()}

    def parsed(cell: Cell) -> Day | None:
        try:
            return parse(cell)
        except BadValue as bad:
            if (means := meanings.get(folded(cell_text(cell)))) is not None:
                return parse(_meant(means, cell))
            if period := period_of(cell):
                return parse(_of_period(period, periods, cell, bad))
            if isinstance(cell, str) and any(map(str.isalpha, cell)) and not cell.startswith("#"):
                raise NeedsWord(bad) from bad
            raise

    return parsed


def _meant(means: str, cell: Cell) -> Cell:
    if means == COMMENT:
        raise Aside(shown(cell))
    # A day that is said on the page is written as dates are in any mapping.
    return None if means == EMPTY else parse_date(means)


def _of_period(period: Period, said: Mapping[str, Any], cell: Cell, bad: BadValue) -> Cell:
    means, year = said.get(period.kind), period.year or said.get(IN_YEAR)
    if means == COMMENT:
        raise Aside(shown(cell))
    if means == EMPTY:
        return None
    if means is None or year is None:
        raise NeedsWord(bad, period.kind, has_year=period.year is not None)
    day = period.first(year) if means == FIRST else period.last(year)
    if day is None:
        raise bad
    return day
