"""Enhancements: what was done beyond what was required, and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from feedback.models.item import FeedbackItem
from feedback.querysets import EnhancementQuerySet
from registers.models import Record
from registers.querysets import record_manager
from registers.validators import not_in_future
from trail.models import Link


class Enhancement(Record):
    """Something done to enhance a customer's satisfaction.

    With its cost, the reaction, and the effect measured afterwards.
    """

    prefix = "ENH"

    title = models.CharField(_("what was done"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    customer = models.ForeignKey(
        "requirements_registry.InterestedParty",
        verbose_name=_("for customer"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    segment = models.CharField(_("for segment"), max_length=120, blank=True, help_text=_("Where it was done for many."))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    done_on = models.DateField(_("done"), validators=[not_in_future])
    cost = models.DecimalField(
        _("cost"), max_digits=14, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three letters, like EUR."))],
        help_text=_("Three letters, like EUR."),
    )
    reaction = models.TextField(_("reaction"), blank=True, help_text=_("What the customer said or did."))
    expected_effect = models.TextField(_("expected effect"), blank=True)
    measure_due_on = models.DateField(
        _("effect to be measured by"),
        null=True,
        blank=True,
        help_text=_("Without a day the effect counts as missing until it is measured."),
    )
    measured_effect = models.TextField(_("measured effect"), blank=True)
    measured_on = models.DateField(_("effect measured"), null=True, blank=True, validators=[not_in_future])
    feedback = models.ManyToManyField(
        FeedbackItem, verbose_name=_("feedback"), through="EnhancementFeedback", blank=True, related_name="enhancements"
    )

    objects: ClassVar[Any] = record_manager(EnhancementQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("enhancement")
        verbose_name_plural = _("enhancements")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(cost=None) | ~Q(currency=""),
                name="enhancement_cost_has_a_currency",
                violation_error_message=_("Say in which currency the cost is."),
            ),
            models.CheckConstraint(
                condition=Q(measured_on=None, measured_effect="")
                | (Q(measured_on__isnull=False) & ~Q(measured_effect="")),
                name="enhancement_effect_has_a_day",
                violation_error_message=_("A measured effect needs its day, and the day needs the effect."),
            ),
            models.CheckConstraint(
                condition=Q(measured_on=None) | Q(measured_on__gte=F("done_on")),
                name="enhancement_measured_afterwards",
                violation_error_message=_("The effect can't be measured before it was done."),
            ),
        )
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=("organization", "customer"), name="enhancement_customer"),
        )

    def clean(self) -> None:
        self.segment = " ".join(self.segment.split())
        errors = {}
        if self.customer_id is None and not self.segment:
            errors["customer"] = _("Say for whom it was done: a customer or a segment.")
        if self.cost is not None and not self.currency:
            errors["currency"] = _("Say in which currency the cost is.")
        if self.measured_on and not self.measured_effect:
            errors["measured_effect"] = _("Say what was measured, or leave the day empty.")
        if self.measured_effect and not self.measured_on:
            errors["measured_on"] = _("Say on which day it was measured.")
        if self.measured_on and self.done_on and self.measured_on < self.done_on:
            errors["measured_on"] = _("The effect can't be measured before it was done.")
        if errors:
            raise ValidationError(errors)


class EnhancementFeedback(Link):
    """The feedback that led to an enhancement or answers it."""

    enhancement = models.ForeignKey(Enhancement, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(FeedbackItem, on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("enhancement", "item"), name="enhancement_feedback_once"),)

    def __str__(self) -> str:
        return f"{self.enhancement_id}–{self.item_id}"
