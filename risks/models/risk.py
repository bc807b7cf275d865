"""Risks and their assessments (clause 6.1)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registers.models import ImportOutcome
from registers.querysets import record_manager
from risks.models.assessable import Assessable, pointer
from risks.models.assessment import Assessment
from risks.models.scale import Scale, scales_for
from risks.models.stages import INHERENT, today
from risks.models.told import AXES, field_of, tells
from risks.querysets import RiskQuerySet
from trail.actor import actor
from trail.models import Link

FMEA = ("severity", "occurrence", "detection")
#: Scale of an analysis → its lowest and highest rating.
RATING_ENDS = {"three": (1, 3), "four": (1, 4), "five": (1, 5), "six": (1, 6), "ten": (1, 10), "percent": (0, 100)}


class Risk(Assessable):
    """Something that may happen and would harm conformity, or customers' satisfaction.

    Conformity is that of products and services.

    The ratings of a failure mode and effects analysis (IEC 60812) are kept as given, beside the organization's scale.
    """

    class Response(models.TextChoices):
        """What is done about it (ISO 31000, 6.5)."""

        AVOID = "avoid", _("Avoid")
        REMOVE = "remove_source", _("Remove the source")
        LIKELIHOOD = "change_likelihood", _("Change the likelihood")
        CONSEQUENCE = "change_consequence", _("Change the consequence")
        SHARE = "share", _("Share")
        RETAIN = "retain", _("Retain")

    class Ratings(models.TextChoices):
        """The scale on which an analysis rates.

        In steps, detection worst at the highest; or in per cent, detection best at 100.
        """

        THREE = "three", _("1 to 3")
        FOUR = "four", _("1 to 4")
        FIVE = "five", _("1 to 5")
        SIX = "six", _("1 to 6")
        TEN = "ten", _("1 to 10")
        PERCENT = "percent", _("Per cent")

        @property
        def ends(self) -> tuple[int, int]:
            """The lowest and the highest rating."""
            return RATING_ENDS[self.value]

    prefix = "RSK"
    grid_name = "risk_grid"

    response = models.CharField(_("response"), max_length=18, choices=Response, blank=True)
    requirements = models.ManyToManyField(
        "requirements_registry.Requirement",
        verbose_name=_("requirements"),
        blank=True,
        through="RiskRequirement",
        related_name="+",
    )
    issues = models.ManyToManyField(
        "risks.ContextIssue", verbose_name=_("issues"), blank=True, through="RiskIssue", related_name="+"
    )
    parties = models.ManyToManyField(
        "requirements_registry.InterestedParty",
        verbose_name=_("interested parties"),
        blank=True,
        through="RiskParty",
        related_name="+",
        help_text=_("Customers and suppliers too."),
    )

    item = models.CharField(
        _("item or function"),
        max_length=300,
        blank=True,
        help_text=_("The part, process step or function that is looked at."),
    )
    current_control = models.TextField(
        _("current control"), blank=True, help_text=_("What prevents or finds it today.")
    )
    recommended_action = models.TextField(_("recommended action"), blank=True)
    ratings = models.CharField(
        _("ratings are"), max_length=8, choices=Ratings, blank=True, help_text=_("The scale of the three numbers.")
    )
    severity = models.PositiveSmallIntegerField(
        _("severity"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    occurrence = models.PositiveSmallIntegerField(
        _("occurrence"), null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    detection = models.PositiveSmallIntegerField(
        _("detection"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("In steps, the highest is never found in time. In per cent, 100 is always found."),
    )

    inherent = pointer("risks.RiskAssessment", _("inherent assessment"))
    current = pointer("risks.RiskAssessment", _("current assessment"))
    target = pointer("risks.RiskAssessment", _("target assessment"))

    objects: ClassVar[Any] = record_manager(RiskQuerySet)

    class Meta(Assessable.Meta):
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        constraints = (
            *Assessable.Meta.constraints,
            *(
                models.CheckConstraint(
                    condition=reduce(
                        or_,
                        (
                            Q(ratings=code, **{f"{name}__gte": low, f"{name}__lte": high})
                            for code, (low, high) in RATING_ENDS.items()
                        ),
                        Q(**{name: None}),
                    ),
                    name=f"risk_{name}_on_its_ratings",
                )
                for name in FMEA
            ),
        )

    @property
    def rated(self) -> dict[str, int]:
        """The ratings that are given, by field."""
        return {name: value for name in FMEA if (value := getattr(self, name)) is not None}

    @property
    def is_above_appetite(self) -> bool:
        """Whether its level is above what the organization accepts today."""
        return bool(Risk.objects.filter(pk=self.pk).above_appetite(Risk.objects.axes_on(today())).exists())

    def clean(self) -> None:
        super().clean()
        if not (rated := self.rated):
            return
        if not self.ratings:
            raise ValidationError({"ratings": _("Say on which scale severity, occurrence and detection are.")})
        scale = self.Ratings(self.ratings)
        low, high = scale.ends
        off = {
            name: _("%(value)s is not on the scale: %(scale)s.") % {"value": value, "scale": scale.label}
            for name, value in rated.items()
            if not low <= value <= high
        }
        if off:
            raise ValidationError(off)

    @classmethod
    def after_bulk_save(cls, created: Sequence[Self], updated: Sequence[Self], changed_fields: Collection[str]) -> None:
        """Assess imported risks by severity and occurrence.

        See :meth:`registers.models.Record.after_bulk_save`.
        """
        rated = [*created, *(updated if {"severity", "occurrence", "ratings"} & set(changed_fields) else ())]
        RiskAssessment.of_ratings(
            [risk for risk in rated if risk._is_assessed_by_ratings],
            reason=str(_("Assessed from imported ratings")),
        )

    @classmethod
    def import_outcomes(cls, told: Sequence[tuple[Self, Mapping[str, Any]]]) -> list[list[ImportOutcome]]:
        """Return the levels that each risk would be assessed with, by its ratings (:meth:`after_bulk_save`) and by what is told."""
        rated = [row for row, _told in told if row._is_assessed_by_ratings]
        by_ratings = {id(assessed.risk): assessed.outcome for assessed in RiskAssessment.new_of_ratings(rated)}
        found = super().import_outcomes(told)
        return [
            [*([by_ratings[id(row)]] if id(row) in by_ratings else ()), *others]
            for (row, _told), others in zip(told, found, strict=True)
        ]

    @classmethod
    def beside_errors(cls, row: Self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is wrong with what is told of a risk; of a new one also that its ratings say the same again."""
        found = super().beside_errors(row, told)
        if row.pk is None and row._is_assessed_by_ratings and tells(told, INHERENT):
            found[field_of(INHERENT, AXES[0])] = _(
                "Severity and occurrence would assess it twice, as they come to an inherent assessment too: leave one pair "
                "of columns unassigned."
            )
        return found

    @property
    def _is_assessed_by_ratings(self) -> bool:
        return self.severity is not None and self.occurrence is not None


class RiskRequirement(Link):
    """A requirement that a risk can affect."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="+")
    requirement = models.ForeignKey("requirements_registry.Requirement", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("risk", "requirement"), name="risk_requirement_once"),)

    def __str__(self) -> str:
        return f"{self.risk.reference} – {self.requirement.reference}"


class RiskIssue(Link):
    """An issue that a risk comes from."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="+")
    issue = models.ForeignKey("risks.ContextIssue", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("risk", "issue"), name="risk_issue_once"),)

    def __str__(self) -> str:
        return f"{self.risk.reference} – {self.issue.reference}"


class RiskParty(Link):
    """An interested party that a risk can affect or comes from."""

    risk = models.ForeignKey(Risk, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey("requirements_registry.InterestedParty", on_delete=models.PROTECT, related_name="+")

    class Meta(Link.Meta):
        constraints = (models.UniqueConstraint(fields=("risk", "party"), name="risk_party_once"),)

    def __str__(self) -> str:
        return f"{self.risk.reference} – {self.party.reference}"


class RiskAssessment(Assessment):
    """How likely and how grave a risk was judged to be."""

    record_field = "risk"

    risk = models.ForeignKey(
        Risk, verbose_name=_("risk"), on_delete=models.PROTECT, related_name="assessments", editable=False
    )

    class Meta(Assessment.Meta):
        verbose_name = _("risk assessment")
        verbose_name_plural = _("risk assessments")
        indexes = (models.Index(fields=("risk", "-assessed_on", "-id"), name="risk_assessment_latest"),)

    @classmethod
    def of_ratings(cls, risks: Sequence[Risk], *, reason: str = "") -> list[Self]:
        """Write inherent assessments of risks that an analysis rated.

        The ratings are scaled onto the organization's levels.

        An analysis rates what happens without the treatment that it goes on to recommend, hence *inherent*. A risk that
        is assessed so already gets no second assessment that says the same.

        Args:
            risks: saved risks with severity and occurrence.
            reason: goes into the history of the risks.
        """
        return cls.write_many(cls.new_of_ratings(risks), reason=reason) if risks else []

    @classmethod
    def new_of_ratings(cls, risks: Sequence[Risk]) -> list[Self]:
        """Return the inherent assessments, not saved, that rated risks come to; none that says what is held already."""
        if not risks:
            return []
        day = today()
        scale = scales_for([day])[day]
        held = cls.objects.in_bulk([risk.inherent_id for risk in risks if risk.inherent_id])
        rows = [cls._of_ratings(risk, scale, day) for risk in risks]
        return [row for row in rows if not row._says_what(held.get(row.risk.inherent_id))]

    @property
    def outcome(self) -> ImportOutcome:
        """What the preview of an import says of it."""
        band = self.grid.band(self.likelihood * self.consequence)
        return ImportOutcome(band.name, band.tone, f"{self.likelihood_text} × {self.consequence_text}")

    def _says_what(self, other: Self | None) -> bool:
        return other is not None and (other.scale_id, other.likelihood, other.consequence) == (
            self.scale_id,
            self.likelihood,
            self.consequence,
        )

    @classmethod
    def _of_ratings(cls, risk: Risk, scale: Scale, day: date) -> Self:
        _lowest, highest = Risk.Ratings(risk.ratings).ends
        grid, severity, occurrence = scale.risk_grid, int(risk.severity or 0), int(risk.occurrence or 0)
        return cls(
            risk=risk,
            scale=scale,
            stage=cls.Stage.INHERENT,
            assessed_on=day,
            assessor=actor(),
            likelihood=step(occurrence, highest, len(grid.likelihood)),
            consequence=step(severity, highest, len(grid.consequence)),
            rationale=_(
                "From imported ratings: severity %(severity)s and occurrence %(occurrence)s of %(highest)s, "
                "scaled onto the levels in force."
            )
            % {"severity": severity, "occurrence": occurrence, "highest": highest},
        )


def step(value: int, highest: int, levels: int) -> int:
    """Return the level, from 1, of a value between 0 and ``highest``.

    All levels are equally wide.
    """
    # Rounded up without floats: each level includes its upper end, and 0 belongs to the first.
    return max(1, min(levels, -(-value * levels // highest)))
