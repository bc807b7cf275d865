"""The clocks of a complaint: targets frozen when it is recorded (ISO 10002, 7.5 and 8.3 to 8.8).

Days are calendar days where the organization is; a target ends with its last day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.models import Targets
from organizations.scope import current_organization

if TYPE_CHECKING:
    from feedback.models import Complaint

#: Days before a target at which its clock turns to "attention".
NEAR = 2


@dataclass(frozen=True)
class Clock:
    """One target: until when something is to be done, and when it was (None: not yet)."""

    name: str
    due_at: datetime
    met_at: datetime | None

    def is_late(self, moment: datetime) -> bool:
        """Whether the target had been missed by a moment."""
        return self.due_at < moment and (self.met_at is None or self.due_at < self.met_at)

    def in_words(self, moment: datetime) -> tuple[str, str]:
        """How long is left, or how late it is or was, in calendar days; and the tone."""
        today = timezone.localdate(min(moment, self.met_at) if self.met_at else moment)
        days = (timezone.localdate(self.due_at) - today).days
        if self.is_late(moment):
            text = ngettext("%(what)s %(days)s day late", "%(what)s %(days)s days late", -days)
            return text % {"what": self.name, "days": -days}, "gap"
        if days == 0:
            return _("%(what)s due today") % {"what": self.name}, "attention"
        text = ngettext("%(what)s due in %(days)s day", "%(what)s due in %(days)s days", days)
        return text % {"what": self.name, "days": days}, "attention" if days <= NEAR else "info"


def freeze(complaints: Sequence[Complaint]) -> None:
    """Give each complaint its targets: the days in force when it was received, once and for all, and when they end.

    A later version of the organization's targets doesn't touch the days; a corrected date of receipt moves the moments.
    One query, and none where every complaint has its days already.

    Raises:
        Targets.DoesNotExist: the organization has set none.
    """
    zone = current_organization().zone
    new = [row for row in complaints if row.close_days is None]
    versions = list(Targets.objects.order_by("-effective_from")) if new else []
    if new and not versions:
        raise Targets.DoesNotExist("The organization has set no targets.")
    for row in new:
        received = row.received_at.astimezone(zone).date()
        version = next((v for v in versions if v.effective_from <= received), versions[-1])
        row.acknowledge_days, row.answer_days, row.close_days = (
            version.complaint_acknowledge_days,
            version.complaint_answer_days,
            version.complaint_close_days,
        )
    for row in complaints:
        received = row.received_at.astimezone(zone).date()
        row.acknowledge_due_at = _end_of(received + timedelta(days=row.acknowledge_days), zone)
        row.answer_due_at = _end_of(received + timedelta(days=row.answer_days), zone)
        row.close_due_at = _end_of(received + timedelta(days=row.close_days), zone)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.max, zone)
