"""Questions about interested parties, requirements and checks.

Each is one statement whose cost per requirement is a few index lookups, whatever the number of checks.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from organizations.members import valid_members
from organizations.models import Targets
from organizations.roles import Role
from organizations.subqueries import KeptExists, KeptSubquery
from registers.querysets import RecordQuerySet
from requirements_registry.intervals import due, twelve_months

#: Kinds of requirements that a law or an authority makes.
LEGAL = ("statutory", "regulatory")


class InterestedPartyQuerySet(RecordQuerySet):
    """Interested parties of one organization."""

    def relevant(self, until: datetime | None = None) -> Self:
        """Return those that count, or did until a moment, and matter to the quality management system."""
        return self.current(until).filter(relevant=True)

    def review_due(self, first: date | None, last: date, day: date, default_days: int) -> Self:
        """Return those whose next review falls between two days, both included.

        The reviews up to ``day`` decide. ``first`` None takes those due earlier along, and those that never were reviewed.
        """
        return _review_due(self, first, last, day, default_days)


class ConformityCheckQuerySet(RecordQuerySet):
    """Conformity checks of one organization."""

    def rolling(self, day: date, until: datetime | None = None) -> Self:
        """Return those of the twelve months up to a day."""
        return self.current(until).filter(checked_on__range=twelve_months(day))

    def failed(self) -> Self:
        """Return those that didn't find the requirement fully met."""
        return self.filter(result__in=("partly", "not_met"))


class RequirementQuerySet(RecordQuerySet):
    """Requirements of one organization."""

    def active(self, day: date, until: datetime | None = None) -> Self:
        """Return those in force on a day.

        Args:
            day: those that take effect after it don't count yet.
            until: the moment that day ended; those set aside or superseded from a later day on counted then.
        """
        return self._begun(day, until).filter(Q(status="active") | self._left_later(day, until, "not_applicable"))

    def decided_about(self, day: date, until: datetime | None = None) -> Self:
        """Return the legal ones whose applicability must have been decided.

        Statutory and regulatory ones in force on a day, or set aside.
        """
        counts = Q(status__in=("active", "not_applicable")) | self._left_later(day, until)
        return self._begun(day, until).filter(counts, kind__in=LEGAL)

    def _begun(self, day: date, until: datetime | None) -> Self:
        return self.current(until).filter(Q(effective_on=None) | Q(effective_on__lte=day))

    def _left_later(self, day: date, until: datetime | None, *set_aside: str) -> Q:
        """Return a condition for rows that were in force on a day and have ceased to be, on a later one that is named.

        A requirement is superseded on the day that its successor takes effect, and set aside on the day of the decision.
        """
        if until is None:
            return Q(pk__in=())
        successors = self.model.objects.current(until).filter(supersedes=OuterRef("pk"))  # type: ignore[attr-defined]
        left: Any = Q(status="superseded") & Exists(successors.filter(effective_on__gt=day))
        if set_aside:
            left |= Q(status__in=set_aside, decided_on__gt=day)
        versions: Any = self.model.history.model.objects  # type: ignore[attr-defined]
        return left & Q(Exists(versions.filter(id=OuterRef("pk"), status="active", history_date__lt=until)))

    def owner_left(self, day: date) -> Self:
        """Return those whose owner isn't a member on a day."""
        return self.owned().filter(~Q(owner__in=valid_members(day).order_by().values("pk")))

    def review_due(self, first: date | None, last: date, day: date, default_days: int) -> Self:
        """Return those whose next review falls between two days, both included.

        The reviews up to ``day`` decide. ``first`` None takes those due earlier along, and those that never were reviewed.
        """
        return _review_due(self, first, last, day, default_days)

    def owned(self) -> Self:
        """Return those with an owner."""
        return self.exclude(owner=None)

    def not_acknowledged_by_owner(self, until: datetime | None = None) -> Self:
        """Return those whose owner hasn't acknowledged the current version.

        With ``until``, those whose owner hadn't by that moment, of the version that was the current one then.
        """
        return self._without_acknowledgement(until, person=OuterRef("owner"))

    def not_acknowledged_by_top_management(self, day: date, until: datetime | None = None) -> Self:
        """Return those whose current version nobody of top management has acknowledged.

        Top management is who belongs to it on the day.
        """
        directors = valid_members(day, Role.TOP_MANAGEMENT).order_by().values("pk")
        return self._without_acknowledgement(until, person__in=directors)

    def _without_acknowledgement(self, until: datetime | None, **by: Any) -> Self:
        if until is None:
            return self.filter(~Exists(self._acknowledgements().filter(**by)))
        written = _rows(self, "versions").filter(written_at__lt=until).order_by("-number").values("number")[:1]
        given = _rows(self, "acknowledgements").filter(acknowledged_at__lt=until, version=OuterRef("_version"), **by)
        return self.alias(_version=Coalesce(Subquery(written), "version")).filter(~Exists(given.order_by()))

    def acknowledge_between(self, first: date | None, last: date, day: date) -> Self:
        """Return those whose days to acknowledge, as of a day, began between two days; without ``first`` up to ``last``."""
        rows = self.alias(_since=self.held_on("acknowledge_from", day))
        return rows.filter(_since__range=(first, last)) if first else rows.filter(_since__lte=last)

    def acknowledged_by(self, person: Any) -> Self:
        """Return those whose current version a person has acknowledged."""
        return self.filter(Exists(self._acknowledgements().filter(person=person)))

    def checked_twice(self, day: date, until: datetime | None = None) -> Self:
        """Return those with two checks or more by a day: those with fewer can't have failed twice."""
        return self.alias(_second=Subquery(self._checks(day, until).values("pk")[1:2])).exclude(_second=None)

    def check_due(
        self, first: date | None, last: date, day: date, default_days: int, until: datetime | None = None
    ) -> Self:
        """Return those whose next check falls between two days, both included.

        The checks up to ``day`` decide. ``first`` None takes those due earlier along, and those that never were checked.
        """
        rows = self.alias(_last_checked=self.last_checked(day, until))
        # Never checked is due since ever.
        rows = rows.alias(_check_due=Coalesce(due("_last_checked", "check_days", default_days), Value(date.min)))
        return rows.filter(_check_due__range=(first, last)) if first else rows.filter(_check_due__lte=last)

    def last_checked(self, day: date, until: datetime | None = None) -> Subquery:
        """Return the day of a requirement's last check by a day, for the database to look up."""
        return Subquery(self._checks(day, until).values("checked_on")[:1])

    def failed_twice(self, day: date, until: datetime | None = None) -> Self:
        """Return those whose last two checks by a day both found them not met."""
        results = self._checks(day, until).values("result")
        return (
            self.alias(_last=Subquery(results[:1]))
            .filter(_last="not_met")
            .alias(_previous=Subquery(results[1:2]))
            .filter(_previous="not_met")
        )

    def _checks(self, day: date, until: datetime | None = None) -> Any:
        """Return a requirement's checks that count, by a day, newest first."""
        return _rows(self, "checks").current(until).filter(checked_on__lte=day).order_by("-checked_on", "-id")

    def _acknowledgements(self) -> Any:
        """Return a requirement's acknowledgements of its current version."""
        return _rows(self, "acknowledgements").filter(version=OuterRef("version")).order_by()


def with_status(model: type[models.Model], day: date, targets: Targets) -> Any:
    """Return all requirements with how they stand on a day, and ``next_review``.

    They have what :class:`requirements_registry.status.RequirementStatus` needs.
    """
    # A copy: the kept query would keep its rows too, were it read itself.
    return _status(model, day, targets.review_days, targets.check_days).all()


@lru_cache(maxsize=32)
def _status(model: Any, day: date, review_days: int, check_days: int) -> Any:
    """Return requirements with what their checks and acknowledgements say on a day.

    The query is to be narrowed, never to be read itself.

    Building the query takes longer than many a page's statements. It is kept, as it holds nothing of an organization: which
    one is asked is put in when the statement is.
    """
    requirements = model.objects.all()
    checks = requirements._checks(day)
    rolling = checks.filter(checked_on__range=twelve_months(day))
    return requirements.annotate(
        last_result=KeptSubquery(checks.values("result")[:1]),
        previous_result=KeptSubquery(checks.values("result")[1:2]),
        last_checked=KeptSubquery(checks.values("checked_on")[:1]),
        checks_counted=_count(rolling),
        checks_met=_count(rolling, Q(result="met")),
        owner_acknowledged=KeptExists(requirements._acknowledgements().filter(person=OuterRef("owner"))),
        check_interval=Coalesce("check_days", check_days),
        next_review=due("last_reviewed_on", "review_days", review_days),
    )


def _rows(queryset: models.QuerySet, name: str) -> Any:
    """Return the rows that point to the outer query's requirement by the reverse key ``name``."""
    relation: Any = queryset.model._meta.get_field(name)
    return relation.related_model.objects.filter(requirement=OuterRef("pk"))


def _count(rows: models.QuerySet, which: Q | None = None) -> Coalesce:
    """Return how many rows a correlated query finds (of those that ``which`` holds for).

    Where it finds no row, zero.
    """
    counted = rows.order_by().values("requirement").annotate(_n=models.Count("pk", filter=which)).values("_n")
    return Coalesce(KeptSubquery(counted), 0)


def _review_due(rows: Any, first: date | None, last: date, day: date, default_days: int) -> Any:
    rows = rows.alias(_reviewed_on=rows.held_on("last_reviewed_on", day))
    rows = rows.alias(_review_due=due("_reviewed_on", "review_days", default_days))
    if first is None:
        return rows.filter(Q(_reviewed_on=None) | Q(_review_due__lte=last))
    return rows.filter(_review_due__range=(first, last))
