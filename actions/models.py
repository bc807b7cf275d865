"""Actions and the checks of their effectiveness (clauses 6.1, 9.3.3 and 10.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actions.querysets import ActionQuerySet
from registers.models import Record
from registers.origins import Arising
from registers.querysets import record_manager
from registers.validators import not_in_future
from trail.models import AppendOnly


class Action(Arising):
    """Something to be done about a record: a failed check, a risk, a complaint, a decision."""

    class Kind(models.TextChoices):
        """ISO 9000: a correction mends what was found, a corrective action removes its cause."""

        CORRECTION = "correction", _("Correction")
        CORRECTIVE = "corrective", _("Corrective action")
        PREVENTIVE = "preventive", _("Preventive action")
        IMPROVEMENT = "improvement", _("Improvement")

    class Status(models.TextChoices):
        """Where the action stands."""

        PLANNED = "planned", _("Planned")
        UNDER_WAY = "under_way", _("Under way")
        DONE = "done", _("Done")
        CANCELLED = "cancelled", _("Cancelled")

    prefix = "ACT"

    title = models.CharField(_("action"), max_length=300)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.CORRECTIVE)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.PLANNED)
    origin = models.CharField(
        _("arises from"), max_length=20, blank=True, help_text=_("The reference of a row, like RSK-0004 or CHK-0012.")
    )
    description = models.TextField(_("description"), blank=True)
    cause = models.TextField(_("cause"), blank=True, help_text=_("For corrective actions: what made it happen."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_on = models.DateField(_("done"), null=True, blank=True, validators=[not_in_future])
    process = models.CharField(
        _("built into process"),
        max_length=200,
        blank=True,
        help_text=_("The process of the management system that it becomes part of."),
    )
    escalated_on = models.DateField(
        _("escalated"),
        null=True,
        blank=True,
        validators=[not_in_future],
        help_text=_("The day top management was told that it is late."),
    )
    escalation = models.TextField(_("escalation"), blank=True, help_text=_("Who was told, and what was decided."))
    waiting_days = models.PositiveIntegerField(
        _("waiting time"), default=30, help_text=_("Days after it is done before its effectiveness can be judged.")
    )

    objects: ClassVar[Any] = record_manager(ActionQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=~Q(status="done") | Q(done_on__isnull=False), name="action_done_has_a_day",
                                   violation_error_message=_("Say on which day it was done.")),
        )  # fmt: skip
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=("organization", "origin"), name="action_origin"),
        )


class EffectivenessCheck(AppendOnly):
    """A judgement whether an action did what it was for.

    Given by someone else than the action's owner, after a waiting time.
    """

    class Verdict(models.TextChoices):
        """What the look came to."""

        EFFECTIVE = "effective", _("Effective")
        PARTLY = "partly", _("Partly effective")
        NOT = "not", _("Not effective")

    action = models.ForeignKey(
        Action, verbose_name=_("action"), on_delete=models.PROTECT, related_name="effectiveness_checks"
    )
    checked_on = models.DateField(_("checked on"), validators=[not_in_future])
    verdict = models.CharField(_("verdict"), max_length=10, choices=Verdict)
    evidence = models.TextField(_("evidence"), help_text=_("What shows it."))
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("checked by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(AppendOnly.Meta):
        ordering = ("-checked_on", "-pk")
        verbose_name = _("effectiveness check")
        verbose_name_plural = _("effectiveness checks")

    def __str__(self) -> str:
        return f"{self.action.reference} {self.get_verdict_display()}"

    def clean(self) -> None:
        if self.checker_id and self.checker_id == self.action.owner_id:
            raise ValidationError(
                {"checker": _("Someone other than the action's owner judges whether it was effective.")}
            )
        if self.action.done_on is None:
            raise ValidationError(_("The action isn't done yet."))
        if self.checked_on and (self.checked_on - self.action.done_on).days < self.action.waiting_days:
            raise ValidationError(
                {"checked_on": _("The waiting time of %(days)s days isn't over.") % {"days": self.action.waiting_days}}
            )
