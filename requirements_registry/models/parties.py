"""Interested parties and what is kept about customers (clause 4.2)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registers.models import Record
from registers.querysets import record_manager
from requirements_registry.querysets import InterestedPartyQuerySet
from requirements_registry.validators import interval, not_in_future


class InterestedParty(Record):
    """Somebody who affects, or is affected by, what the organization does: customers first."""

    class Kind(models.TextChoices):
        """What the party is to the organization."""

        CUSTOMER = "customer", _("Customer")
        END_USER = "end_user", _("End user")
        REGULATOR = "regulator", _("Regulator")
        EXTERNAL_PROVIDER = "external_provider", _("External provider")
        OWNER = "owner", _("Owner")
        EMPLOYEE = "employee", _("Employee")
        COMMUNITY = "community", _("Community")
        OTHER = "other", _("Other")

    prefix = "IPA"
    title_field = "name"

    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CUSTOMER)
    relevant = models.BooleanField(
        _("relevant"),
        default=True,
        help_text=_("Whether it can affect conformity of products and services or customer satisfaction."),
    )
    is_key_customer = models.BooleanField(
        _("key customer"), default=False, help_text=_("A key customer must be heard in every period.")
    )
    segment = models.CharField(
        _("segment"), max_length=120, blank=True, help_text=_("The group of customers it belongs to.")
    )
    language = models.CharField(
        _("language"), max_length=40, blank=True, help_text=_("The language in which it is asked and answered.")
    )
    addressed_on = models.DateField(_("decided on"), null=True, blank=True, validators=[not_in_future])
    review_days = models.PositiveIntegerField(
        _("review interval"),
        null=True,
        blank=True,
        validators=interval,
        help_text=_("Days between reviews. Empty: the organization's interval."),
    )
    last_reviewed_on = models.DateField(_("last review"), null=True, blank=True, validators=[not_in_future])
    relevance = models.TextField(
        _("relevance"),
        blank=True,
        help_text=_("What it needs and expects, and why that matters to the quality management system."),
    )
    monitoring = models.TextField(
        _("monitoring"),
        blank=True,
        help_text=_("How its needs and expectations are watched: meetings, score cards, publications."),
    )
    addressed = models.TextField(
        _("requirements addressed"),
        blank=True,
        help_text=_("Which of its requirements the quality management system addresses (clause 4.2 c)."),
    )

    objects: ClassVar[Any] = record_manager(InterestedPartyQuerySet)

    class Meta(Record.Meta):
        verbose_name = _("interested party")
        verbose_name_plural = _("interested parties")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=Q(is_key_customer=False) | Q(kind__in=("customer", "end_user")), name="party_key_customer_is_customer",
                                   violation_error_message=_("Only a customer or an end user can be a key customer.")),
        )  # fmt: skip

    @property
    def current_requirements(self) -> Any:
        """Its requirements that count, newest first."""
        return self.requirements.current().order_by("-id")  # type: ignore[attr-defined]

    def clean(self) -> None:
        if self.is_key_customer and self.kind not in (self.Kind.CUSTOMER, self.Kind.END_USER):
            raise ValidationError({"is_key_customer": _("Only a customer or an end user can be a key customer.")})
        if self.addressed_on and not self.addressed.strip():
            raise ValidationError(
                {
                    "addressed": _(
                        "Say which of its requirements are addressed, or that none is; a date alone decides nothing."
                    )
                }
            )
