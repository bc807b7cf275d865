"""Questions about actions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from django.db.models import Q

from registers.querysets import RecordQuerySet


class ActionQuerySet(RecordQuerySet):
    """Actions of one organization."""

    def open(self) -> Self:
        """Return those still to be finished."""
        return self.filter(status__in=("planned", "under_way"))

    def begun(self, day: date, until: datetime | None = None) -> Self:
        """Return those that count and that had been decided on by a day.

        An action bears no day of its decision: it is of the day it was recorded, unless it was due, done or escalated before.
        """
        rows = self.current(until)
        if until is None:
            return rows
        earlier = Q(due_on__lte=day) | Q(done_on__lte=day) | Q(escalated_on__lte=day)
        return rows.filter(Q(created_at__lt=until) | earlier)

    def open_on(self, day: date) -> Self:
        """Return those still to be finished as of a day: open ones, and those that were done after it."""
        return self.filter(Q(status__in=("planned", "under_way")) | Q(status="done", done_on__gt=day))

    def done_by(self, day: date) -> Self:
        """Return those that were done by a day."""
        return self.filter(status="done", done_on__lte=day)

    def answered_for(self) -> Self:
        """Return those with an owner and a due date: a plan that nobody has to carry out by any day is none."""
        return self.exclude(owner=None).exclude(due_on=None)

    def undated(self) -> Self:
        """Return those without a due date, which can be neither late nor in time."""
        return self.filter(due_on=None)

    def overdue(self, day: date) -> Self:
        """Return those open as of a day whose due date lies before it, with ``_escalated``: when, by then, it was told."""
        return self.open_on(day).filter(due_on__lt=day).alias(_escalated=self.held_on("escalated_on", day))
