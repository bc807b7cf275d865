"""Questions every register answers."""

from __future__ import annotations

from typing import Self

from organizations.scope import ScopedManager
from trail.history import TrackedQuerySet


class RecordQuerySet(TrackedQuerySet):
    """Records of one organization."""

    def current(self) -> Self:
        """Those that have not been archived: the ones that count."""
        return self.filter(archived_at=None)


RecordManager = ScopedManager.from_queryset(RecordQuerySet)


def record_manager(queryset: type[RecordQuerySet]) -> ScopedManager:
    """The manager of a register's model whose questions are in ``queryset``."""
    return ScopedManager.from_queryset(queryset)()
