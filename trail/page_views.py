"""Whether something was said about a request in the trail already, so that a view isn't told twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[list[str]]:
    """The verbs of the events that the block records; filled while it runs."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def hear(verb: str) -> None:
    """Tell who is listening that an event is recorded."""
    if (heard := _heard.get()) is not None:
        heard.append(verb)
