"""Time travel: any past moment as if it were today.

See ``docs/decisions/0008-time-travel.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from organizations import clock
from organizations.models import Organization
from organizations.scope import current_organization, in_organization
from trail.time_travel.shadow_tables import Moment, PastIsReadOnly, Shadows
from trail.time_travel.snapshots import one_snapshot

__all__ = [
    "BeforeTheBeginning",
    "NestedTravel",
    "NoSuchMoment",
    "PastIsReadOnly",
    "afterwards",
    "known_at",
    "organization_at",
    "time_travel",
]

#: The calls that wait for the present while somebody travels.
_waiting: ContextVar[list[Callable[[], Any]] | None] = ContextVar("waiting", default=None)
#: The tables of the past that a travel shows.
_shadows: ContextVar[Shadows | None] = ContextVar("shadows", default=None)


class NestedTravel(RuntimeError):
    """A travel was begun inside of another."""


class NoSuchMoment(ValueError):
    """The moment has not come yet, or the organization did not exist then."""


class BeforeTheBeginning(NoSuchMoment):
    """The organization did not exist at the moment."""


@contextmanager
def time_travel(moment: datetime) -> Iterator[Organization]:
    """Read the current organization's records as they stood at ``moment``, in every query.

    Everything that asks :mod:`organizations.clock` for the time gets the moment. Of memberships those of the
    organization are seen as they stood, which is for statements about who was a member: who may look is decided
    before the block. People stay today's. Nothing can be written inside. The block is a transaction of its own that
    reads at one moment and leaves nothing behind; inside a running transaction it is a savepoint.

    Args:
        moment: an aware datetime, not in the future. Everything written up to it is seen, itself included.

    Yields:
        the organization as it stood then, which is also the current one.

    Raises:
        NestedTravel: somebody travels already.
        NoSuchMoment: the moment lies in the future, or before the organization was created.
        PastIsReadOnly: from inside the block, where something tries to write.
    """
    if clock.travelled_to() is not None:
        raise NestedTravel("Leave the past before entering another.")
    organization = organization_at(moment)
    waiting: list[Callable[[], Any]] = []
    shadows = Shadows(Moment(organization, moment))
    with one_snapshot():
        token, shown = _waiting.set(waiting), _shadows.set(shadows)
        try:
            with clock.frozen_at(moment), in_organization(organization), connection.execute_wrapper(shadows):
                yield organization
        finally:
            _waiting.reset(token)
            _shadows.reset(shown)
            transaction.set_rollback(True)  # drops the tables; nothing else was written
    for write in waiting:
        write()


@contextmanager
def known_at(moment: datetime) -> Iterator[Organization]:
    """Travel to a moment, or on to an earlier one from inside of a travel, which goes on after the block.

    Raises:
        NoSuchMoment: the moment lies after the one that is looked at, or before the organization was created.
    """
    shadows = _shadows.get()
    if shadows is None:
        with time_travel(moment) as organization:
            yield organization
        return
    if moment > clock.now():
        raise NoSuchMoment(f"{moment.isoformat()} lies after the moment that is looked at.")
    organization = organization_at(moment)
    with transaction.atomic():
        with (
            clock.frozen_at(moment),
            in_organization(organization),
            shadows.moved_to(Moment(organization, moment)),
        ):
            yield organization
        transaction.set_rollback(True)  # brings the tables of the later moment back


def afterwards(write: Callable[[], Any]) -> None:
    """Call ``write`` in the present: at once, or when the travel is over.

    It is for what is told about looking at the past. A travel that ends in an error drops it.
    """
    waiting = _waiting.get()
    if waiting is None:
        write()
    else:
        waiting.append(write)


def organization_at(moment: datetime) -> Organization:
    """Return the current organization as it was at a moment: name, edition, zone and scope.

    Raises:
        NoSuchMoment: the moment lies in the future, or before the organization was created.
    """
    if moment > clock.present():
        raise NoSuchMoment(f"{moment.isoformat()} lies in the future.")
    organization = current_organization()
    history: Any = Organization.history  # type: ignore[attr-defined]
    version = history.filter(id=organization.pk, history_date__lte=moment).order_by("-history_id").first()
    if version is None:
        raise BeforeTheBeginning(f"{organization} did not exist at {moment.isoformat()}.")
    found: Organization = version.instance
    return found
