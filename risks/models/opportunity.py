"""Opportunities and their assessments (clause 6.1; 6.1.3 of the 2026 edition)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from registers.querysets import record_manager
from risks.models.assessable import Assessable, pointer
from risks.models.assessment import Assessment
from risks.querysets import OpportunityQuerySet
from trail.models import Link


class Opportunity(Assessable):
    """Something that may happen, or be made to, and would raise conformity or satisfaction."""

    class Response(models.TextChoices):
        """What was decided about it."""

        PURSUE = "pursue", _("Pursue")
        SHARE = "share", _("Share")
        DEFER = "defer", _("Defer")
        REJECT = "reject", _("Reject")

    prefix = "OPP"
    grid_name = "opportunity_grid"

    consequence = models.TextField(_("benefit"), blank=True, help_text=_("What it would lead to."))
    response = models.CharField(_("decision"), max_length=8, choices=Response, blank=True)
    expected_result = models.TextField(
        _("expected result"), blank=True, help_text=_("What pursuing it shall bring, and by when.")
    )
    realised_result = models.TextField(_("realised result"), blank=True, help_text=_("What it did bring."))
    requirements = models.ManyToManyField(
        "requirements_registry.Requirement",
        verbose_name=_("requirements"),
        blank=True,
        through="OpportunityRequirement",
        related_name="+",
    )
    issues = models.ManyToManyField(
        "risks.ContextIssue", verbose_name=_("issues"), blank=True, through="OpportunityIssue", related_name="+"
    )
    parties = models.ManyToManyField(
        "requirements_registry.InterestedParty",
        verbose_name=_("interested parties"),
        blank=True,
        through="OpportunityParty",
        related_name="+",
        help_text=_("Customers and suppliers too."),
    )

    inherent = pointer("risks.OpportunityAssessment", _("inherent assessment"))
    current = pointer("risks.OpportunityAssessment", _("current assessment"))
    target = pointer("risks.OpportunityAssessment", _("target assessment"))

    objects: ClassVar[Any] = record_manager(OpportunityQuerySet)

    class Meta(Assessable.Meta):
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")


class OpportunityRequirement(Link):
    """A requirement that an opportunity can affect."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey("requirements_registry.Requirement", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (
            models.UniqueConstraint(fields=("opportunity", "requirement"), name="opportunity_requirement_once"),
        )

    def __str__(self) -> str:
        return f"{self.opportunity.reference} – {self.requirement.reference}"


class OpportunityIssue(Link):
    """An issue that an opportunity comes from."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey("risks.ContextIssue", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("opportunity", "issue"), name="opportunity_issue_once"),)

    def __str__(self) -> str:
        return f"{self.opportunity.reference} – {self.issue.reference}"


class OpportunityParty(Link):
    """An interested party that an opportunity would serve or comes from."""

    opportunity = models.ForeignKey(Opportunity, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("requirements_registry.InterestedParty", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("opportunity", "party"), name="opportunity_party_once"),)

    def __str__(self) -> str:
        return f"{self.opportunity.reference} – {self.party.reference}"


class OpportunityAssessment(Assessment):
    """How probable and how beneficial an opportunity was judged to be."""

    record_field = "opportunity"

    likelihood = models.PositiveSmallIntegerField(_("probability"))
    consequence = models.PositiveSmallIntegerField(_("benefit"))
    opportunity = models.ForeignKey(
        Opportunity, verbose_name=_("opportunity"), on_delete=models.PROTECT, related_name="assessments", editable=False
    )

    class Meta(Assessment.Meta):
        verbose_name = _("opportunity assessment")
        verbose_name_plural = _("opportunity assessments")
        indexes = (models.Index(fields=("opportunity", "-assessed_on", "-id"), name="opportunity_assessment_latest"),)
