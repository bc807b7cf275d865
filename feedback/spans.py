"""Days and months where the organization is, as the moments between which rows are looked for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clauses.assertion import Period, Question


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment a day begins."""
    return datetime.combine(day, time.min, zone)


def bounds(period: Period, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments that a period begins at and has ended at."""
    return start_of(period.first, zone), start_of(period.last + timedelta(days=1), zone)


def asked_about(question: Question) -> tuple[datetime, datetime]:
    """The moments between which a question's period lies."""
    return bounds(question.period, question.organization.zone)


def judged_at(question: Question) -> datetime:
    """The moment that clocks are read at: the question's, or the period's end if that is earlier."""
    return min(question.moment, asked_about(question)[1])


def months_until(last: date, count: int) -> list[date]:
    """The first days of the ``count`` months that end with the one ``last`` lies in, oldest first, across years."""
    newest = last.year * 12 + last.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - count + 1, newest + 1)]
