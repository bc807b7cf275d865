"""A listener that knows whether a request is in the trail already, so that no view is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Give the list of the verbs of the events that the block records; it fills while the block runs."""
    heard: list[str] = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def hear(verb: str) -> None:
    """Tell whoever is listening that an event is recorded."""
    if (heard := _heard.get()) is not None:
        heard.append(verb)
