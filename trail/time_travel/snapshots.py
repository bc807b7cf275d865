"""Reading many tables as they stand at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Every query inside the block sees the database as it was at the first one, whatever others commit meanwhile.

    On PostgreSQL a repeatable-read transaction that can't write; on SQLite a deferred one, which reads beside writers
    (WAL) instead of keeping them out as our usual transactions do. For an earlier moment see
    :func:`trail.time_travel.travel.time_travel`.

    Raises:
        TransactionManagementError: a transaction is running already.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("one_moment() must be the outermost transaction.")
    with one_snapshot("ISOLATION LEVEL REPEATABLE READ, READ ONLY"):
        yield


@contextmanager
def one_snapshot(mode: str = "ISOLATION LEVEL REPEATABLE READ") -> Iterator[None]:
    """A transaction in which every query sees the database as it was at the first one.

    Inside a running transaction it is a savepoint, and sees what that transaction sees.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        with _deferred(), transaction.atomic():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION {mode}")
            yield


@contextmanager
def _deferred() -> Iterator[None]:
    """Transactions of SQLite that begin inside the block take no lock to write."""
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.transaction_mode = usual  # type: ignore[attr-defined]


@contextmanager
def beside() -> Iterator[Callable[..., Any]]:
    """Give a function that calls another beside the current transaction: in a thread, and on a connection, of its own.

    What it writes is there for everybody at once, also from inside :func:`one_moment` or a travel to the past begun in
    the block, which only read.
    """
    here = copy_context()
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield lambda call, *args: pool.submit(here.run, call, *args).result()
        finally:
            pool.submit(lambda: connection.close()).result()
