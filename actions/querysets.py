"""Questions about actions."""

from __future__ import annotations

from datetime import date
from typing import Self

from registers.querysets import RecordQuerySet


class ActionQuerySet(RecordQuerySet):
    """Actions of one organization."""

    def open(self) -> Self:
        """Return those still to be finished."""
        return self.filter(status__in=("planned", "under_way"))

    def overdue(self, day: date) -> Self:
        """Return open ones whose due date lies before a day."""
        return self.open().filter(due_on__lt=day)
