"""Dates that a row's own interval decides, worked out by the database."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, F, Func, Value
from django.db.models.functions import Coalesce
from django.db.models.sql.compiler import SQLCompiler


class DaysAfter(Func):
    """``DaysAfter(day, days)``: the date ``days`` days after ``day``; NULL where either is.

    Django has no sum of a date column and an integer column that both databases understand.
    """

    arity = 2
    output_field: ClassVar[models.Field] = models.DateField()  # type: ignore[misc]

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        # Comes out as ``date(day, days || ' days')``: SQLite adds days to a date only as a modifier in words.
        return self.as_sql(compiler, connection, template="date(%(expressions)s || ' days')", arg_joiner=", ")  # type: ignore[return-value]

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_: Any) -> tuple[str, list[Any]]:
        return self.as_sql(compiler, connection, template="(%(expressions)s)", arg_joiner=" + ")  # type: ignore[return-value]


def due(last: str | Expression, own: str, default: int) -> DaysAfter:
    """Return the day on which something falls due again, for the database to work out.

    Args:
        last: name of the field or annotation with the day it was last done, or what gives the day.
        own: name of the field with the row's own interval in days, NULL where it sets none.
        default: the organization's interval in days.
    """
    return DaysAfter(F(last) if isinstance(last, str) else last, Coalesce(F(own), Value(default)))


def twelve_months(day: date) -> tuple[date, date]:
    """Return first and last of the twelve months that end on a day.

    The first is the day after the same date a year before, to the day.

    What ends on 29 February begins on 1 March of the year before, as does what ends on 28 February.
    """
    year_ago = date(day.year - 1, 2, 28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)
    return date.fromordinal(year_ago.toordinal() + 1), day
