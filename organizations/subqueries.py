"""Subqueries whose SQL is written once.

Django compiles a subquery anew for every statement that holds it, and takes longer for each than the database does to answer.
A queryset that is kept by its process can keep the SQL of its subqueries as well: nothing of it changes with the request but
the organization that is asked.
"""

from __future__ import annotations

from typing import Any, Self

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Exists, Subquery
from django.db.models.sql.compiler import SQLCompiler

from organizations.scope import OrganizationKey, current_organization

_Sql = tuple[str, tuple[Any, ...]]


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
        # What was written for one organization is asked of the current one.
        current = OrganizationKey(current_organization().pk)
        return sql, tuple(current if isinstance(each, OrganizationKey) else each for each in parameters)

    def copy(self) -> Self:
        """Return a copy that is written anew, since copies are made to be changed."""
        clone: Self = super().copy()
        clone.__dict__.pop("_written", None)
        return clone


class KeptExists(KeptSubquery, Exists):
    """An :class:`~django.db.models.Exists` that is written once for each kind of database."""
