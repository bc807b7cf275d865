"""What risks and opportunities share: a text of cause, event and consequence, and a level that only assessments give.

The record points to its latest assessment of each stage. Those pointers, and what is copied from the assessment that
counts, are written by :meth:`Assessable.stand` alone, so that lists and assertions filter and sort by plain columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.models import Record
from requirements_registry.validators import not_in_future
from risks.models.scale import Grid, Scale, scales_for
from trail.history import bulk_create, bulk_update
from trail.models import AppendOnly, TrackedManager

if TYPE_CHECKING:
    from typing import Self

#: The record's pointers, one a stage.
STAGES = ("inherent", "current", "target")
#: Fields that :meth:`Assessable.stand` writes.
STANDING = (*STAGES, "score", "level_name", "scale", "assessed_on", "revision")
#: Records that are locked and read at a time when many are assessed.
CHUNK = 500


def today() -> date:
    """The date it is where the current organization is."""
    return current_organization().today()


def pointer(to: str, name: Any) -> models.ForeignKey:
    """A record's key to its latest assessment of a stage."""
    return models.ForeignKey(to, verbose_name=name, null=True, editable=False, on_delete=models.PROTECT, related_name="+")


class Assessable(Record):
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

    event = models.CharField(_("event"), max_length=300, help_text=_("What may happen."))
    cause = models.TextField(_("cause"), blank=True, help_text=_("What would make it happen."))
    consequence = models.TextField(_("consequence"), blank=True, help_text=_("What it would lead to."))
    affects = models.CharField(_("affects"), max_length=12, choices=Affects, blank=True, help_text=_("Conformity of products and services, customer satisfaction, or both."))
    origin = models.CharField(_("arises from"), max_length=20, blank=True, help_text=_("The reference of a row, like SUP-0004 or CMP-0012."))
    determined_on = models.DateField(_("determined on"), default=today, validators=[not_in_future])
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    response_note = models.TextField(_("how"), blank=True, help_text=_("How the response is carried out. What is to be done goes into actions."))
    review_days = models.PositiveIntegerField(_("assessment interval"), null=True, blank=True, help_text=_("Days. Empty: the organization's interval."))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.OPEN)
    closing_note = models.TextField(_("why it is closed"), blank=True)

    score = models.PositiveSmallIntegerField(_("score"), default=0, editable=False)
    level_name = models.CharField(_("level"), max_length=60, blank=True, editable=False)
    scale = models.ForeignKey(Scale, verbose_name=_("scale"), null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    assessed_on = models.DateField(_("assessed on"), null=True, editable=False)

    #: The latest assessments; declared by each register, which has assessments of its own.
    inherent: Any
    current: Any
    target: Any
    #: The grid of a scale on which these records are assessed.
    grid_name: ClassVar[str]

    class Meta(Record.Meta):
        abstract = True
        constraints = (
            *Record.Meta.constraints,
            models.CheckConstraint(condition=Q(status="open") | ~Q(closing_note=""), name="%(class)s_closed_with_a_reason",
                                   violation_error_message=_("Say why it is closed.")),
        )  # fmt: skip
        indexes = (
            *Record.Meta.indexes,
            models.Index(fields=("organization", "-score", "-id"), condition=Q(archived_at=None), name="%(class)s_by_score"),
            models.Index(fields=("organization", "assessed_on"), condition=Q(archived_at=None), name="%(class)s_assessed"),
            models.Index(fields=("organization", "origin"), name="%(class)s_origin"),
        )

    @classmethod
    def grid_of(cls, scale: Scale) -> Grid:
        """The scale's axes and levels for these records."""
        grid: Grid = getattr(scale, cls.grid_name)
        return grid

    def clean(self) -> None:
        if self.status == self.Status.CLOSED and not self.closing_note.strip():
            raise ValidationError({"closing_note": _("Say why it is closed.")})

    @property
    def standing(self) -> Any:
        """The assessment that counts: the current one, or the inherent one as long as nothing shows that it was lowered."""
        return self.current or self.inherent

    @property
    def level(self) -> tuple[str, str] | None:
        """Name and tone of the level on the scale it was assessed on; None where it never was."""
        return (self.level_name, self.grid_of(self.scale).band(self.score).tone) if self.scale is not None else None

    def stand(self, assessments: Iterable[Assessment]) -> None:
        """Point to the latest of the assessments held and these, and copy from the one that counts."""
        for assessment in assessments:
            held = getattr(self, assessment.stage)
            if held is None or (assessment.assessed_on, assessment.pk) >= (held.assessed_on, held.pk):
                setattr(self, assessment.stage, assessment)
        if counts := self.standing:
            self.scale, self.score = counts.scale, counts.score
            self.level_name = self.grid_of(counts.scale).band(counts.score).name
        self.assessed_on = self.current.assessed_on if self.current else None
        self.revision += 1


class AssessmentManager(TrackedManager):  # type: ignore[misc,valid-type]
    """Assessments together with the scale they were made on, without which they can't say their level."""

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("scale")


class Assessment(AppendOnly):
    """How likely and how grave somebody judged it to be on a day, on the scale in force that day. Never changed afterwards."""

    class Stage(models.TextChoices):
        """What is judged: without any treatment, as things are, or as they shall be after treatment."""

        INHERENT = "inherent", _("Inherent")
        CURRENT = "current", _("Current")
        TARGET = "target", _("Target")

    stage = models.CharField(_("stage"), max_length=8, choices=Stage, default=Stage.CURRENT,
                             help_text=_("Inherent: without treatment. Current: as things are now. Target: as they shall be."))  # fmt: skip
    likelihood = models.PositiveSmallIntegerField(_("likelihood"))
    consequence = models.PositiveSmallIntegerField(_("consequence"))
    score = models.PositiveSmallIntegerField(_("score"), editable=False)
    scale = models.ForeignKey(Scale, verbose_name=_("scale"), editable=False, on_delete=models.PROTECT, related_name="+")
    assessed_on = models.DateField(_("assessed on"), default=today, validators=[not_in_future])
    rationale = models.TextField(_("rationale"), help_text=_("What the judgement rests on."))
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("assessed by"), null=True, on_delete=models.PROTECT, related_name="+")

    objects = AssessmentManager()

    #: Name of the key to the assessed record.
    record_field: ClassVar[str]

    class Meta(AppendOnly.Meta):
        abstract = True
        ordering = ("-assessed_on", "-pk")
        constraints = (models.CheckConstraint(condition=Q(score=F("likelihood") * F("consequence")), name="%(class)s_score_is_the_product"),)

    def __str__(self) -> str:
        return f"{self.level[0]} ({self.likelihood} × {self.consequence})"

    @property
    def record(self) -> Any:
        """The risk or opportunity that is assessed."""
        return getattr(self, self.record_field)

    @property
    def grid(self) -> Grid:
        """The axes and levels it was judged on."""
        model: type[Assessable] = self._meta.get_field(self.record_field).related_model  # type: ignore[assignment]
        return model.grid_of(self.scale)

    @property
    def level(self) -> tuple[str, str]:
        """Name and tone of the level."""
        band = self.grid.band(self.score)
        return band.name, band.tone

    @property
    def likelihood_text(self) -> str:
        """The likelihood with its name on the scale."""
        return f"{self.likelihood} {self.grid.likelihood[self.likelihood - 1]}"

    @property
    def consequence_text(self) -> str:
        """The consequence with its name on the scale."""
        return f"{self.consequence} {self.grid.consequence[self.consequence - 1]}"

    @classmethod
    def prepare(cls, rows: Sequence[Any]) -> None:
        """Rate each on the scale in force on its day, and work out its score.

        Raises:
            ValidationError: a value lies outside of the scale.
        """
        scales = scales_for({row.assessed_on for row in rows if row.scale_id is None})
        for row in rows:
            if row.scale_id is None:
                row.scale = scales[row.assessed_on]
            row.rate()

    def rate(self) -> None:
        """Check likelihood and consequence against the scale, and multiply them.

        Raises:
            ValidationError: one lies outside of the scale.
        """
        for name, levels in (("likelihood", self.grid.likelihood), ("consequence", self.grid.consequence)):
            if not 1 <= getattr(self, name) <= len(levels):
                raise ValidationError({name: _("The scale in force on that day has the levels 1 to %(count)s.") % {"count": len(levels)}})
        self.score = self.likelihood * self.consequence

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the assessment, and let the record point to it. The record is locked and read anew for it."""
        record = self.record
        record.refresh_from_db(from_queryset=type(record).objects.select_for_update())
        super().save(*args, **kwargs)
        record.stand([self])
        record._change_reason = self.rationale
        record.save()

    @classmethod
    @transaction.atomic
    def write_many(cls, rows: Sequence[Self], *, reason: str = "") -> list[Self]:
        """Write many assessments, and let their records point to them: a few statements for each thousand.

        Args:
            rows: unsaved assessments of saved records; several of one record are taken in the order of their days.
            reason: goes into the history of the records.
        """
        written = bulk_create(cls, rows, reason=reason)
        by_record: dict[int, list[Self]] = defaultdict(list)
        for row in written:
            by_record[getattr(row, f"{cls.record_field}_id")].append(row)
        model: Any = cls._meta.get_field(cls.record_field).related_model
        keys = iter(by_record)
        while chunk := list(islice(keys, CHUNK)):
            held = model.objects.select_for_update(of=("self",)).select_related("inherent__scale", "current__scale", "target__scale")
            records = list(held.filter(pk__in=chunk).order_by("pk"))
            for record in records:
                record.stand(by_record[record.pk])
            bulk_update(model, records, STANDING, reason=reason)
        return written
