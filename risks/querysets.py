"""Questions about scales, issues, risks and opportunities."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.db.models import Case, DecimalField, F, OuterRef, Q, Subquery, Value, When

from organizations.querysets import version_in_force
from organizations.scope import current_organization
from registers.querysets import RecordQuerySet
from requirements_registry.intervals import due
from trail.history import TrackedQuerySet

if TYPE_CHECKING:
    from risks.models.scale import Scale


@dataclass(frozen=True)
class Axes:
    """What counts of the scale's versions where one is in force.

    Attributes:
        comparable: keys of the versions on whose axes scores mean the same as on those in force.
        appetite: the highest score that is acceptable on them.
        others: keys of the versions with other axes, each with its own appetite.
    """

    comparable: tuple[int, ...] = ()
    appetite: int = 0
    others: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, model: Any, versions: Iterable[Scale], in_force: Scale | None) -> Axes:
        """Tell the versions apart for a model's scores; where none is in force nothing counts."""
        if in_force is None:
            return cls()
        grid = model.grid_of(in_force)
        others = [version for version in versions if not model.grid_of(version).has_axes_of(grid)]
        comparable = tuple(version.pk for version in versions if version not in others)
        return cls(comparable, in_force.appetite, tuple((version.pk, version.appetite) for version in others))


class ScaleQuerySet(TrackedQuerySet):
    """Versions of the current organization's scale."""

    def in_force(self, day: date) -> Scale | None:
        """Return the version in force on a day; before the first one, the first.

        None where there is none.
        """
        found: Scale | None = version_in_force(self.order_by("effective_from"), day)
        return found


class IssueQuerySet(RecordQuerySet):
    """Issues of the context."""

    def review_due(self, first: date | None, last: date, day: date, default_days: int) -> Self:
        """Return those whose next review falls from ``first`` to ``last``, by the reviews up to a day.

        ``first`` None: those due before too, and those never reviewed. ``default_days`` is the interval of rows without one.
        """
        rows = self.alias(_reviewed_on=self.held_on("reviewed_on", day))
        rows = rows.alias(_review_due=due("_reviewed_on", "review_days", default_days))
        if first is None:
            return rows.filter(Q(_reviewed_on=None) | Q(_review_due__lte=last))
        return rows.filter(_review_due__range=(first, last))

    def climate(self) -> Self:
        """Return those about climate change."""
        return self.filter(category="climate")

    def climate_undecided(self) -> Self:
        """Return those about climate change without a reasoned decision (Amendment 1:2024).

        The decision is whether it is relevant.
        """
        return self.climate().filter(Q(relevance="") | Q(relevance_rationale=""))


class AssessableQuerySet(RecordQuerySet):
    """Risks or opportunities."""

    def open(self) -> Self:
        """Return those that still count."""
        return self.filter(status="open")

    def determined(self, day: date, until: datetime | None = None) -> Self:
        """Return those that count and were determined by a day, each with what its assessments said then.

        That are ``_score`` and ``_scale`` of the one that counted, a current one before an inherent one, and ``_assessed_on``,
        the day of the latest current one: the record's own columns are of its latest, which may have come later.
        """
        made = self._assessments(day)
        counts = made.filter(stage__in=("current", "inherent")).order_by("stage", "-assessed_on", "-pk")
        current = made.filter(stage="current").order_by("-assessed_on")
        return (
            self.current(until)
            .filter(determined_on__lte=day)
            .alias(
                _score=Subquery(counts.values("score")[:1]),
                _scale=Subquery(counts.values("scale")[:1]),
                _assessed_on=Subquery(current.values("assessed_on")[:1]),
            )
        )

    def _assessments(self, day: date) -> Any:
        """Return the outer record's assessments up to a day."""
        relation: Any = self.model._meta.get_field("assessments")
        return relation.related_model.objects.filter(
            **{relation.field.name: OuterRef("pk")}, assessed_on__lte=day
        ).order_by()

    def assessment_due(self, first: date | None, last: date, default_days: int) -> Self:
        """Return those of :meth:`determined` ones whose next assessment falls from ``first`` to ``last``.

        ``first`` None: those due before too, and those never assessed. ``default_days`` is the interval of rows without one.
        """
        rows = self.alias(_assessment_due=due("_assessed_on", "review_days", default_days))
        if first is None:
            return rows.filter(Q(_assessed_on=None) | Q(_assessment_due__lte=last))
        return rows.filter(_assessment_due__range=(first, last))

    def axes_on(self, day: date) -> Axes:
        """Return what counts on a day of the scale's versions."""
        versions: list[Scale] = list(self._scales().order_by("effective_from"))
        return Axes.of(self.model, versions, version_in_force(versions, day))

    def assessed_at(self, stage: str, **levels: int) -> Self:
        """Return those assessed at a stage on axes that count today.

        Args:
            stage: inherent, current or target.
            levels: the ``likelihood`` and ``consequence`` they have there.
        """
        return self.filter(
            **{f"{stage}__scale__in": self._counting()}, **{f"{stage}__{name}": value for name, value in levels.items()}
        )

    def not_assessed_at(self, stage: str) -> Self:
        """Return those not assessed at a stage, or on axes that don't count any more."""
        return self.filter(~Q(**{f"{stage}__scale__in": self._counting()}) | Q(**{stage: None}))

    def _counting(self) -> tuple[int, ...]:
        """Return the keys of the scale's versions on whose axes scores count today."""
        return self.axes_on(current_organization().today()).comparable

    def _scales(self) -> Any:
        scale: Any = self.model._meta.get_field("scale").related_model
        return scale.objects


class RiskQuerySet(AssessableQuerySet):
    """Risks."""

    def above_appetite(self, axes: Axes, scale: str = "scale", score: str = "score") -> Self:
        """Return those scored above the appetite in force.

        Scores of other axes are held against the appetite of their own version.

        Args:
            axes: what counts of the scale's versions.
            scale: column with the version of the scale.
            score: column with the score on it.
        """
        above = f"{score}__gt"
        condition = Q(**{f"{scale}__in": axes.comparable, above: axes.appetite})
        for version, appetite in axes.others:
            condition |= Q(**{scale: version, above: appetite})
        return self.filter(condition)

    def with_priority(self) -> Self:
        """Annotate with ``rpn``, the risk priority number (IEC 60812).

        It is severity × occurrence × detection, 1 to 1000. For ratings in per cent it is severity × occurrence × what is not
        detected, in per cent.
        """
        # A decimal comes first, so that PostgreSQL doesn't multiply small integers beyond their range.
        return self.annotate(
            rpn=Case(
                When(~Q(ratings="percent"), then=Value(Decimal(1)) * F("severity") * F("occurrence") * F("detection")),
                When(
                    ratings="percent",
                    then=Value(Decimal("0.0001")) * F("severity") * F("occurrence") * (Value(100) - F("detection")),
                ),
                output_field=DecimalField(max_digits=9, decimal_places=2),
            )
        )


class OpportunityQuerySet(AssessableQuerySet):
    """Opportunities."""

    def undecided(self) -> Self:
        """Return those of which nobody has decided whether they are pursued."""
        return self.filter(response="")

    def looked_at(self, first: date, last: date) -> Self:
        """Return those determined or assessed between two days, both included."""
        return self.filter(
            Q(determined_on__range=(first, last)) | Q(assessments__assessed_on__range=(first, last))
        ).distinct()


class AcceptanceQuerySet(TrackedQuerySet):
    """Acceptances of risks."""

    def holding(self, day: date) -> Self:
        """Return those in force on a day."""
        return self.filter(accepted_on__lte=day, expires_on__gte=day)
