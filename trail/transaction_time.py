"""The date of what is written: one moment for all that a transaction writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from organizations import clock


@dataclass(frozen=True)
class _Stamp:
    """A transaction's moment, kept among the callbacks of the commit.

    So it goes when they go: with the commit, or with the rollback of what was written under it.
    """

    moment: datetime

    def __call__(self) -> None:
        """Do nothing: the stamp waits for the commit only to be found until then."""


def written_at() -> datetime:
    """Return the date of all that the running transaction writes: when it wrote first.

    Every version and event carries it. So whoever looks back sees all of a transaction or none of it, never a record
    without what was written with it.
    """
    for _, callback, *_ in connection.run_on_commit:
        if isinstance(callback, _Stamp):
            return callback.moment
    stamp = _Stamp(clock.now())
    if connection.in_atomic_block:
        transaction.on_commit(stamp)
    return stamp.moment
