"""A database of a PostgreSQL server in which the migrations are run once; those of the tests' processes are copies of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg2

from tests.support.installation import Installation


@contextmanager
def migrated_template(url: str) -> Iterator[str]:
    """The name of a database that holds the tables and nothing else; it is there as long as the block lasts.

    Args:
        url: of a database on the server; its role owns the new one, as it owns the copies.
    """
    name = f"customerfocus_migrated_{os.getpid()}"
    _tell(url, f"CREATE DATABASE {name}")
    try:
        with TemporaryDirectory() as folder:
            here = urlsplit(url)._replace(path=f"/{name}").geturl()
            Installation(Path(folder), database_url=here).manage("migrate", "-v", "0")
        yield name
    finally:
        _tell(url, f"DROP DATABASE {name}")


def _tell(url: str, statement: str) -> None:
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(statement)
