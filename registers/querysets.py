"""Questions every register answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, DateField, F, Max, OuterRef, Q, Subquery, When

from organizations.auditor_scope import audit_scope
from organizations.models import User
from organizations.scope import ScopedManager, ScopedQuerySet
from trail.history import TrackedQuerySet


class RecordQuerySet(TrackedQuerySet):
    """Records of one organization."""

    def current(self, until: datetime | None = None) -> Self:
        """Narrow to those that have not been archived: the ones that count.

        Args:
            until: those that counted before this moment, too; what was written and archived since never did.
        """
        if until is None:
            return self.filter(archived_at=None)
        return self.filter(Q(archived_at=None) | Q(archived_at__gte=until, created_at__lt=until))

    def held_on(self, name: str, day: date) -> Case:
        """Return, for the database to work out, what a column of dates says as of a day.

        It is the column's own date; where that lies after the day, the latest up to it that any version of the row bears:
        a review of October doesn't take September's away.
        """
        versions: Any = self.model.history.model.objects  # type: ignore[attr-defined]
        earlier = versions.filter(id=OuterRef("pk"), **{f"{name}__lte": day}).order_by().values("id")
        return Case(
            When(**{f"{name}__lte": day}, then=F(name)),
            When(**{f"{name}__gt": day}, then=Subquery(earlier.annotate(_last=Max(name)).values("_last"))),
            output_field=DateField(),
        )

    def only_after(self, name: str, day: date) -> Self:
        """Return those whose column bears a later day than this one, and never bore an earlier."""
        return self.alias(_held=self.held_on(name, day)).filter(**{f"{name}__gt": day}, _held=None)

    def known_by(self, name: str, keys: Iterable[str]) -> Self:
        """Narrow to those whose reference or external id (``name``) is one of these.

        No key is empty.
        """
        # The index of external ids holds those that were given, and SQLite uses it only where the query says the same.
        return self.filter(**{f"{name}__in": keys}).exclude(**{name: ""})

    def visible(self) -> Self:
        """Narrow to those that the access of whoever asks reaches.

        These are all of them, unless an audit scope limits it.
        """
        scope = audit_scope()
        model: Any = self.model
        if not scope.includes(model.register.sub_clauses):
            return self.none()
        return self.filter(site__in=scope.sites) if scope.sites else self


RecordManager = ScopedManager.from_queryset(RecordQuerySet)


def record_manager(queryset: type[RecordQuerySet]) -> ScopedManager:
    """Return the manager of a register's model whose questions are in ``queryset``."""
    return ScopedManager.from_queryset(queryset)()


class SavedViewQuerySet(ScopedQuerySet):
    """Lists kept under a name."""

    def seen_by(self, user: User) -> Self:
        """Narrow to a person's own and those for everybody."""
        return self.filter(models.Q(owner_id=user.pk) | models.Q(is_shared=True))
