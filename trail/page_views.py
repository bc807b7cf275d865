"""A listener for events: what a request put into the trail already isn't put there twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_heard: ContextVar[list[str] | None] = ContextVar("heard", default=None)


@contextmanager
def listening() -> Iterator[list[str]]:
    """Give a list that fills with the verbs of the events that the block records."""
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
