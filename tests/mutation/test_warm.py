"""Nothing but tables: what :mod:`tests.mutation.session` begins with."""

from __future__ import annotations

from django.db import connection


def test_there_are_tables(db: None) -> None:
    assert connection.introspection.table_names()
