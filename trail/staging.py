"""Rows on their way into a table: collected where nobody looks, then copied into it by the database.

What takes long, making values of rows, is over before the transaction that writes them begins: inside it the database
copies from a temporary table. So whoever else writes waits for seconds, however many rows there are, and nobody ever
sees a part of them. A process that is killed leaves nothing, since its temporary tables go with its connection.
See ``docs/decisions/0024-short-writes.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import count
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from organizations.scope import ForeignOrganization, current_organization, scoped_keys
from trail.history import HistoryBypassed, copy_versions, element_type
from trail.time_travel.snapshots import deferred

_numbers = count(1)


class Staged:
    """Rows of a tracked model in a temporary table of this connection, each with a number that says which of its maker's it is.

    Args:
        model: the model whose rows they are to be.
        fields: the fields that they bring.
    """

    def __init__(self, model: type[models.Model], fields: Iterable[models.Field[Any, Any]]) -> None:
        self.model = model
        self.fields: list[Any] = list(fields)
        self.count = 0
        self._keys: dict[int, int] = {}
        #: SQL that stands for a column, and its values.
        self._given: dict[str, tuple[str, tuple[Any, ...]]] = {}
        self._key = "key"
        self.name = f"staged_{next(_numbers)}"
        self.table, self._quote = connection.ops.quote_name(model._meta.db_table), connection.ops.quote_name
        columns = ", ".join(f"{self._quote(str(field.column))} {field.db_type(connection)}" for field in self.fields)
        self.run(
            f"CREATE TEMPORARY TABLE {self.name} (position integer PRIMARY KEY, number integer, key bigint, {columns})"
        )

    def add(self, rows: Sequence[tuple[int, int | None, Mapping[str, Any]]]) -> None:
        """Take in rows: the number of each, its key unless it is new, and its values by attribute."""
        if not rows:
            return
        values = [
            [at, number, key, *(field.get_db_prep_save(row[field.attname], connection) for field in self.fields)]
            for at, (number, key, row) in enumerate(rows, self.count + 1)
        ]
        self.count += len(rows)
        # Deferred: a temporary table is a file of its own on SQLite, which nobody has to be locked out for.
        with deferred(), transaction.atomic(), connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                types = ["integer", "integer", "bigint", *(element_type(field) for field in self.fields)]
                arrays = ", ".join(f"%s::{each}[]" for each in types)
                cursor.execute(f"INSERT INTO {self.name} SELECT * FROM unnest({arrays})", [*map(list, zip(*values))])
            else:
                marks = ", ".join(["%s"] * len(values[0]))
                cursor.executemany(f"INSERT INTO {self.name} VALUES ({marks})", values)

    def give(self, field: str, expression: str, *values: Any) -> None:
        """Give a field of all rows a value that SQL works out when they are copied; ``position`` counts them from 1."""
        column: Any = self.model._meta.get_field(field)
        self._given[str(column.column)] = expression, values

    def replace_keys(self, field: Any, keys: Mapping[int, int]) -> None:
        """Put keys of rows in place of what stood for them."""
        if not keys:
            return
        column = self._quote(str(field.column))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE {self.name}_keys (old bigint PRIMARY KEY, new bigint)")
            cursor.executemany(f"INSERT INTO {self.name}_keys VALUES (%s, %s)", list(keys.items()))
            new = f"SELECT new FROM {self.name}_keys WHERE old = {column}"
            cursor.execute(
                f"UPDATE {self.name} SET {column} = ({new}) WHERE {column} IN (SELECT old FROM {self.name}_keys)"
            )
            cursor.execute(f"DROP TABLE {self.name}_keys")

    def drop(self, numbers: Iterable[int]) -> None:
        """Leave rows out."""
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {self.name} WHERE number = %s", [(number,) for number in numbers])

    def keys_of(self, numbers: Iterable[int]) -> dict[int, int]:
        """Return the keys of rows by their numbers; once they are inserted."""
        if not self._keys:
            self._keys = dict(self.run(f"SELECT number, {self._key} FROM {self.name}"))
        return {number: self._keys[number] for number in numbers}

    @transaction.atomic
    def insert(self, *, reason: str) -> None:
        """Insert them in the order in which they came, each with its first version.

        Raises:
            ForeignOrganization: a row points to another organization's.
        """
        if connection.vendor == "postgresql":
            # In their order: rows of a table stand in none that lasts.
            ordered = f"SELECT position FROM {self.name} ORDER BY position"
            keys = f"SELECT position, nextval(pg_get_serial_sequence(%s, 'id')) AS key FROM ({ordered}) AS ordered"
            self.run(
                f"UPDATE {self.name} SET key = new.key FROM ({keys}) AS new WHERE {self.name}.position = new.position",
                self.table,
            )
            self._index_keys()
        else:
            # Nobody else writes by now.
            last = self.run("SELECT seq FROM main.sqlite_sequence WHERE name = %s", self.model._meta.db_table)
            self._key = f"(position + {int(last[0][0]) if last else 0})"
        self._check_references()
        columns, expressions, values = self._copied()
        key, organization = self._quote(str(self.model._meta.pk.column)), current_organization().pk
        self.run(
            f"INSERT INTO {self.table} ({key}, organization_id, {', '.join(columns)}) "
            f"SELECT {self._key}, {organization:d}, {', '.join(expressions)} FROM {self.name} ORDER BY position",
            *values,
        )
        self._copy_versions("+", reason)

    @transaction.atomic
    def update(self, *, reason: str) -> None:
        """Give the rows of their keys their values, and each a version.

        Raises:
            ForeignOrganization: a row points to another organization's.
            HistoryBypassed: a row isn't there.
        """
        self._check_references()
        self._index_keys()
        columns, expressions, values = self._copied("new.")
        assigned = ", ".join(f"{column} = {value}" for column, value in zip(columns, expressions, strict=True))
        self.run(
            f"UPDATE {self.table} SET {assigned} FROM {self.name} AS new "
            f"WHERE {self.table}.{self._quote(str(self.model._meta.pk.column))} = new.key AND {self.table}.organization_id = %s",
            *values,
            current_organization().pk,
        )
        self._copy_versions("~", reason)

    def close(self) -> None:
        """Give the temporary table back."""
        with suppress(DatabaseError):  # it goes with the connection
            self.run(f"DROP TABLE {self.name}")

    def run(self, sql: str, *values: Any) -> list[Any]:
        """Run a statement; return the rows that it finds."""
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchall() if cursor.description else []

    def _index_keys(self) -> None:
        """Let rows be found by their keys, and have them counted.

        PostgreSQL counts no temporary table by itself. Of a table that it believes nearly empty it took each row and read
        all of these for it: a quarter of an hour for 100,000 rows.
        """
        if connection.vendor == "postgresql":
            self.run(f"CREATE INDEX {self.name}_by_key ON {self.name} (key)")
            self.run(f"ANALYZE {self.name}")

    def _copied(self, of: str = "") -> tuple[list[str], list[str], list[Any]]:
        """Return the columns that are copied, the SQL of what goes into each, and the values of that."""
        columns, expressions = [], []
        values: list[Any] = []
        for field in self.fields:
            name = self._quote(str(field.column))
            expression, given = self._given.get(str(field.column), (f"{of}{name}", ()))
            columns.append(name)
            expressions.append(expression)
            values += given
        return columns, expressions, values

    def _copy_versions(self, kind: str, reason: str) -> None:
        ((present,),) = self.run(f"SELECT count(*) FROM {self.name}")
        key = self._quote(str(self.model._meta.pk.column))
        ours = f"organization_id = {current_organization().pk:d} AND {key} IN (SELECT {self._key} FROM {self.name})"
        copied = copy_versions(self.model, kind, reason, ours)
        if copied != present:
            raise HistoryBypassed(f"{present - copied} rows of {self.model.__name__} aren't there to be copied.")

    def _check_references(self) -> None:
        """Refuse rows that point to rows of another organization: one query a key."""
        for field in {*scoped_keys(self.model)} & {*self.fields}:
            column, other = self._quote(str(field.column)), field.related_model._meta  # type: ignore[union-attr]
            there = (
                f"SELECT 1 FROM {self._quote(other.db_table)} AS other "
                f"WHERE other.{self._quote(str(other.pk.column))} = staged.{column} AND other.organization_id = %s"
            )
            if self.run(
                f"SELECT 1 FROM {self.name} AS staged WHERE {column} IS NOT NULL AND NOT EXISTS ({there}) LIMIT 1",
                current_organization().pk,
            ):
                raise ForeignOrganization(
                    f"{self.model._meta.label}.{field.name} points to rows this organization doesn't have."
                )
