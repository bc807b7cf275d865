"""Dates in cells: how a column writes them, and what day each cell means.

Nothing here knows a time zone. Dates and times come out naive, as they were written, for the caller to place in a zone;
only what carries its own, as seconds since 1970 and ISO times with an offset do, comes out aware.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.errors import BadValue, Text
from spreadsheets.month_names import folded, months_by_name
from spreadsheets.table import Cell, cell_text
from spreadsheets.times import HALVES, ZONES, time_of
from spreadsheets.values import is_nothing, refuse_errors, shown

# Day numbers of spreadsheet programs count from here (ECMA-376 part 1, 18.17.4.1, the 1900 date base).
_DAY_ZERO = datetime(1899, 12, 30)
# October 1954 to April 2064.
_DAY_NUMBERS = range(20_000, 60_001)
# 1973 to 2099.
_SECONDS = range(10**8, 41 * 10**8)
_TIME_BEHIND = re.compile(r"[T ,]+\d{1,2}:.*$", re.DOTALL)
_LONGEST = 64
_PIVOT = 69  # two-digit years: 69 to 99 are 1969 to 1999, 00 to 68 are 2000 to 2068 (POSIX strptime, %y)

_WITH_TIME = re.compile(
    rf"(?P<date>.+?)(?:(?:\s*T\s*|,?\s+)(?P<time>\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,9}})?)?)\s*(?P<half>{HALVES})?(?:\s*(?:uhr|h))?"
    rf"\s*(?P<zone>{'|'.join(sorted(ZONES, key=len, reverse=True))}|[+-]\d{{2}}(?::?\d{{2}}|:\d{{2}}:\d{{2}})?|(?:gmt|utc)[+-]\d{{1,2}}(?::?\d{{2}})?)?)?",
    re.IGNORECASE | re.ASCII,
)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)", re.ASCII)
_NUMERIC = re.compile(r"(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})\.?", re.ASCII)
# 5. März 2026, 5 de marzo de 2026, 1er mars 2026, 5 d’abril del 2026, 5 марта 2026 г.
_DAY_MONTH = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º|°|\.)?[\s./-]*(?:del?\s+|d['’])?([^\W\d_]{3,14})\.?[\s./,-]*(?:del?\s+)?'?(\d{4}|\d{2})\.?(?:\s?[гр]\.)?"
)
_MONTH_DAY = re.compile(r"([^\W\d_]{3,14})\.?[\s-]+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})\.?[\s-]+([^\W\d_]{3,14})\.?[\s-]+(\d{1,2})\.?")
_EASTERN = re.compile(r"(\d{4})[年년]\s?(\d{1,2})[月월]\s?(\d{1,2})[日일]")
_WEEKDAY = re.compile(r"\A[^\W\d_]{2,10}\.?,\s+")
# Seconds since 1970 have 9 or 10 digits, milliseconds 13.
_STAMP = re.compile(r"(\d{9,10}|\d{13})(?:\.\d+)?", re.ASCII)

_MONTHS = (
    ("january", "januar", "jänner", "jaenner"),
    ("february", "februar", "feber"),
    ("march", "märz", "maerz", "mrz"),
    ("april",),
    ("may", "mai"),
    ("june", "juni"),
    ("july", "juli"),
    ("august",),
    ("september",),
    ("october", "oktober"),
    ("november",),
    ("december", "dezember"),
)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column writes its dates.

    `dayfirst` decides cells such as 04.08.2015 where day and month could change places; None where no cell needs it or
    none tells. `ambiguous` is true where such cells exist and no other cell settles them: then `dayfirst` is an
    assumption (day first between points) or, None, must be chosen. `conflicting` columns write both ways; of them only
    cells that leave no doubt are taken. With `by_sign` the day is first between points and the month otherwise. `forms`
    names the ways of writing seen, `examples` has a cell of each; `example` is an ambiguous cell.
    """

    dayfirst: bool | None = None
    ambiguous: bool = False
    conflicting: bool = False
    forms: tuple[str, ...] = ()
    example: str = ""
    by_sign: bool = False
    examples: tuple[str, ...] = field(default=(), compare=False)

    @property
    def must_choose(self) -> bool:
        """Whether someone has to say what comes first, day or month."""
        return self.ambiguous and self.dayfirst is None

    @property
    def label(self) -> Text:
        """A sentence about the style, for the preview."""
        if len(self.examples) < 2:
            return self._order
        return format_lazy(
            _("{order} Written in {count} ways: {examples}."),
            order=self._order,
            count=len(self.examples),
            examples="; ".join(self.examples),
        )

    @property
    def _order(self) -> Text:
        if self.by_sign:
            return _("The day comes first between points, the month between other signs.")
        if self.conflicting and self.example:
            return format_lazy(
                _("Some dates have the day first and some the month; those like {example} are refused."),
                example=self.example,
            )
        if self.must_choose:
            return format_lazy(
                _("Day and month could change places, as in {example}: choose which comes first."), example=self.example
            )
        if self.ambiguous:
            return format_lazy(_("The day is taken to come first, as in {example}."), example=self.example)
        if self.dayfirst is None:
            return _("The dates leave no doubt.")
        return _("The day comes first.") if self.dayfirst else _("The month comes first.")


class _Reading(NamedTuple):
    """What a cell can mean: with the day first, and with the month first.

    Both are the same where the form leaves no doubt.
    """

    form: str
    dayfirst: date | datetime | None
    monthfirst: date | datetime | None
    separator: str = ""

    @property
    def settled(self) -> bool:
        """Whether the cell means the same either way."""
        return self.dayfirst == self.monthfirst


#: What may be said about a column: the day comes first, the month does, or the day between points and else the month.
ORDERS = ("dmy", "mdy", "sign")


def detect_date_style(cells: Iterable[Cell], order: str | None = None) -> DateStyle:
    """Find how a column writes dates, or take the `order` chosen, one of ORDERS.

    Cells that are no dates don't count. A cell that leaves no doubt speaks for those with its own separator. For others
    it speaks only where it has the day first and they have points; otherwise the column is written in two ways, and
    somebody must say how.
    """
    seen: dict[tuple[str, str, str], str] = {}
    votes: dict[str, set[bool]] = {}
    doubtful: dict[str, str] = {}
    for cell in cells:
        reading = _reading(cell)
        if reading is None or (reading.dayfirst is None and reading.monthfirst is None):
            continue
        seen.setdefault((reading.form, reading.separator, _shape(cell)), shown(cell))
        if reading.dayfirst is None or reading.monthfirst is None:
            votes.setdefault(reading.separator, set()).add(reading.monthfirst is None)
        elif not reading.settled:
            doubtful.setdefault(reading.separator, shown(cell))
    forms = tuple(dict.fromkeys(form for form, *_how in seen))
    style = DateStyle(forms=forms, example=_example(doubtful), examples=tuple(seen.values()))
    if order is not None:
        return replace(style, dayfirst=None if order == "sign" else order == "dmy", by_sign=order == "sign")
    said = set().union(*votes.values())
    if len(said) == 2:
        return replace(style, conflicting=True)
    unsettled = {
        sign: cell for sign, cell in doubtful.items() if sign not in votes and not (sign == "." and said == {True})
    }
    if unsettled:
        # Whoever writes points puts the day first.
        assumed = not said and set(unsettled) == {"."}
        return replace(style, dayfirst=True if assumed else None, ambiguous=True, example=_example(unsettled))
    return replace(style, dayfirst=said.pop() if said else None)


def _shape(cell: Cell) -> str:
    """Return how a text writes its day, whichever day it is: 16.01.2026 and 24.01.26 are two ways; its time counts for none."""
    text = _TIME_BEHIND.sub("", cell.strip()) if isinstance(cell, str) else ""
    return re.sub(
        r"[^\W\d_]+", "a", re.sub(r"\d{1,2}(?!\d)|\d{3,}", lambda found: "9" * (1 + (len(found[0]) > 2)), text)
    )


def _example(doubtful: Mapping[str, str]) -> str:
    return doubtful.get("/") or next(iter(doubtful.values()), "")


def parse_moment(cell: Cell, style: DateStyle | None = None) -> date | datetime | None:
    """Return the date, or date and time, that a cell holds; see the module for time zones.

    `style` settles cells in which day and month could change places; without it they are refused, and with it so are
    cells that contradict it. Raises BadValue.
    """
    refuse_errors(cell)
    if is_nothing(cell):
        return None
    reading = _reading(cell)
    if reading is None:
        raise _not_a_date(cell)
    if reading.dayfirst is None and reading.monthfirst is None:
        raise _no_such_day(cell)
    if style is not None and style.by_sign and reading.separator:
        found = reading.dayfirst if reading.separator == "." else reading.monthfirst
        if found is not None:
            return found
    elif style is not None and style.dayfirst is not None:
        found = reading.dayfirst if style.dayfirst else reading.monthfirst
        if found is None:
            raise _against_style(cell, style)
        return found
    if reading.settled or reading.monthfirst is None or reading.dayfirst is None:
        return reading.dayfirst or reading.monthfirst
    raise _two_readings(cell, reading)


def parse_date(cell: Cell, style: DateStyle | None = None, zone: tzinfo | None = None) -> date | None:
    """Return the day a cell holds; a time beside it is passed over.

    An aware moment is looked at in `zone`, or else in UTC. Raises BadValue as `parse_moment` does.
    """
    moment = parse_moment(cell, style)
    if not isinstance(moment, datetime):
        return moment
    try:
        return (moment.astimezone(zone or UTC) if moment.tzinfo else moment).date()
    except OverflowError as error:
        raise _no_such_day(cell) from error


def parse_datetime(cell: Cell, style: DateStyle | None = None) -> datetime | None:
    """Return the moment a cell holds; a date alone is its midnight.

    It is naive unless the cell carries a zone. Raises BadValue as `parse_moment` does.
    """
    moment = parse_moment(cell, style)
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time.min)


def _reading(cell: Cell) -> _Reading | None:
    if isinstance(cell, date):
        return _Reading("workbook", cell, cell)
    if isinstance(cell, str):
        text = cell.strip()
        return _text_reading(text) if len(text) <= _LONGEST else None
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    if _DAY_NUMBERS.start <= cell < _DAY_NUMBERS.stop:
        # To the second: fractions of a day hold few times of day exactly.
        moment = _DAY_ZERO + timedelta(seconds=round(cell * 86_400))
        day = moment.date() if moment.time() == time.min else moment
        return _Reading("serial", day, day)
    return _text_reading(cell_text(cell))


# Cells are read twice: to find their column's style, and for their values.
@lru_cache(maxsize=4096)
def _text_reading(text: str) -> _Reading | None:
    if _STAMP.fullmatch(text):
        seconds = float(text) / 1000 if len(text.partition(".")[0]) == 13 else float(text)
        stamp = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        return _Reading("epoch", stamp, stamp) if int(seconds) in _SECONDS else None
    match = _WITH_TIME.fullmatch(text)
    reading = _day_reading(_WEEKDAY.sub("", match["date"], count=1)) if match else None
    if match is None or reading is None or not match["time"]:
        return reading
    clock = time_of(match["time"], match["half"], match["zone"])
    if clock is None:
        return None
    first, second = (day and datetime.combine(day, clock) for day in (reading.dayfirst, reading.monthfirst))
    return reading._replace(dayfirst=first, monthfirst=second)


def _day_reading(text: str) -> _Reading | None:
    if match := _NUMERIC.fullmatch(text):
        first, separator, second, year = match.groups()
        return _Reading("numeric", _day(year, second, first), _day(year, first, second), separator)
    if match := _YEAR_FIRST.fullmatch(text):
        return _certain("iso", _day(match[1], match[3], match[4]))
    if match := _COMPACT.fullmatch(text):
        return _certain("iso", _day(match[1], match[2], match[3]))
    if match := _DAY_MONTH.fullmatch(text):
        return _named(match[3], match[2], match[1])
    if match := _MONTH_DAY.fullmatch(text):
        return _named(match[3], match[1], match[2])
    if match := _YEAR_MONTH.fullmatch(text):
        return _named(match[1], match[2], match[3])
    if match := _EASTERN.fullmatch(text):
        return _certain("named", _day(match[1], match[2], match[3]))
    return None


def _certain(form: str, day: date | None) -> _Reading:
    return _Reading(form, day, day)


def _named(year: str, name: str, day: str) -> _Reading | None:
    months = months_of(name)
    return _certain("named", _day(year, str(min(months)), day)) if len(months) == 1 else None


def months_of(name: str) -> frozenset[int]:
    """Return the months that a name can mean: English and German ones however shortened, of other languages whole or as usual."""
    start = name.casefold()
    months = frozenset(
        number for number, names in enumerate(_MONTHS, 1) if any(full.startswith(start) for full in names)
    )
    return months if len(months) == 1 else months_by_name().get(folded(name), months)


def _day(year: str, month: str, day: str) -> date | None:
    full = int(year)
    if len(year) == 2:
        full += 1900 if full >= _PIVOT else 2000
    try:
        return date(full, int(month), int(day)) if full >= 1000 else None
    except ValueError:
        return None


def _not_a_date(cell: Cell) -> BadValue:
    text = cell_text(cell).strip()
    if text.isascii() and text.isdigit() and int(text[:9]) in _DAY_NUMBERS:
        return BadValue(
            format_lazy(_("“{shown}” looks like the day number of a spreadsheet program."), shown=shown(cell)),
            _("Format the column as a date there, and save the file again."),
        )
    if any(
        len(months_of(word)) > 1 for word in re.findall(r"[^\W\d_]{3,14}", text[:_LONGEST]) if re.search(r"\d", text)
    ):
        reason = format_lazy(_("“{shown}” names a month that is another one in another language."), shown=shown(cell))
        return BadValue(reason, _("Write the date as 2026-04-22."))
    return BadValue(format_lazy(_("“{shown}” is not a date."), shown=shown(cell)), _("Write the date as 2026-04-22."))


def _no_such_day(cell: Cell) -> BadValue:
    return BadValue(format_lazy(_("There is no such day: {shown}."), shown=shown(cell)), _("Correct the date."))


def _against_style(cell: Cell, style: DateStyle) -> BadValue:
    sentence = (
        _("“{shown}” is no date with the day first, as in the rest of the column.")
        if style.dayfirst
        else _("“{shown}” is no date with the month first, as in the rest of the column.")
    )
    return BadValue(format_lazy(sentence, shown=shown(cell)), _("Write the date as 2026-04-22."))


def _two_readings(cell: Cell, reading: _Reading) -> BadValue:
    one, other = (cell_text(day) for day in (reading.dayfirst, reading.monthfirst))
    return BadValue(
        format_lazy(_("“{shown}” can be read as {one} or as {other}."), shown=shown(cell), one=one, other=other),
        _("Say whether the day or the month comes first in this column, or write dates as 2026-04-22."),
    )
