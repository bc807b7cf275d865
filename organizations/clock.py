"""The one clock: whatever asks for the time asks here.

So looking at a past moment makes that moment "now".

Leave to enter, log-ins, leases and mail are matters of the present whatever is looked at: they ask for :func:`present`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def present() -> datetime:
    """Return the time it really is."""
    return timezone.now()


def travelled_to() -> datetime | None:
    """Return the past moment that is looked at; None in the present."""
    return _moment.get()


def now() -> datetime:
    """Return the moment that is looked at: the present, unless somebody travels."""
    return _moment.get() or timezone.now()


@contextmanager
def frozen_at(moment: datetime) -> Iterator[None]:
    """Let it be ``moment`` inside the block.

    It moves the clock only: :func:`trail.time_travel.travel.time_travel` moves the records too.
    """
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)
