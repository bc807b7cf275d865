"""Querysets of samples and requests for evidence."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Case, Count, F, Q, When

from organizations.auditor_scope import audit_scope
from trail.history import TrackedQuerySet


class SampleQuerySet(TrackedQuerySet):
    """Samples of one organization."""

    def listed(self) -> Self:
        """Return the samples for a list, newest first.

        Each comes with who drew it and `noted`, the number of its rows that have a note, and without its population.
        """
        noted = Count("rows", filter=Q(rows__notes__isnull=False), distinct=True)
        # A population has up to `audits.services.MOST_ROWS` entries, which no list shows.
        rows = self.defer("entries").select_related("drawn_by").annotate(noted=noted)
        return rows.order_by("-as_of", "-pk")

    def visible(self, person: Any) -> Self:
        """Return those that a person may see: all, or only their own under an audit scope."""
        return self.filter(drawn_by=person) if audit_scope() else self


class RequestQuerySet(TrackedQuerySet):
    """Requests for evidence of one organization."""

    def visible(self, person: Any) -> Self:
        """Return those that a person may see: all, or only their own under an audit scope."""
        return self.filter(asked_by=person) if audit_scope() else self

    def waiting_first(self) -> Self:
        """Order the requests: unanswered ones first, then those answered, then those accepted.

        Within each of these the soonest needed comes first, those without a day last, then the newest.
        """
        turn = Case(When(status="open", then=0), When(status="answered", then=1), default=2)
        return self.order_by(turn, F("needed_by").asc(nulls_last=True), "-asked_at", "-pk")

    def answered(self) -> Self:
        """Return those whose answer waits for the auditor's word."""
        return self.filter(status="answered")

    def waiting(self) -> Self:
        """Return those that the quality manager has to answer."""
        return self.filter(status="open")
