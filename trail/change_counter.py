"""A number per organization that grows with every committed write: what caches are kept against."""

from __future__ import annotations

from functools import partial

from django.db import connection, models, transaction

from organizations.models import Organization
from organizations.scope import current_organization


class Position(models.Model):
    """How many transactions have written to an organization's records or events.

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


def advance() -> None:
    """Count the running transaction when it commits; once, however often it is called."""
    organization_id = current_organization().pk
    waiting = (callback for _, callback, *_ in connection.run_on_commit)
    if not any(isinstance(callback, _Advance) and callback.args == (organization_id,) for callback in waiting):
        transaction.on_commit(_Advance(_count, organization_id))


def _count(organization_id: int) -> None:
    if not Position.objects.filter(pk=organization_id).update(number=models.F("number") + 1):
        Position.objects.update_or_create(
            pk=organization_id, defaults={"number": models.F("number") + 1}, create_defaults={"number": 1}
        )


def position() -> int:
    """The current organization's position."""
    return Position.objects.filter(pk=current_organization().pk).values_list("number", flat=True).first() or 0
