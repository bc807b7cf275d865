"""Several moments in one test that never commits: a clock that tests move, and what a commit would have done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import time_machine
from django.db import connection
from django.utils import timezone

#: When tests of the past begin.
BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)


@contextmanager
def standing_clock(begin: datetime = BEGINNING) -> Iterator[time_machine.Traveller]:
    """The machine's time stands still, until somebody moves it."""
    with time_machine.travel(begin, tick=False) as hand:
        yield hand


def passes(hand: time_machine.Traveller, **duration: float) -> datetime:
    """Commit, let time pass, and give the moment just before it passed: at it, all that was written is there."""
    commit()
    before = timezone.now()
    hand.shift(timedelta(**(duration or {"minutes": 1})))
    return before


def commit() -> None:
    """Do what a commit does, though the test's transaction goes on: what is written next has a moment of its own."""
    waiting, connection.run_on_commit = connection.run_on_commit, []
    for _, callback, *_ in waiting:
        callback()
