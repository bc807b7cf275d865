"""Decisions of top management on gaps."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reviews.querysets import GapDecisionQuerySet
from trail.models import AppendOnly, TrackedManager


class GapDecision(AppendOnly):
    """What top management decided about a gap: to treat it, to accept it until a day, or that it isn't relevant until then.

    The statement stays a gap. A later decision on the same statement takes the place of an earlier one; none is changed.

    Attributes:
        code: of the statement.
        result, value, exceptions: what it came to when it was decided on.
        period_from, period_to: the period that was looked at then.
        action: what is done about it, where it is treated.
        until: the last day for which it holds; of a treatment, the day by which the action is due.
        decided_by, decided_at: from the account, never typed.
        printed_name, job_title: of whoever decided, as they were then.
    """

    class Kind(models.TextChoices):
        """What can be decided about a gap."""

        TREAT = "treat", _("Treat")
        ACCEPT = "accept", _("Accept until")
        NOT_RELEVANT = "not_relevant", _("Not relevant because")

    prefix: ClassVar[str] = "GD"

    reference = models.CharField(_("reference"), max_length=20, editable=False)
    code = models.CharField(_("statement"), max_length=4, editable=False)
    kind = models.CharField(_("decision"), max_length=12, choices=Kind, editable=False)
    result = models.CharField(_("result"), max_length=16, editable=False)
    value = models.CharField(_("value"), max_length=40, editable=False)
    exceptions = models.PositiveIntegerField(_("exceptions"), editable=False)
    period_from = models.DateField(_("from"), editable=False)
    period_to = models.DateField(_("to"), editable=False)
    action = models.ForeignKey(
        "actions.Action",
        verbose_name=_("action"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    reason = models.TextField(_("reason"), blank=True, editable=False)
    until = models.DateField(_("until"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decided by"),
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    printed_name = models.CharField(_("name"), max_length=120, editable=False)
    job_title = models.CharField(_("job title"), max_length=120, editable=False)
    decided_at = models.DateTimeField(_("decided"), editable=False)

    objects: ClassVar[Any] = TrackedManager.from_queryset(GapDecisionQuerySet)()

    class Meta(AppendOnly.Meta):
        ordering = ("-pk",)
        verbose_name = _("decision on a gap")
        verbose_name_plural = _("decisions on gaps")
        constraints = (
            models.UniqueConstraint(fields=("organization", "reference"), name="gap_decision_reference_once"),
            models.CheckConstraint(
                condition=Q(kind="treat", action__isnull=False)
                | (~Q(kind="treat") & Q(action=None, until__isnull=False) & ~Q(reason="")),
                name="gap_decision_says_what",
            ),
        )
        indexes = (models.Index(fields=("organization", "code", "-id"), name="gap_decision_code"),)

    def __str__(self) -> str:
        return self.reference

    def runs_on(self, day: date) -> bool:
        """Return whether it holds on a day: until its last one, and a treatment only as long as its action is open."""
        if self.action is not None and self.action.status not in ("planned", "under_way"):
            return False
        return self.until is None or self.until >= day

    def covers(self, exceptions: int, *, legal: bool) -> bool:
        """Return whether it is about a gap as it is now.

        What was accepted may not have grown since, and nothing that a law asks is accepted.
        """
        return self.kind == self.Kind.TREAT or (exceptions <= self.exceptions and not legal)
