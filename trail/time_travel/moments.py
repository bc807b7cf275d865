"""Moments as people write them, on the command line and in addresses."""

from __future__ import annotations

import re
from datetime import datetime, time

from organizations import clock
from organizations.models import Organization

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Years whose moments every zone can say.
_YEARS = range(1900, 9999)


class UnreadableMoment(ValueError):
    """A text names no moment."""


def read_moment(text: str, organization: Organization) -> datetime:
    """Return the moment that a text names (ISO 8601), in the organization's zone.

    Without an offset it is the organization's own time. A day alone is its end: whoever looks at 30 June wants what was
    written on that day to count; today's end is now.

    Raises:
        UnreadableMoment: the text names none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableMoment(f"“{text}” is no moment: write it like 2026-06-30T14:00.") from error
    if moment.year not in _YEARS:
        raise UnreadableMoment(f"“{text}” lies in no year that is kept.")
    if _DAY.fullmatch(text):
        now = clock.present().astimezone(organization.zone)
        return now if moment.date() == now.date() else datetime.combine(moment, time.max, organization.zone)
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=organization.zone)
    return zoned.astimezone(organization.zone)


def written(moment: datetime) -> str:
    """Write a moment as addresses name it, to the minute unless it has seconds.

    With its offset, so that it stays the same when the organization's zone is changed.
    """
    return moment.isoformat(timespec="auto" if moment.microsecond else "seconds" if moment.second else "minutes")
