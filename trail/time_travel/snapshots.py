"""Transactions that read many tables as they stand at one moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Show every query inside the block the database as it was at the first one.

    What others commit meanwhile isn't seen. On PostgreSQL a repeatable-read transaction that can't write; on SQLite a
    deferred one, which reads beside writers (WAL) instead of keeping them out as our usual transactions do. For an
    earlier moment see :func:`trail.time_travel.travel.time_travel`.

    Raises:
        TransactionManagementError: a transaction is running already.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("one_moment() must be the outermost transaction.")
    with one_snapshot("ISOLATION LEVEL REPEATABLE READ, READ ONLY"):
        yield


@contextmanager
def one_snapshot(mode: str = "ISOLATION LEVEL REPEATABLE READ") -> Iterator[None]:
    """Open a transaction in which every query sees the database as it was at the first one.

    Inside a running transaction it is a savepoint, and sees what that transaction sees.

    Args:
        mode: PostgreSQL's, after SET TRANSACTION; SQLite reads at one moment without being told.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            yield
    elif connection.vendor == "sqlite":
        with deferred(), transaction.atomic():
            yield
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET TRANSACTION {mode}")
            yield


@contextmanager
def deferred() -> Iterator[None]:
    """Let SQLite's transactions that begin inside the block take no lock to write; other databases take none anyway."""
    if connection.vendor != "sqlite":
        yield
        return
    usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]
    try:
        yield
    finally:
        connection.transaction_mode = usual  # type: ignore[attr-defined]


@contextmanager
def beside() -> Iterator[Callable[..., Any]]:
    """Give a function that calls another outside of the current transaction.

    It calls it in a thread, and on a connection, of its own. What it writes is there for everybody at once, also from
    inside :func:`one_moment` or a travel to the past begun in the block, which only read.
    """
    here = copy_context()  # of before the travel: what is written is of the present
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield lambda call, *args: pool.submit(here.run, call, *args).result()
        finally:
            # In the thread: a connection belongs to the one that opened it.
            pool.submit(lambda: connection.close()).result()
