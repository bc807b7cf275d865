"""Looks at whether requirements are met, and whether their sources changed."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registers.models import Record
from registers.querysets import record_manager
from requirements_registry.querysets import ConformityCheckQuerySet
from requirements_registry.validators import not_in_future


class ConformityCheck(Record):
    """A look at whether a requirement is met.

    A measurement, inspection, audit or customer's verdict.
    """

    class Result(models.TextChoices):
        """What was found."""

        MET = "met", _("Met")
        PARTLY = "partly", _("Partly met")
        NOT_MET = "not_met", _("Not met")

    prefix = "CHK"
    title_field = "method"

    requirement = models.ForeignKey(
        "requirements_registry.Requirement",
        verbose_name=_("requirement"),
        on_delete=models.PROTECT,
        related_name="checks",
    )
    checked_on = models.DateField(_("checked on"), validators=[not_in_future])
    method = models.CharField(
        _("method"), max_length=200, help_text=_("Measurement, inspection, test, audit, customer's score card…")
    )
    result = models.CharField(_("result"), max_length=8, choices=Result)
    measured = models.CharField(
        _("measured value"), max_length=120, blank=True, help_text=_("With its unit: 98.6 %, 12 of 12, 71 dB(A).")
    )
    sample_size = models.PositiveIntegerField(
        _("sample size"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("How many were looked at."),
    )
    checker = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("checked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    criterion = models.TextField(
        _("criterion"),
        blank=True,
        help_text=_("What it was held against. Left empty, the requirement's acceptance criterion."),
    )
    evidence = models.TextField(_("evidence"), blank=True, help_text=_("What shows the result, and where it is kept."))

    objects: ClassVar[Any] = record_manager(ConformityCheckQuerySet)

    class Meta(Record.Meta):
        ordering = ("-checked_on", "-id")
        verbose_name = _("conformity check")
        verbose_name_plural = _("conformity checks")
        constraints = Record.Meta.constraints
        indexes = (
            *Record.Meta.indexes,
            # What a requirement's last checks found, and those of a span of days, is answered without the rows.
            models.Index(
                fields=("organization", "requirement", "-checked_on", "-id", "result"),
                condition=Q(archived_at=None),
                name="check_of_requirement",
            ),
            models.Index(fields=("organization", "requirement", "-id"), name="check_list_of_requirement"),
            models.Index(
                fields=("organization", "checked_on", "result"), condition=Q(archived_at=None), name="check_day"
            ),
        )

    @property
    def title_text(self) -> str:
        """Result and method: a check has no title of its own."""
        return ", ".join(part for part in (str(self.get_result_display()), self.method) if part)

    def clean(self) -> None:
        if not self.criterion.strip() and self.requirement_id:
            self.criterion = self.requirement.criterion


class WatchEntry(Record):
    """A look at the source of a requirement: whether a law, standard or contract has changed."""

    prefix = "LWE"
    title_field = "impact"

    requirement = models.ForeignKey(
        "requirements_registry.Requirement",
        verbose_name=_("requirement"),
        on_delete=models.PROTECT,
        related_name="watch_entries",
    )
    looked_on = models.DateField(_("looked on"), validators=[not_in_future])
    changed = models.BooleanField(
        _("changed"), default=False, help_text=_("Whether the source has changed since the last look.")
    )
    impact_due_on = models.DateField(
        _("impact due"), null=True, blank=True, help_text=_("The day by which its impact must be assessed.")
    )
    impact_closed_on = models.DateField(_("impact assessed on"), null=True, blank=True, validators=[not_in_future])
    looked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("looked by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    impact = models.TextField(
        _("impact"), blank=True, help_text=_("What changed, and what it means for products, services and processes.")
    )

    class Meta(Record.Meta):
        ordering = ("-looked_on", "-id")
        verbose_name = _("legal watch entry")
        verbose_name_plural = _("legal watch entries")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=Q(impact_closed_on=None) | Q(changed=True) & ~Q(impact=""), name="watch_closed_has_impact",
                                   violation_error_message=_("An assessment is closed only where there was a change and its impact is written down.")),
        )  # fmt: skip
        indexes = (
            *Record.Meta.indexes,
            models.Index(
                fields=("organization", "requirement", "-looked_on"),
                condition=Q(archived_at=None),
                name="watch_of_requirement",
            ),
        )

    @property
    def title_text(self) -> str:
        """Whether the source changed, and when somebody looked."""
        return f"{_('Changed') if self.changed else _('Unchanged')}, {self.looked_on:%Y-%m-%d}"

    def clean(self) -> None:
        if self.changed and not self.impact_due_on:
            raise ValidationError({"impact_due_on": _("Say by when the impact of the change must be assessed.")})
        if self.impact_closed_on and not self.changed:
            raise ValidationError({"impact_closed_on": _("Nothing changed, so there is no impact to assess.")})
        if self.impact_closed_on and not self.impact.strip():
            raise ValidationError({"impact": _("Write down the impact before closing its assessment.")})
        if self.impact_closed_on and self.looked_on and self.impact_closed_on < self.looked_on:
            raise ValidationError({"impact_closed_on": _("This lies before the day of the look.")})
