"""What risks and opportunities share: texts, and a level that only assessments give.

The texts are cause, event and consequence.

The record points to its latest assessment of each stage. Those pointers, and what is copied from the assessment that
counts, are written by :meth:`Assessable.point_to_latest` alone, so that lists and assertions filter and sort by plain columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from registers.models import ImportOutcome, Record
from registers.origins import Arising
from requirements_registry.validators import not_in_future
from risks.models.scale import Grid, Scale
from risks.models.stages import STAGES, today
from risks.models.told import errors_of, new_assessments, outcomes_of

if TYPE_CHECKING:
    from risks.models.assessment import Assessment

#: Fields that :meth:`Assessable.point_to_latest` writes.
ASSESSED_FIELDS = (*STAGES, "score", "level_name", "scale", "assessed_on", "revision")


def pointer(to: str, name: Any) -> models.ForeignKey:
    """Return a record's key to its latest assessment of a stage."""
    return models.ForeignKey(
        to, verbose_name=name, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )


class Assessable(Arising):
    """A risk or an opportunity."""

    class Affects(models.TextChoices):
        """What clause 5.1.2 b asks about."""

        CONFORMITY = "conformity", _("Conformity")
        SATISFACTION = "satisfaction", _("Satisfaction")
        BOTH = "both", _("Both")

    class Status(models.TextChoices):
        """Whether it still counts."""

        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    title_field = "event"
    beside_attributes = (*(f"{stage}_id" for stage in STAGES), "score", "level_name", "scale_id", "assessed_on")

    event = models.CharField(_("event"), max_length=300, help_text=_("What may happen."))
    cause = models.TextField(_("cause"), blank=True, help_text=_("What would make it happen."))
    consequence = models.TextField(_("consequence"), blank=True, help_text=_("What it would lead to."))
    affects = models.CharField(
        _("affects"),
        max_length=12,
        choices=Affects,
        blank=True,
        help_text=_("Conformity of products and services, customer satisfaction, or both."),
    )
    origin = models.CharField(
        _("arises from"), max_length=20, blank=True, help_text=_("The reference of a row, like SUP-0004 or CMP-0012.")
    )
    determined_on = models.DateField(_("determined on"), default=today, validators=[not_in_future])
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    response_note = models.TextField(
        _("how"), blank=True, help_text=_("How the response is carried out. What is to be done goes into actions.")
    )
    review_days = models.PositiveIntegerField(
        _("assessment interval"), null=True, blank=True, help_text=_("Days. Empty: the organization's interval.")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    closing_note = models.TextField(_("why it is closed"), blank=True)

    score = models.PositiveSmallIntegerField(_("score"), default=0, editable=False)
    level_name = models.CharField(_("level"), max_length=60, blank=True, editable=False)
    scale = models.ForeignKey(
        Scale, verbose_name=_("scale"), null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    assessed_on = models.DateField(_("assessed on"), null=True, editable=False)

    #: The latest assessments; declared by each register, which has assessments of its own.
    inherent: Any
    current: Any
    target: Any
    #: The grid of a scale on which these records are assessed.
    grid_name: ClassVar[str]

    class Meta(Record.Meta):
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            *Record.Meta.constraints,
            models.CheckConstraint(
                condition=Q(status="open") | ~Q(closing_note=""),
                name="%(class)s_closed_with_a_reason",
                violation_error_message=_("Say why it is closed."),
            ),
        )
        indexes: ClassVar[tuple[models.Index, ...]] = (
            *Record.Meta.indexes,
            models.Index(
                fields=("organization", "-score", "-id"), condition=Q(archived_at=None), name="%(class)s_by_score"
            ),
            models.Index(fields=("organization", "origin"), name="%(class)s_origin"),
        )

    @classmethod
    def grid_of(cls, scale: Scale) -> Grid:
        """Return the scale's axes and levels for these records."""
        grid: Grid = getattr(scale, cls.grid_name)
        return grid

    def clean(self) -> None:
        super().clean()
        if self.status == self.Status.CLOSED and not self.closing_note.strip():
            raise ValidationError({"closing_note": _("Say why it is closed.")})

    @classmethod
    def beside_errors(cls, row: Self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Return what lies off its scale, by field."""
        return errors_of(row, told)

    @classmethod
    def writes_beside(cls, told: Sequence[tuple[Self, Mapping[str, Any]]]) -> list[bool]:
        """Return for each row whether what is told of it assesses it anew."""
        return [bool(assessments) for assessments in new_assessments(told)]

    @classmethod
    def write_beside(cls, told: Sequence[tuple[Self, Mapping[str, Any]]], *, reason: str) -> None:
        """Assess rows by what is told of them."""
        rows = [assessment for assessments in new_assessments(told) for assessment in assessments]
        if rows:
            type(rows[0]).write_many(rows, reason=reason)

    @classmethod
    def import_outcomes(cls, told: Sequence[tuple[Self, Mapping[str, Any]]]) -> list[list[ImportOutcome]]:
        """Return each assessment that would be written, with its level."""
        return outcomes_of(told)

    @property
    def valid_assessment(self) -> Any:
        """The assessment that counts.

        The current one, or the inherent one while nothing shows that it was lowered.
        """
        return self.current or self.inherent

    @property
    def level(self) -> tuple[str, str] | None:
        """Name and tone of the level on the scale it was assessed on; None without an assessment."""
        return (self.level_name, self.grid_of(self.scale).band(self.score).tone) if self.scale is not None else None

    def point_to_latest(self, assessments: Iterable[Assessment]) -> None:
        """Point to the latest of the assessments held and these; copy from the one that counts."""
        for assessment in assessments:
            held = getattr(self, assessment.stage)
            # One dated back doesn't replace a later one; of two on a day the one written last counts.
            if held is None or (assessment.assessed_on, assessment.pk) >= (held.assessed_on, held.pk):
                setattr(self, assessment.stage, assessment)
        if counts := self.valid_assessment:
            self.scale, self.score = counts.scale, counts.score
            self.level_name = self.grid_of(counts.scale).band(counts.score).name
        # The interval runs from a look at things as they are: an inherent assessment isn't one.
        self.assessed_on = self.current.assessed_on if self.current else None
        # A form that somebody opened before has to notice that the level is another now.
        self.revision += 1
