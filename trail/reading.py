"""Reading many tables as they stood at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def one_moment() -> Iterator[None]:
    """Every query inside the block sees the database as it was at the first one, whatever others commit meanwhile.

    On PostgreSQL a repeatable-read transaction that can't write; on SQLite a deferred one, which reads beside writers
    (WAL) instead of keeping them out as our usual transactions do.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("one_moment() must be the outermost transaction.")
    if connection.vendor == "sqlite":
        usual, connection.transaction_mode = connection.transaction_mode, "DEFERRED"  # type: ignore[attr-defined]
        try:
            with transaction.atomic():
                yield
        finally:
            connection.transaction_mode = usual  # type: ignore[attr-defined]
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
