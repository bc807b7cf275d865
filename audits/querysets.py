"""Questions about samples and requests."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Case, Count, F, Q, When

from organizations.auditor_scope import audit_scope
from trail.history import TrackedQuerySet


class SampleQuerySet(TrackedQuerySet):
    """Samples of one organization."""

    def listed(self) -> Self:
        """Without the population, with who drew them and how many of their rows have a note."""
        noted = Count("rows", filter=Q(rows__notes__isnull=False), distinct=True)
        rows = self.defer("entries").select_related("drawn_by").annotate(noted=noted)
        return rows.order_by("-as_of", "-pk")

    def visible(self, person: Any) -> Self:
        """Those that a person may see: all, or only their own where their access is confined."""
        return self.filter(drawn_by=person) if audit_scope() else self


class RequestQuerySet(TrackedQuerySet):
    """Requests for evidence of one organization."""

    def visible(self, person: Any) -> Self:
        """Those that a person may see: all, or only their own where their access is confined."""
        return self.filter(asked_by=person) if audit_scope() else self

    def waiting_first(self) -> Self:
        """Those that wait for an answer, the soonest needed first, then the others, newest first."""
        turn = Case(When(status="open", then=0), When(status="answered", then=1), default=2)
        return self.order_by(turn, F("needed_by").asc(nulls_last=True), "-asked_at", "-pk")

    def answered(self) -> Self:
        """Those whose answer waits for the auditor's word."""
        return self.filter(status="answered")

    def waiting(self) -> Self:
        """Those the quality manager has to answer."""
        return self.filter(status="open")
