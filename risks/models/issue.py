"""Internal and external issues of the organization's context (clause 4.1)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from registers.models import Record
from registers.querysets import record_manager
from requirements_registry.validators import not_in_future
from risks.querysets import IssueQuerySet


class ContextIssue(Record):
    """Something inside or outside of the organization that bears on what its system is to do."""

    class Side(models.TextChoices):
        """Where it lies."""

        INTERNAL = "internal", _("Internal")
        EXTERNAL = "external", _("External")

    class Category(models.TextChoices):
        """What it is about."""

        POLITICAL = "political", _("Political")
        ECONOMIC = "economic", _("Economic")
        SOCIAL = "social", _("Social")
        TECHNOLOGICAL = "technological", _("Technological")
        LEGAL = "legal", _("Legal")
        ENVIRONMENTAL = "environmental", _("Environmental")
        CLIMATE = "climate", _("Climate change")
        COMPETITIVE = "competitive", _("Competitive")
        CULTURAL = "cultural", _("Cultural")
        KNOWLEDGE = "knowledge", _("Knowledge")
        PERFORMANCE = "performance", _("Performance")

    class Direction(models.TextChoices):
        """How it bears on the organization."""

        HELPS = "helps", _("Helps")
        HINDERS = "hinders", _("Hinders")
        BOTH = "both", _("Both")

    class Relevance(models.TextChoices):
        """What was decided about it.

        Amendment 1:2024 asks for this decision about climate change.
        """

        RELEVANT = "relevant", _("Relevant")
        NOT_RELEVANT = "not_relevant", _("Not relevant")

    prefix = "CIS"

    title = models.CharField(_("issue"), max_length=300)
    side = models.CharField(_("internal or external"), max_length=10, choices=Side, default=Side.EXTERNAL)
    category = models.CharField(_("category"), max_length=14, choices=Category)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, blank=True)
    description = models.TextField(_("description"), blank=True)
    relevance = models.CharField(
        _("relevance"),
        max_length=12,
        choices=Relevance,
        blank=True,
        help_text=_("Climate change needs a decision, whichever way it falls."),
    )
    relevance_rationale = models.TextField(_("why it is relevant or not"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reviewed_on = models.DateField(_("last reviewed"), null=True, blank=True, validators=[not_in_future])
    review_days = models.PositiveIntegerField(
        _("review interval"), null=True, blank=True, help_text=_("Days. Empty: the organization's interval.")
    )

    objects: ClassVar[Any] = record_manager(IssueQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=~models.Q(category="climate") | models.Q(relevance="") | ~models.Q(relevance_rationale=""),
                name="issue_climate_decision_has_rationale",
                violation_error_message=_("Say why climate change is relevant, or why it isn't."),
            ),
        )

    def clean(self) -> None:
        if self.category == self.Category.CLIMATE and self.relevance and not self.relevance_rationale.strip():
            raise ValidationError({"relevance_rationale": _("Say why climate change is relevant, or why it isn't.")})
