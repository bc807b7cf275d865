"""Questions every register answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db import models

from organizations.auditor_scope import audit_scope
from organizations.models import User
from organizations.scope import ScopedManager, ScopedQuerySet
from trail.history import TrackedQuerySet


class RecordQuerySet(TrackedQuerySet):
    """Records of one organization."""

    def current(self) -> Self:
        """Narrow to those that have not been archived: the ones that count."""
        return self.filter(archived_at=None)

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
