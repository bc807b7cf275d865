"""Assertions that were switched off, and what the clause came to day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.scope import Scoped, current_organization
from trail.history import TrackedQuerySet
from trail.models import Tracked, TrackedManager


class NotApplicableQuerySet(TrackedQuerySet):
    """Assertions that were switched off."""

    def on(self, day: date) -> Self:
        """Return those that are switched off on a day."""
        return self.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gt=day))


class NotApplicable(Tracked):
    """An assertion that does not apply to the organization, and why; the reason is in the pack."""

    code = models.CharField(_("assertion"), max_length=4)
    reason = models.TextField(_("reason"))
    since = models.DateField(_("since"), null=True, blank=True, help_text=_("The first day that is judged without it."))
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("Empty: still switched off."))

    objects: ClassVar[Any] = TrackedManager.from_queryset(NotApplicableQuerySet)()

    class Meta(Tracked.Meta):
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "code"), condition=Q(until=None), name="not_applicable_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="not_applicable_has_a_reason"),
        )

    def __str__(self) -> str:
        return self.code

    @classmethod
    def prepare(cls, rows: Sequence[Any]) -> None:
        """Let those that name no day begin on the day they are written."""
        for row in rows:
            row.since = row.since or current_organization().today()


class Snapshot(Scoped):
    """The evaluation of a day: a point of each assertion's trend.

    It is kept as it was; a later change of rows doesn't touch it.
    """

    as_of_field = "day"

    day = models.DateField()
    evaluation = models.JSONField()

    class Meta(Scoped.Meta):
        ordering = ("day",)
        constraints = (models.UniqueConstraint(fields=("organization", "day"), name="snapshot_once_a_day"),)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
