"""The clocks of a complaint (ISO 10002, 7.5 and 8.3 to 8.8).

Their targets are frozen when the complaint is recorded.

Days are calendar days where the organization is; a target ends with its last day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: Days before a target at which its clock turns to "attention".
NEAR = 2


@dataclass(frozen=True)
class Clock:
    """One target: until when something is to be done, and when it was (None: not yet)."""

    name: str
    due_at: datetime
    met_at: datetime | None

    def is_late(self, moment: datetime) -> bool:
        """Return whether the target had been missed by a moment."""
        return self.due_at < moment and (self.met_at is None or self.due_at < self.met_at)

    def in_words(self, moment: datetime) -> tuple[str, str]:
        """Return how long is left, or how late it is or was, in calendar days; and the tone."""
        # A clock that was met stands still.
        today = timezone.localdate(min(moment, self.met_at) if self.met_at else moment)
        days = (timezone.localdate(self.due_at) - today).days
        if self.is_late(moment):
            text = ngettext("%(what)s %(days)s day late", "%(what)s %(days)s days late", -days)
            return text % {"what": self.name, "days": -days}, "gap"
        if days == 0:
            return _("%(what)s due today") % {"what": self.name}, "attention"
        text = ngettext("%(what)s due in %(days)s day", "%(what)s due in %(days)s days", days)
        return text % {"what": self.name, "days": days}, "attention" if days <= NEAR else "info"


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment a day has ended: a target that ends with it is met until then."""
    return datetime.combine(day, time.max, zone)
