"""Tables of the past: temporary ones with the names of the tables they stand in for.

Both databases look a name up among the session's temporary tables first, so a query that was written for the present
reads the past without a line changed. A table is made when the first statement names it: a page costs what it reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.backends.utils import truncate_name
from django.db.models import DateTimeField

from organizations.models import Membership, Organization
from organizations.rls import is_scoped
from organizations.scope import Scoped, scoped_keys
from trail.history import ScopedHistory

#: Up to so many rows, a table is read whole sooner than indexes for it are made.
SMALL = 300
_READS = re.compile(r"[\s(]*(SELECT|EXPLAIN)\b", re.IGNORECASE)
_SAVEPOINT = re.compile(r"(SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT) (.+)", re.IGNORECASE)
_NAME = re.compile(r'"(\w+)"')


class PastIsReadOnly(RuntimeError):
    """A write was tried where the past is being looked at: nothing can be changed there."""


@dataclass(frozen=True)
class Moment:
    """An organization's rows as they stood at a time: what is looked at."""

    organization: Organization
    at: datetime

    def condition(self, field: Any) -> str:
        """Return SQL for "had come about by then"; ``field`` says when a row did."""
        if isinstance(field, DateTimeField):
            last = connection.ops.adapt_datetimefield_value(self.at)
        else:
            # Where only a day is kept, all of the moment's day counts: which part of it came later can't be told.
            last = connection.ops.adapt_datefield_value(self.at.astimezone(self.organization.zone).date())
        return f"organization_id = {int(self.organization.pk)} AND {_quoted(field.column)} <= '{last}'"


@cache
def tables() -> dict[str, type[models.Model]]:
    """Return the models whose rows are known as of any moment, by the names of their tables.

    Tracked rows by their versions, versions by their date, rows that are never changed by the date they name
    (:attr:`organizations.scope.Scoped.as_of_field`); memberships too, since statements of the clause ask who was a member.
    Everything else shows the present wherever it is looked at.
    """
    scoped = [model for model in apps.get_models() if is_scoped(model)]
    past: list[type[models.Model]] = [Membership]
    past += [m for m in scoped if issubclass(m, ScopedHistory) or hasattr(m, "history") or _as_of_field(m)]
    return {model._meta.db_table: model for model in past}


class Shadows:
    """The wrapper of every statement inside a travel (:meth:`connection.execute_wrapper`).

    It makes the tables that a statement names, and refuses what isn't reading. The tables are gone when the transaction
    is rolled back.
    """

    def __init__(self, moment: Moment) -> None:
        self.moment = moment
        self._made: frozenset[str] = frozenset()
        self._made_before: dict[str, frozenset[str]] = {}
        self._making = False

    def __call__(self, execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if self._making:  # our own statements, which write
            return execute(sql, params, many, context)
        if savepoint := _SAVEPOINT.fullmatch(str(sql)):
            self._keep_up(*savepoint.groups())
        elif many or not _READS.match(str(sql)):
            raise PastIsReadOnly(f"The past can't be changed; tried to run: {str(sql)[:80]}")
        # Any quoted name may be a table's. A column of the same name only costs a table that nobody reads.
        for name in dict.fromkeys(_NAME.findall(str(sql))):
            if name in tables() and name not in self._made:
                self._make(name)
        return execute(sql, params, many, context)

    @contextmanager
    def moved_to(self, moment: Moment) -> Iterator[None]:
        """Show another moment inside the block, which has to be a savepoint that is rolled back at its end.

        That brings back the tables of the first moment, which are dropped here to make room for those of the other.
        """
        before, self.moment = self.moment, moment
        with self._undisturbed(), connection.cursor() as cursor:
            for name in self._made:
                cursor.execute(f"DROP {'TABLE' if _is_copied(tables()[name]) else 'VIEW'} {_temporary(name)}")
        self._made = frozenset()
        try:
            yield
        finally:
            self.moment = before

    def _keep_up(self, what: str, savepoint: str) -> None:
        """Forget the tables that were made since a savepoint when the session goes back to it."""
        if what.upper() == "SAVEPOINT":
            self._made_before[savepoint] = self._made
        elif what.upper() == "ROLLBACK TO SAVEPOINT":
            self._made = self._made_before[savepoint]

    def _make(self, name: str) -> None:
        with self._undisturbed(), connection.cursor() as cursor:
            model: Any = tables()[name]
            if not _is_copied(model):
                field = "history_date" if issubclass(model, ScopedHistory) else _as_of_field(model)
                cursor.execute(_view(model, self.moment.condition(model._meta.get_field(field))))
            else:
                cursor.execute(_table(model))
                cursor.execute(_rows(model, self.moment))
                if cursor.rowcount > SMALL:
                    for statement in _indexes(model):
                        cursor.execute(statement)
        self._made |= {name}

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        self._making = True
        try:
            yield
        finally:
            self._making = False


def _as_of_field(model: type[models.Model]) -> str:
    return model.as_of_field if issubclass(model, Scoped) else ""


def _is_copied(model: type[models.Model]) -> bool:
    """Return whether the past of a model's rows has to be put together from versions; others only need a view."""
    return not issubclass(model, ScopedHistory) and not _as_of_field(model)


def _temporary(name: str) -> str:
    schema = "temp" if connection.vendor == "sqlite" else "pg_temp"
    return f"{schema}.{_quoted(name)}"


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _present(model: type[models.Model]) -> str:
    """Return the name of the model's lasting table, even where a temporary one hides it."""
    schema = "main" if connection.vendor == "sqlite" else "public"
    return f"{schema}.{_quoted(model._meta.db_table)}"


def _view(model: type[models.Model], condition: str) -> str:
    return f"CREATE TEMP VIEW {_quoted(model._meta.db_table)} AS SELECT * FROM {_present(model)} WHERE {condition}"


def _table(model: type[models.Model]) -> str:
    """Make an empty table with the model's columns.

    Once filled it is only read, so it needs no constraint.
    """
    columns = ", ".join(f"{_quoted(str(f.column))} {f.db_type(connection)}" for f in model._meta.concrete_fields)
    end = " ON COMMIT DROP" if connection.vendor == "postgresql" else ""
    return f"CREATE TEMP TABLE {_quoted(model._meta.db_table)} ({columns}){end}"


def _rows(model: type[models.Model], moment: Moment) -> str:
    """Fill the table with the last version of each row up to the moment, but for removed rows.

    Versions of a row are ordered by their number, which the database gives while the row is locked; clocks of several
    machines may disagree. Each database has its own way that is quickest.
    """
    history: Any = model.history.model  # type: ignore[attr-defined]
    columns = ", ".join(_quoted(str(field.column)) for field in model._meta.concrete_fields)
    versions, key = _present(history), _quoted(str(model._meta.pk.column))
    written = moment.condition(history._meta.get_field("history_date"))
    if connection.vendor == "postgresql":
        versions = (
            f"(SELECT DISTINCT ON ({key}) * FROM {versions} WHERE {written} ORDER BY {key}, history_id DESC) AS last"
        )
        last = "true"
    else:
        last = f"history_id IN (SELECT max(history_id) FROM {versions} WHERE {written} GROUP BY {key})"
    return (
        f"INSERT INTO {_quoted(model._meta.db_table)} ({columns}) "
        f"SELECT {columns} FROM {versions} WHERE {last} AND history_type <> '-'"
    )


def _indexes(model: type[models.Model]) -> Iterator[str]:
    """Yield the statements that index what one row is looked up by from another.

    That is its key, its keys of other rows, and what the model indexes by itself. Indexes that only sort or narrow a
    list take longer to make than they save: a travel asks each question once.
    """
    table = model._meta.db_table
    # All rows of the table are one organization's, so the model's indexes go without that column.
    alone = {
        index.fields[1]
        for index in model._meta.indexes
        if len(index.fields) == 2 and index.fields[0] == "organization" and not index.condition
    }
    fields: list[Any] = [
        model._meta.pk,
        *scoped_keys(model),
        *(model._meta.get_field(name.lstrip("-")) for name in alone),
    ]
    for column in dict.fromkeys(str(field.column) for field in fields):
        yield f"CREATE INDEX {_quoted(truncate_name(f'{table}_{column}_past', length=60))} ON {_quoted(table)} ({_quoted(column)})"
    if connection.vendor == "postgresql":
        yield "SET LOCAL default_statistics_target = 10"  # few rows tell enough, and are counted quickly
    yield f"ANALYZE {_quoted(table)}"
