"""Questions about samples and requests."""

from __future__ import annotations

from typing import Any, Self

from django.db.models import Count, Q

from trail.history import TrackedQuerySet


class SampleQuerySet(TrackedQuerySet):
    """Samples of one organization."""

    def listed(self) -> Self:
        """Without the population, with who drew them and how many of their rows have a note."""
        noted = Count("rows", filter=Q(rows__notes__isnull=False), distinct=True)
        return self.defer("entries").select_related("drawn_by").annotate(noted=noted)


class RequestQuerySet(TrackedQuerySet):
    """Requests for evidence of one organization."""

    def of(self, person: Any) -> Self:
        """Those a person made."""
        return self.filter(asked_by=person)

    def waiting(self) -> Self:
        """Those the quality manager has to answer."""
        return self.filter(status="open")
