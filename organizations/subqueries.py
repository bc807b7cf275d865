"""Subqueries, counts and values of rows whose SQL is written once.

Django compiles a query anew for every statement that holds it, and takes longer for each than the database does to answer.
What is kept by its process can keep its SQL as well: nothing of it changes with the request but the organization that is asked.
"""

from __future__ import annotations

from typing import Any, Self

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, QuerySet, Subquery
from django.db.models.sql.compiler import SQLCompiler

from organizations.scope import OrganizationKey, current_organization

_Sql = tuple[str, tuple[Any, ...]]


def _of_current_organization(parameters: tuple[Any, ...]) -> tuple[Any, ...]:
    """Ask of the current organization what was written for any one."""
    current = OrganizationKey(current_organization().pk)
    return tuple(current if isinstance(each, OrganizationKey) else each for each in parameters)


class KeptSubquery(Subquery):
    """A :class:`~django.db.models.Subquery` that is written once for each kind of database."""

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *args: Any, **extra: Any
    ) -> _Sql:
        written: dict[str, _Sql] = self.__dict__.setdefault("_written", {})
        if connection.vendor not in written:
            sql, parameters = super().as_sql(compiler, connection, *args, **extra)
            written[connection.vendor] = sql, tuple(parameters)
        sql, parameters = written[connection.vendor]
        return sql, _of_current_organization(parameters)

    def copy(self) -> Self:
        """Return a copy that is written anew, since copies are made to be changed."""
        clone: Self = super().copy()
        clone.__dict__.pop("_written", None)
        return clone


class KeptExists(KeptSubquery, Exists):
    """An :class:`~django.db.models.Exists` that is written once for each kind of database."""


class KeptCounts:
    """The numbers of rows that some querysets find, asked by one statement that is written once."""

    def __init__(self, *counted: QuerySet) -> None:
        """Write the statement; that takes some organization to be entered, whichever it is."""
        written = [_count(rows) for rows in counted]
        self._sql = f"SELECT {', '.join(sql for sql, _parameters in written)}"
        self._parameters = tuple(each for _sql, parameters in written for each in parameters)

    def of_current_organization(self) -> tuple[int, ...]:
        """Return the numbers of the current organization's rows, as the database says now."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, _of_current_organization(self._parameters))
            found: tuple[int, ...] = cursor.fetchone()
        return found


class KeptRows:
    """The values of the rows that a queryset finds, asked by a statement that is written once."""

    def __init__(self, values: QuerySet) -> None:
        """Write the statement; that takes some organization to be entered, whichever it is.

        Args:
            values: a queryset of values, as ``values_list`` makes it; their order is left to the database.
        """
        self._written = _sql(values)

    def of_current_organization(self) -> list[tuple[Any, ...]]:
        """Return the values of the current organization's rows, as the database gives them now."""
        if self._written is None:
            return []
        sql, parameters = self._written
        with connection.cursor() as cursor:
            cursor.execute(sql, _of_current_organization(parameters))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found

    @property
    def sql(self) -> str:
        """The statement; empty where it needs none to know that nothing is found."""
        return self._written[0] if self._written else ""


def _sql(rows: QuerySet) -> _Sql | None:
    """Write the statement that finds rows; None where Django knows without the database that nothing is found."""
    try:
        sql, parameters = rows.order_by().query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, tuple(parameters)


def _count(rows: QuerySet) -> _Sql:
    written = _sql(rows.values("pk"))
    return (f"(SELECT COUNT(*) FROM ({written[0]}) AS found)", written[1]) if written else ("0", ())
