"""A number for each organization that grows with every committed write.

Caches are kept under it: as long as it stands still, nothing that they were made of has changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from django.db import connection, models, transaction

from organizations.models import Organization
from organizations.scope import current_organization


class Position(models.Model):
    """The number of transactions that have written to an organization's records or events.

    Counted on PostgreSQL after the commit, in a statement of its own: counting inside the transaction would make every
    writer of an organization wait for the one before. SQLite's writers do so anyway: there it is counted inside, since
    after the commit others might keep the count waiting until it fails.
    """

    organization = models.OneToOneField(Organization, on_delete=models.PROTECT, primary_key=True, related_name="+")
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        app_label = "trail"

    def __str__(self) -> str:
        return str(self.number)


#: The organizations whose transactions were committed, where somebody listens.
_commits: ContextVar[list[int] | None] = ContextVar("commits", default=None)


class _Advance(partial[None]):
    """The callback of :func:`advance`, found again among those that wait for the commit."""


@contextmanager
def commits_counted() -> Iterator[list[int]]:
    """Give a list that gets the organization's key whenever a transaction inside the block has written to it."""
    heard: list[int] = []
    token = _commits.set(heard)
    try:
        yield heard
    finally:
        _commits.reset(token)


def advance(organization_id: int | None = None) -> None:
    """Count the running transaction of an organization when it commits; once, however often it is called.

    Args:
        organization_id: the organization's key; the current one's unless given.
    """
    if organization_id is None:
        organization_id = current_organization().pk
    # Asking Django's own list, not a flag of ours: what a savepoint takes back is gone from the list as well.
    waiting = (callback for _, callback, *_ in connection.run_on_commit)
    if not any(isinstance(callback, _Advance) and callback.args == (organization_id,) for callback in waiting):
        is_inside = connection.vendor == "sqlite" and connection.in_atomic_block
        if is_inside:
            _count(organization_id)
        transaction.on_commit(
            _Advance(_committed, organization_id) if is_inside else _Advance(_count_committed, organization_id)
        )


def _count_committed(organization_id: int) -> None:
    _committed(organization_id)
    _count(organization_id)


def _committed(organization_id: int) -> None:
    if (heard := _commits.get()) is not None:
        heard.append(organization_id)


def _count(organization_id: int) -> None:
    if not Position.objects.filter(pk=organization_id).update(number=models.F("number") + 1):
        # The first write of an organization; another one may have made the row meanwhile.
        Position.objects.update_or_create(
            pk=organization_id, defaults={"number": models.F("number") + 1}, create_defaults={"number": 1}
        )


def position() -> int:
    """Return the current organization's position; 0 before its first write."""
    return Position.objects.filter(pk=current_organization().pk).values_list("number", flat=True).first() or 0
