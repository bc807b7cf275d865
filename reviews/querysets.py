"""Questions about sign-offs, and decisions on gaps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db.models import Q

from clauses.assertion import Period
from trail.history import TrackedQuerySet


class SignOffQuerySet(TrackedQuerySet):
    """Sign-offs of one organization."""

    def of(self, period: Period) -> Self:
        """Return those of a period, interim ones included."""
        return self.filter(period_from=period.first, period_to=period.last)

    def valid(self) -> Self:
        """Return those that their signers did not withdraw."""
        return self.filter(withdrawal=None)

    def standing(self, moment: datetime) -> Self:
        """Return those that were signed by a moment and hadn't been withdrawn by then."""
        return self.filter(Q(withdrawal=None) | Q(withdrawal__signed_at__gt=moment), signed_at__lte=moment)

    def final(self) -> Self:
        """Return those of a period that was over when they were signed."""
        return self.filter(interim=False)


class GapDecisionQuerySet(TrackedQuerySet):
    """Decisions on gaps of one organization."""

    def running(self, day: date) -> dict[str, Any]:
        """Return the last decision on each statement, where it holds on a day, by code: one query."""
        rows: Any = self.select_related("action__owner").order_by("pk")
        latest = {each.code: each for each in rows}
        return {code: each for code, each in latest.items() if each.runs_on(day)}
