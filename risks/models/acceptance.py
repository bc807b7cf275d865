"""What is decided about risks: one is retained, or a requirement has none of significance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Membership
from organizations.roles import Role
from organizations.scope import current_organization
from requirements_registry.validators import not_in_future
from risks.models.risk import Risk
from risks.models.stages import today
from risks.querysets import AcceptanceQuerySet
from trail.models import AppendOnly, TrackedManager


class Acceptance(AppendOnly):
    """Top management retains a risk as it stands, until a day.

    If the risk is later assessed higher, that isn't accepted.
    """

    risk = models.ForeignKey(
        Risk, verbose_name=_("risk"), on_delete=models.PROTECT, related_name="acceptances", editable=False
    )
    accepted_on = models.DateField(_("accepted on"), default=today, editable=False)
    expires_on = models.DateField(_("expires on"), help_text=_("The last day on which the acceptance holds."))
    rationale = models.TextField(_("rationale"), help_text=_("Why the risk may be retained."))
    score = models.PositiveSmallIntegerField(_("score accepted"), editable=False)
    level_name = models.CharField(_("level accepted"), max_length=60, editable=False)
    scale = models.ForeignKey(
        "risks.Scale", verbose_name=_("scale"), editable=False, on_delete=models.PROTECT, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("accepted by"),
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    objects: ClassVar[Any] = TrackedManager.from_queryset(AcceptanceQuerySet)()

    class Meta(AppendOnly.Meta):
        ordering = ("-accepted_on", "-pk")
        verbose_name = _("acceptance")
        verbose_name_plural = _("acceptances")
        constraints = (
            models.CheckConstraint(
                condition=Q(expires_on__gte=models.F("accepted_on")),
                name="acceptance_ends_after_it_begins",
                violation_error_message=_("The acceptance would have expired already."),
            ),
        )
        indexes = (models.Index(fields=("risk", "expires_on"), name="acceptance_of_risk"),)

    def __str__(self) -> str:
        return f"{self.risk.reference} → {self.expires_on:%Y-%m-%d}"

    @classmethod
    def prepare(cls, rows: Sequence[Any]) -> None:
        """Write down what is accepted: the risk's score, level and scale of this moment.

        Raises:
            ValidationError: the risk was never assessed, the last day has gone by, or the person isn't top management.
        """
        for row in rows:
            row.clean()
            row.score, row.level_name, row.scale = row.risk.score, row.risk.level_name, row.risk.scale

    def clean(self) -> None:
        if self.risk.scale_id is None:
            raise ValidationError(
                _("%(reference)s was never assessed: what would be accepted isn't known.")
                % {"reference": self.risk.reference}
            )
        if self.expires_on and self.expires_on < self.accepted_on:
            raise ValidationError({"expires_on": _("The acceptance would have expired already.")})
        if self.accepted_by_id and not self._leads():
            raise ValidationError(_("Only top management accepts a risk."))

    def _leads(self) -> bool:
        memberships = Membership.objects.filter(
            user_id=self.accepted_by_id, organization=current_organization(), role=Role.TOP_MANAGEMENT
        )
        return memberships.valid_on(self.accepted_on).exists()


class NoSignificantRisk(AppendOnly):
    """A decision that a requirement has no significant risk.

    It holds for the organization's assessment interval.
    """

    requirement = models.ForeignKey(
        "requirements_registry.Requirement",
        verbose_name=_("requirement"),
        on_delete=models.PROTECT,
        related_name="no_risk_decisions",
        editable=False,
    )
    decided_on = models.DateField(_("decided on"), default=today, validators=[not_in_future])
    rationale = models.TextField(
        _("rationale"), help_text=_("Why nothing significant can go wrong with this requirement.")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("decided by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta(AppendOnly.Meta):
        ordering = ("-decided_on", "-pk")
        verbose_name = _("decision that no risk is significant")
        verbose_name_plural = _("decisions that no risk is significant")

    def __str__(self) -> str:
        return f"{self.requirement.reference} {self.decided_on:%Y-%m-%d}"
