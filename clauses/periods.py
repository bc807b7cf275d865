"""Quarters, the periods that are looked at and signed; and days and months.

Days are those where the organization is, as moments between which rows are looked for.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import formats

from clauses.assertion import Period, Question, Terms

#: Quarters offered besides the current one.
EARLIER = 7


def quarter_of(day: date) -> Period:
    """Return the calendar quarter a day lies in."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    following = date(first.year + (first.month == 10), (first.month + 3 - 1) % 12 + 1, 1)
    return Period(first, following - timedelta(days=1))


def quarters(day: date) -> list[Period]:
    """Return the quarter of a day and the `EARLIER` ones before it, newest first."""
    found = [quarter_of(day)]
    while len(found) <= EARLIER:
        found.append(quarter_of(found[-1].first - timedelta(days=1)))
    return found


def code(period: Period) -> str:
    """Return a quarter as addresses name it: ``2026-Q3``."""
    return f"{period.first.year}-Q{(period.first.month - 1) // 3 + 1}"


def parse(text: str) -> Period | None:
    """Return the quarter that a text like ``2026-Q3`` names, or None."""
    match = re.fullmatch(r"(\d{4})-Q([1-4])", text)
    # A quarter's bounds need the day after it; there is none at the end of 9999.
    if not match or not 1900 <= int(match[1]) <= 9998:
        return None
    return quarter_of(date(int(match[1]), 3 * int(match[2]) - 2, 1))


def in_words(period: Period) -> str:
    """Return a period in words: ``July to September 2026``."""
    if period.first.year == period.last.year:
        return f"{formats.date_format(period.first, 'F')} to {formats.date_format(period.last, 'F Y')}"
    return f"{formats.date_format(period.first, 'F Y')} to {formats.date_format(period.last, 'F Y')}"


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment a day begins."""
    return datetime.combine(day, time.min, zone)


def bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the moments that a period begins at and has ended at."""
    return start_of(period.first, zone), start_of(period.last + timedelta(days=1), zone)


def asked_about(terms: Terms) -> tuple[datetime, datetime]:
    """Return the moments between which a question's period lies, as far as it is over: what comes later doesn't count."""
    start, end = bounds(terms.period, terms.zone)
    return start, min(end, terms.end)


def judged_at(question: Question) -> datetime:
    """Return the moment that clocks are read at.

    It is the question's, or the period's end if that is earlier.
    """
    return min(question.moment, asked_about(question)[1])


def months_until(last: date, count: int) -> list[date]:
    """Return the first days of the ``count`` months up to that of ``last``, oldest first."""
    # Months counted from year 0, so that going back crosses years by itself.
    newest = last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - count + 1, newest + 1)]
