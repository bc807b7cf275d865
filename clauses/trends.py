"""The days whose evaluation was kept: the points of every trend, each proved by a sealed event that tells its digest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _

from clauses.models import Snapshot
from trail.models import Event
from trail.sealing.canonical import canonical_bytes
from trail.sealing.findings import Finding

#: The verb of the event that is written with each day.
KEPT = "kept a day's evaluation"


def digest(evaluation: Any) -> str:
    """Return the SHA-256 of an evaluation as it is kept."""
    return sha256(canonical_bytes(evaluation)).hexdigest()


def kept_days(until: date, most: int) -> list[Snapshot]:
    """Return the newest days up to one that were kept and are what the trail says, oldest first: two queries."""
    found = list(Snapshot.objects.filter(day__lte=until).order_by("-day")[:most])
    told = _told(found)
    return [snapshot for snapshot in reversed(found) if told.get(snapshot.day) == digest(snapshot.evaluation)]


def days_against_digests() -> Iterator[Finding]:
    """Yield a finding for each day that was kept, and isn't what the trail says or isn't told of there."""
    found = list(Snapshot.objects.order_by("day"))
    told = _told(found)
    for snapshot in found:
        if told.get(snapshot.day) != digest(snapshot.evaluation):
            text = _("The evaluation kept of %(day)s isn't what the trail says.") % {"day": f"{snapshot.day:%Y-%m-%d}"}
            yield Finding(Snapshot._meta.db_table, snapshot.pk, text)


def _told(days: Sequence[Snapshot]) -> dict[date, str]:
    """Return the digests that the trail tells of days; of several the first."""
    subjects = [f"{snapshot.day:%Y-%m-%d}" for snapshot in days]
    events = Event.objects.filter(verb=KEPT, subject__in=subjects).order_by("-pk")
    return {date.fromisoformat(event.subject): event.data["sha256"] for event in events}
