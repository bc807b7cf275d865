"""Periodic reviews of external providers (clause 8.4.1)."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registers.models import Record
from requirements_registry.validators import not_in_future

_rating = [MinValueValidator(1), MaxValueValidator(5)]
_GOOD, _DEPENDENT = _("1 poor to 5 excellent."), _("1 easily replaced to 5 no other source.")
RATINGS = ("delivery", "quality", "responsiveness", "dependency")


class SupplierReview(Record):
    """A look at an external provider: how it delivers, and how much hangs on it."""

    prefix = "SUP"
    title_field = "conclusion"
    owner_field = "reviewer"

    supplier = models.ForeignKey(
        "requirements_registry.InterestedParty",
        verbose_name=_("supplier"),
        on_delete=models.PROTECT,
        related_name="supplier_reviews",
        limit_choices_to={"kind": "external_provider"},
    )
    reviewed_on = models.DateField(_("reviewed on"), validators=[not_in_future])
    conclusion = models.CharField(
        _("conclusion"), max_length=300, help_text=_("What the review came to, in a sentence.")
    )
    delivery = models.PositiveSmallIntegerField(
        _("delivery"), null=True, blank=True, validators=_rating, help_text=_GOOD
    )
    quality = models.PositiveSmallIntegerField(_("quality"), null=True, blank=True, validators=_rating, help_text=_GOOD)
    responsiveness = models.PositiveSmallIntegerField(
        _("responsiveness"), null=True, blank=True, validators=_rating, help_text=_GOOD
    )
    dependency = models.PositiveSmallIntegerField(
        _("dependency"), null=True, blank=True, validators=_rating, help_text=_DEPENDENT
    )
    is_key = models.BooleanField(
        _("key supplier"),
        default=True,
        help_text=_("Whether conformity or satisfaction depends on it; only key suppliers must be reviewed again."),
    )
    findings = models.TextField(
        _("findings"),
        blank=True,
        help_text=_("What becomes a risk or an opportunity is recorded there, arising from this review."),
    )
    next_review_on = models.DateField(
        _("next review"), null=True, blank=True, help_text=_("Empty: after the organization's review interval.")
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta(Record.Meta):
        verbose_name = _("supplier review")
        verbose_name_plural = _("supplier reviews")
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(next_review_on=None) | Q(next_review_on__gt=models.F("reviewed_on")),
                name="supplier_review_before_next",
                violation_error_message=_("The next review lies after this one."),
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{name: None}) | Q(**{f"{name}__gte": 1, f"{name}__lte": 5}),
                    name=f"supplier_review_{name}_1_to_5",
                )
                for name in RATINGS
            ),
        )
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=("supplier", "-reviewed_on", "-id"), name="supplier_review_latest"),
        )

    def clean(self) -> None:
        if self.next_review_on and self.reviewed_on and self.next_review_on <= self.reviewed_on:
            raise ValidationError({"next_review_on": _("The next review lies after this one.")})
