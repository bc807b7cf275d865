"""What assessments of risks and opportunities share; each register has its own table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from requirements_registry.validators import not_in_future
from risks.models.assessable import ASSESSED_FIELDS, Assessable
from risks.models.scale import Grid, Scale, scales_for
from risks.models.stages import today
from trail.history import bulk_create, bulk_update
from trail.models import AppendOnly, TrackedManager

if TYPE_CHECKING:
    from typing import Self

#: Records that are locked and read at a time when many are assessed.
CHUNK = 500


class AssessmentManager(TrackedManager):  # type: ignore[misc,valid-type]
    """Assessments together with the scale they were made on.

    They can't say their level without it.
    """

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("scale")


class Assessment(AppendOnly):
    """How likely and how grave somebody judged it on a day; never changed afterwards.

    The scale is the one in force on that day.
    """

    class Stage(models.TextChoices):
        """What is judged: without treatment, as things are, or as they shall be after treatment."""

        INHERENT = "inherent", _("Inherent")
        CURRENT = "current", _("Current")
        TARGET = "target", _("Target")

    stage = models.CharField(
        _("stage"),
        max_length=8,
        choices=Stage,
        default=Stage.CURRENT,
        help_text=_("Inherent: without treatment. Current: as things are now. Target: as they shall be."),
    )
    likelihood = models.PositiveSmallIntegerField(_("likelihood"))
    consequence = models.PositiveSmallIntegerField(_("consequence"))
    score = models.PositiveSmallIntegerField(_("score"), editable=False)
    scale = models.ForeignKey(
        Scale, verbose_name=_("scale"), editable=False, on_delete=models.PROTECT, related_name="+"
    )
    assessed_on = models.DateField(_("assessed on"), default=today, validators=[not_in_future])
    rationale = models.TextField(_("rationale"), help_text=_("What the judgement rests on."))
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("assessed by"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = AssessmentManager()

    #: Name of the key to the assessed record.
    record_field: ClassVar[str]

    class Meta(AppendOnly.Meta):
        abstract = True
        ordering = ("-assessed_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(score=F("likelihood") * F("consequence")), name="%(class)s_score_is_the_product"
            ),
        )

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

    @property
    def axes_text(self) -> str:
        """Likelihood and consequence with their names."""
        return f"{self.likelihood_text} × {self.consequence_text}"

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
                raise ValidationError(
                    {name: _("The scale in force on that day has the levels 1 to %(count)s.") % {"count": len(levels)}}
                )
        self.score = self.likelihood * self.consequence

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write the assessment, and let the record point to it.

        The record is locked and read anew for it.
        """
        record = self.record
        record.refresh_from_db(from_queryset=type(record).objects.select_for_update())
        super().save(*args, **kwargs)
        record.point_to_latest([self])
        record._change_reason = self.rationale
        record.save()

    @classmethod
    @transaction.atomic
    def write_many(cls, rows: Sequence[Self], *, reason: str = "") -> list[Self]:
        """Write many assessments, and let their records point to them.

        A few statements for each ``CHUNK`` records.

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
            # Of the records alone: PostgreSQL refuses to lock the optional side of an outer join, as the pointers' rows are.
            held = model.objects.select_for_update(of=("self",)).select_related(
                "inherent__scale", "current__scale", "target__scale"
            )
            records = list(held.filter(pk__in=chunk).order_by("pk"))
            for record in records:
                record.point_to_latest(by_record[record.pk])
            bulk_update(model, records, ASSESSED_FIELDS, reason=reason)
        return written
