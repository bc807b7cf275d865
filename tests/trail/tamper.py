"""Changing rows behind the application's back, as whoever holds the database's password can."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.db import connection, models

from organizations.models import Organization

#: Further than any number or key that is given out.
FAR = 1_000_000


def without_checks() -> None:
    """Take the database's own checks away, which whoever tampers can do too; the running transaction's rollback restores them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = 1")
            return
        cursor.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c' AND conrelid <> 0"
        )
        for table, name in cursor.fetchall():
            if not table.startswith(("pg_", "information_schema")):
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def with_checks() -> None:
    """What a rollback doesn't restore."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA ignore_check_constraints = 0")


def settle() -> None:
    """Have PostgreSQL check keys now that it would check at the commit: before that no table can be altered."""
    if connection.vendor == "postgresql":
        run("SET CONSTRAINTS ALL IMMEDIATE")
        run("SET CONSTRAINTS ALL DEFERRED")


def change(model: Any, key: Any, field: Any) -> None:
    """Write another value into one column of one row."""
    table, pk, column = map(_quoted, (model._meta.db_table, model._meta.pk.column, field.column))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE {pk} = %s", [key])
        (before,) = cursor.fetchone()
        confined = field.name == "organization" and connection.vendor == "postgresql"
        if confined:  # its owner may lift what keeps rows in their organization
            cursor.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE {pk} = %s", [_other(field, before), key])
        if confined:
            settle()
            cursor.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def run(statement: str, *values: Any) -> None:
    """Run a statement that nothing confines."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def _other(field: Any, before: Any) -> Any:
    """A value that the column takes and doesn't hold."""
    if field.name == "organization":
        return Organization.objects.get(slug="elsewhere").pk
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    if isinstance(field, models.BinaryField):
        return bytes(byte ^ 1 for byte in bytes(before))
    for kinds, make in _VALUES:
        if isinstance(field, kinds):
            return field.get_db_prep_save(make(field, field.to_python(before)), connection)
    raise TypeError(f"{field}: say in tests/trail/tamper.py how to change a {type(field).__name__}.")


def _text(field: Any, before: str | None) -> str:
    longest = field.max_length or FAR
    begun = (before or "")[: longest - 1]
    return begun + ("y" if before == f"{begun}x" else "x")


_VALUES: tuple[tuple[Any, Any], ...] = (
    (models.JSONField, lambda field, before: {"tampered": True}),
    (models.BooleanField, lambda field, before: not before),
    (models.DateTimeField, lambda field, before: datetime(2026, 10, 21, 12, 34, tzinfo=UTC)),
    (models.DateField, lambda field, before: date(2026, 10, 23)),
    (models.DecimalField, lambda field, before: Decimal(2) if before == 1 else Decimal(1)),
    (models.PositiveSmallIntegerField, lambda field, before: (before or 0) + 1),
    (models.IntegerField, lambda field, before: (before or 0) + FAR),
    ((models.CharField, models.TextField), _text),
)  # fmt: skip
