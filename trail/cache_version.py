"""A number for each organization that grows with every committed write.

Caches are kept under it: as long as it stands still, nothing that they were made of has changed.
"""

from __future__ import annotations

from functools import partial

from django.db import connection, models, transaction

from organizations.models import Organization
from organizations.scope import current_organization


class Position(models.Model):
    """The number of transactions that have written to an organization's records or events.

    Counted after the commit, in a statement of its own: counting inside the transaction would make every writer of an
    organization wait for the one before.
    """

    organization = models.OneToOneField(Organization, on_delete=models.PROTECT, primary_key=True, related_name="+")
    number = models.PositiveBigIntegerField(default=0)

    class Meta:
        app_label = "trail"

    def __str__(self) -> str:
        return str(self.number)


class _Advance(partial[None]):
    """The callback of :func:`advance`, found again among those that wait for the commit."""


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
        transaction.on_commit(_Advance(_count, organization_id))


def _count(organization_id: int) -> None:
    if not Position.objects.filter(pk=organization_id).update(number=models.F("number") + 1):
        # The first write of an organization; another one may have made the row meanwhile.
        Position.objects.update_or_create(
            pk=organization_id, defaults={"number": models.F("number") + 1}, create_defaults={"number": 1}
        )


def position() -> int:
    """Return the current organization's position; 0 before its first write."""
    return Position.objects.filter(pk=current_organization().pk).values_list("number", flat=True).first() or 0
