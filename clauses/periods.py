"""Quarters: the periods that are looked at and signed."""

from __future__ import annotations

import re
from datetime import date, timedelta

from django.utils import formats

from clauses.assertion import Period

#: Quarters offered besides the current one.
EARLIER = 7


def quarter_of(day: date) -> Period:
    """The calendar quarter a day lies in."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    following = date(first.year + (first.month == 10), (first.month + 3 - 1) % 12 + 1, 1)
    return Period(first, following - timedelta(days=1))


def quarters(day: date) -> list[Period]:
    """The quarter of a day and those before it, newest first."""
    found = [quarter_of(day)]
    while len(found) <= EARLIER:
        found.append(quarter_of(found[-1].first - timedelta(days=1)))
    return found


def code(period: Period) -> str:
    """``2026-Q3`` for a quarter: how an address names it."""
    return f"{period.first.year}-Q{(period.first.month - 1) // 3 + 1}"


def parse(text: str) -> Period | None:
    """The quarter that ``2026-Q3`` names, or None."""
    match = re.fullmatch(r"(\d{4})-Q([1-4])", text)
    if not match or not 1900 <= int(match[1]) <= 9998:
        return None
    return quarter_of(date(int(match[1]), 3 * int(match[2]) - 2, 1))


def in_words(period: Period) -> str:
    """``July to September 2026``."""
    if period.first.year == period.last.year:
        return f"{formats.date_format(period.first, 'F')} to {formats.date_format(period.last, 'F Y')}"
    return f"{formats.date_format(period.first, 'F Y')} to {formats.date_format(period.last, 'F Y')}"
