"""The person who is acting: set once a request or task, read wherever history is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from organizations.models import User

_actor: ContextVar[User | None] = ContextVar("actor", default=None)


def actor() -> User | None:
    """Return the person acting now; None when the application acts by itself."""
    return _actor.get()


@contextmanager
def acting(user: User | None) -> Iterator[None]:
    """Name ``user`` as the author of everything written inside the block."""
    token = _actor.set(user)
    try:
        yield
    finally:
        _actor.reset(token)
