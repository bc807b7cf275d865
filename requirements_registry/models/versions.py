"""What is written once about a requirement: versions, reviews, acknowledgements."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from requirements_registry.validators import not_in_future
from trail.actor import actor
from trail.models import AppendOnly

if TYPE_CHECKING:
    from requirements_registry.models.requirements import Requirement


class RequirementVersion(AppendOnly):
    """What a requirement said from a change on (clause 8.2.4).

    Acknowledgements of earlier versions don't count for it.
    """

    requirement = models.ForeignKey(
        "requirements_registry.Requirement",
        verbose_name=_("requirement"),
        on_delete=models.PROTECT,
        related_name="versions",
    )
    number = models.PositiveIntegerField(_("version"))
    effective_on = models.DateField(_("effective from"), null=True)
    written_at = models.DateTimeField(_("written"), default=timezone.now)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("author"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField(_("reason"), blank=True)
    tell = models.TextField(_("to be told"), blank=True)
    statement = models.TextField(_("statement"))
    criterion = models.TextField(_("acceptance criterion"), blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ("-number",)
        verbose_name = _("requirement version")
        verbose_name_plural = _("requirement versions")
        constraints = (models.UniqueConstraint(fields=("requirement", "number"), name="requirement_version_once"),)

    def __str__(self) -> str:
        return f"{self.requirement.reference} v{self.number}"

    @classmethod
    def of(cls, requirement: Requirement, *, reason: str, effective_on: date | None, tell: str) -> RequirementVersion:
        """Return the version that a requirement is at now, not saved yet."""
        return cls(
            requirement=requirement, number=requirement.version, statement=requirement.statement, criterion=requirement.criterion,
            reason=reason, effective_on=effective_on, tell=tell, author=actor(),
        )  # fmt: skip


class RequirementReview(AppendOnly):
    """The review before the organization commits itself to a requirement (clause 8.2.3)."""

    class Result(models.TextChoices):
        """What the review came to."""

        ACCEPTED = "accepted", _("Can be met")
        CHANGES = "changes", _("Can be met with changes")
        REFUSED = "refused", _("Can't be met")

    requirement = models.ForeignKey(
        "requirements_registry.Requirement",
        verbose_name=_("requirement"),
        on_delete=models.PROTECT,
        related_name="reviews",
    )
    version = models.PositiveIntegerField(_("version"), editable=False)
    reviewed_on = models.DateField(_("reviewed on"), validators=[not_in_future])
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reviewed by"),
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Someone other than the author."),
    )
    stated = models.BooleanField(
        _("what the customer stated"), default=False, help_text=_("Delivery and what follows it included.")
    )
    unstated = models.BooleanField(_("what is necessary though not stated"), default=False)
    own = models.BooleanField(_("the organization's own requirements"), default=False)
    legal = models.BooleanField(_("statutory and regulatory requirements"), default=False)
    differing = models.BooleanField(_("what differs from before"), default=False)
    differences = models.TextField(
        _("differences found"), blank=True, help_text=_("Where contract, order and earlier statements disagree.")
    )
    resolved = models.BooleanField(_("differences resolved"), default=False)
    result = models.CharField(_("result"), max_length=10, choices=Result)
    note = models.TextField(_("note"), blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ("-reviewed_on", "-pk")
        verbose_name = _("requirement review")
        verbose_name_plural = _("requirement reviews")

    def __str__(self) -> str:
        return f"{self.requirement.reference} {self.get_result_display()}"

    def clean(self) -> None:
        self.version = self.requirement.version
        author = (
            RequirementVersion.objects.filter(requirement=self.requirement, number=self.version)
            .values_list("author", flat=True)
            .first()
        )
        if self.reviewer_id and self.reviewer_id == author:
            raise ValidationError(
                {"reviewer": _("This person wrote the requirement's current version: someone else reviews it.")}
            )
        if self.differences.strip() and not self.resolved and self.result != self.Result.REFUSED:
            raise ValidationError(
                {"resolved": _("Differences must be resolved before the organization commits itself.")}
            )


class Acknowledgement(AppendOnly):
    """A person confirms in their own words that they understand a version of a requirement."""

    requirement = models.ForeignKey(
        "requirements_registry.Requirement",
        verbose_name=_("requirement"),
        on_delete=models.PROTECT,
        related_name="acknowledgements",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="+"
    )
    version = models.PositiveIntegerField(_("version"))
    words = models.TextField(_("in their own words"))
    acknowledged_at = models.DateTimeField(_("acknowledged"), default=timezone.now)

    class Meta(AppendOnly.Meta):
        ordering = ("-acknowledged_at", "-pk")
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "requirement", "version", "person"), name="acknowledgement_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.requirement.reference} v{self.version}: {self.person}"
