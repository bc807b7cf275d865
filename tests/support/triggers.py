"""Taking the triggers of :mod:`trail.triggers` away for a while: in the database of tests, and nowhere else.

Django empties the tables after each test that commits, and some tests do what whoever owns a database can do. The product
itself has no way past the triggers, and none of its own tests of what it does takes them away.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from trail.triggers import NAME, _triggers, protect_tables

_NO_GUARD = f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN coalesce(NEW, OLD); END $$"


def lift(wrapper: BaseDatabaseWrapper) -> None:
    """Let rows that are written once be changed, until the guards are put up again."""
    with wrapper.cursor() as cursor:
        if wrapper.vendor == "postgresql":
            cursor.execute(_NO_GUARD)
            return
        for _table, name in _triggers(wrapper):
            cursor.execute(f'DROP TRIGGER "{name}"')


@contextmanager
def lifted() -> Iterator[None]:
    """Inside the block rows that are written once can be changed."""
    lift(connection)
    yield
    protect_tables(apps.get_app_config("trail"), using=connection.alias)


def empty_past_guards(real: Any) -> Any:
    """``execute_sql_flush`` of a database, which empties guarded tables too; ``post_migrate`` guards them again."""

    def execute_sql_flush(self: Any, statements: Any) -> None:
        lift(self.connection)
        real(self, statements)

    return execute_sql_flush
