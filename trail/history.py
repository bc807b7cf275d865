"""History that can't be skipped: a version of every write, written with the row itself.

See ``docs/decisions/0002-history.md``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from django.db import connection, models, transaction
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from organizations.scope import (
    CurrentOrganization,
    ForeignOrganization,
    ScopedManager,
    ScopedQuerySet,
    check_references,
    current_organization,
)
from trail.actor import actor
from trail.cache_version import advance
from trail.transaction_time import written_at

#: Rows written by one statement of a bulk write.
BATCH = 1000


class HistoryBypassed(TypeError):
    """A write was tried that leaves no history."""


class ScopedHistory(models.Model):
    """Base of all history tables: limited to an organization like the rows they follow."""

    objects = ScopedManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Write a version, of a row of the current organization only.

        Raises:
            ForeignOrganization: the row is another organization's.
        """
        if self.organization_id != current_organization().pk:  # type: ignore[attr-defined]
            raise ForeignOrganization(f"{self._meta.label} follows a row of another organization than the current one.")
        super().save(*args, **kwargs)


class ScopedHistoryManager(HistoryManager):
    """``row.history`` and ``Model.history``, limited to the current organization.

    simple-history's own manager shows the versions of all organizations.
    """

    @classmethod
    @cache
    def from_queryset(cls, queryset_class: type[models.QuerySet], class_name: str | None = None) -> Any:
        """Return the class that simple-history asks for whenever it looks at a row's history; it is made once."""
        return super().from_queryset(queryset_class, class_name)

    def get_super_queryset(self) -> models.QuerySet:
        return super().get_super_queryset().filter(organization_id=CurrentOrganization())


class History(HistoricalRecords):
    """simple-history's records, fitted to the trail.

    They name our actor, take reasons of any length, give one date to all that a transaction writes, and have no index
    that only slows writing.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(
            history_change_reason_field=models.TextField(blank=True, default=""),
            get_user=lambda **_: actor(),
            **options,
        )

    def copy_fields(self, model: type[models.Model]) -> dict[str, models.Field]:
        """Copy a model's fields, keeping an index only on the row's id, by which history is read."""
        fields: dict[str, models.Field] = super().copy_fields(model)
        for field in fields.values():
            if not field.primary_key and field.name != model._meta.pk.name:
                field.db_index = False  # type: ignore[attr-defined]
        return fields

    def create_historical_record(self, instance: models.Model, history_type: str, using: str | None = None) -> None:
        # simple-history takes the time of each call; a moment between two of them would show half a transaction.
        instance._history_date = written_at()  # type: ignore[attr-defined]
        super().create_historical_record(instance, history_type, using)
        # Also of rows below the trail, whose ``save`` knows nothing of it: targets, sites, members, the organization itself.
        advance(getattr(instance, "organization_id", instance.pk))

    def get_history_user(self, instance: models.Model) -> Any:
        return getattr(instance, "_history_user", None) or actor()

    def get_change_reason_for_object(self, instance: models.Model, history_type: str, using: str | None) -> str:
        return getattr(instance, "_change_reason", None) or ""


class ScopedRecords(History):
    """The history of scoped rows, limited to their organization like them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(bases=(ScopedHistory,), history_manager=ScopedHistoryManager, **options)

    def copy_fields(self, model: type[models.Model]) -> dict[str, models.Field]:
        """Copy a model's fields without any index of their own; see :meth:`get_meta_options`."""
        fields = super().copy_fields(model)
        fields[model._meta.pk.name].db_index = False  # type: ignore[attr-defined]
        return fields

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Add the one index that history needs: by organization and row.

        It serves both ways of reading: the versions of a record, and everything as of a moment.
        """
        by_row = models.Index(fields=("organization", model._meta.pk.name), name=f"{model._meta.model_name}_past")
        return {**super().get_meta_options(model), "indexes": (by_row,)}

    def create_history_model(self, model: type[models.Model], inherited: bool) -> type[models.Model]:
        """Make the history table, and have its rows reloaded through the scoped manager as well."""
        history: type[models.Model] = super().create_history_model(model, inherited)
        # Set here and not in ``Meta``, where it would need migrations.
        history._meta.base_manager_name = "objects"
        return history


class TrackedQuerySet(ScopedQuerySet):
    """A queryset that refuses every write that would leave no history."""

    def update(self, **values: Any) -> int:
        raise HistoryBypassed(
            f"{self.model.__name__}.objects.update() writes no history: save each row, or use trail.history.bulk_update."
        )

    def delete(self) -> tuple[int, dict[str, int]]:
        raise HistoryBypassed(f"{self.model.__name__}.objects.delete(): rows are archived, never deleted.")

    def bulk_create(self, *args: Any, **options: Any) -> list[Any]:
        raise HistoryBypassed(
            f"{self.model.__name__}.objects.bulk_create() writes no history: use trail.history.bulk_create."
        )

    def bulk_update(self, *args: Any, **options: Any) -> int:
        raise HistoryBypassed(
            f"{self.model.__name__}.objects.bulk_update() writes no history: use trail.history.bulk_update."
        )


Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def bulk_create(model: type[Row], rows: Sequence[Row], *, reason: str = "") -> list[Row]:
    """Insert many rows and the first version of each, in a few statements.

    Args:
        model: a tracked model.
        rows: unsaved instances; they get their keys.
        reason: goes into each version.

    Raises:
        ForeignOrganization: a row is, or points to, another organization's.
    """
    model.prepare(rows)  # type: ignore[attr-defined]
    ours: Any = model._default_manager.all()
    # Past TrackedQuerySet, which refuses it: the versions are written right below.
    created: list[Row] = ScopedQuerySet.bulk_create(ours, rows, batch_size=BATCH)
    _write_versions(model, created, "+", reason)
    return created


@transaction.atomic
def bulk_update(model: type[Row], rows: Sequence[Row], fields: Iterable[str], *, reason: str = "") -> None:
    """Update fields of many rows, and those computed from them, and write a version of each.

    Args:
        model: a tracked model.
        rows: instances that hold the new values, each row once; plain values, no expressions.
        fields: names of the fields to write.
        reason: goes into each version.

    Raises:
        ForeignOrganization: a row is, or points to, another organization's.
    """
    for row in rows:
        row.claim()  # type: ignore[attr-defined]
    model.prepare(rows)  # type: ignore[attr-defined]
    check_references(model, list(rows))
    names = dict.fromkeys((*fields, *model.computed))  # type: ignore[attr-defined]
    _write_values(model, rows, [model._meta.get_field(name) for name in names])
    _write_versions(model, rows, "~", reason)


@transaction.atomic
def bulk_delete(model: type[Row], rows: Sequence[Row], *, reason: str = "") -> None:
    """Remove many links, each with a last version that says so, in a few statements.

    Args:
        model: a kind of link: other tracked rows are never removed.
        rows: links as they stand in the database.
        reason: goes into each version.

    Raises:
        ForeignOrganization: a link is another organization's.
        HistoryBypassed: a link isn't there any more.
    """
    for row in rows:
        row.claim()  # type: ignore[attr-defined]
    # Before the rows go: the database copies each last version from the row.
    _write_versions(model, rows, "-", reason)
    for start in range(0, len(rows), BATCH):
        keys = [row.pk for row in rows[start : start + BATCH]]
        ours: Any = model._default_manager.filter(pk__in=keys)
        ours._raw_delete(connection.alias)  # without the signals, which would write each version once more


@transaction.atomic
def bulk_set(model: type[Row], keys: Sequence[int], *, reason: str = "", **values: Any) -> None:
    """Give many rows the same values, and write a version of each, without reading them.

    It is for values that no computed field is worked out from.

    Args:
        model: a tracked model.
        keys: of rows of the current organization.
        reason: goes into each version.
        values: by field; also expressions, as of a number that goes up.

    Raises:
        HistoryBypassed: a row isn't there.
    """
    key = connection.ops.quote_name(str(model._meta.pk.column))
    for start in range(0, len(keys), BATCH // 2):
        batch = keys[start : start + BATCH // 2]
        ours: Any = model._default_manager.filter(pk__in=batch)
        # Past TrackedQuerySet, which refuses it: the versions are written right below.
        found = ScopedQuerySet.update(ours, **values)
        copied = copy_versions(model, "~", reason, f"{key} IN ({', '.join(['%s'] * len(batch))})", batch)
        if not found == copied == len(batch):
            raise HistoryBypassed(f"{len(batch) - found} rows of {model.__name__} aren't there.")


def _write_values(model: type[Row], rows: Sequence[Row], fields: list[Any]) -> None:
    """Give rows of the current organization the values that their instances hold.

    Django's ``bulk_update`` compares each row with every other one's key (a CASE of as many branches). SQLite runs one
    prepared statement for each row instead, which costs no round trip; PostgreSQL joins the table with arrays of the values.
    """
    write = _write_arrays if connection.vendor == "postgresql" else _write_each
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        keys = [row.pk for row in batch]
        columns = {
            field: [field.get_db_prep_save(getattr(row, field.attname), connection) for row in batch]
            for field in fields
        }
        with connection.cursor() as cursor:
            write(cursor, model, keys, columns)


def _write_each(cursor: Any, model: type[Row], keys: list[Any], columns: dict[Any, list[Any]]) -> None:
    quoted, organization = connection.ops.quote_name, current_organization().pk
    values = ", ".join(f"{quoted(field.column)} = %s" for field in columns)
    # SQL by hand passes no manager, so it names the organization itself.
    where = f"{quoted(str(model._meta.pk.column))} = %s AND organization_id = %s"
    cursor.executemany(
        f"UPDATE {quoted(model._meta.db_table)} SET {values} WHERE {where}",
        [(*row, key, organization) for *row, key in zip(*columns.values(), keys, strict=True)],
    )


def _write_arrays(cursor: Any, model: type[Row], keys: list[Any], columns: dict[Any, list[Any]]) -> None:
    """Write new values with one statement that joins the table with arrays of them.

    Values that all rows share are named once; the others come as one array a column, beside that of the keys.
    """
    quoted, table, key = connection.ops.quote_name, model._meta.db_table, model._meta.pk
    differ = {field: values for field, values in columns.items() if any(value != values[0] for value in values)}
    shared = [values[0] for field, values in columns.items() if field not in differ]
    assigned = [
        f"{quoted(field.column)} = {f'new.{quoted(field.column)}' if field in differ else '%s'}" for field in columns
    ]
    arrays = ", ".join(f"%s::{element_type(field)}[]" for field in (key, *differ))
    names = ", ".join(quoted(str(field.column)) for field in (key, *differ))
    cursor.execute(
        f"UPDATE {quoted(table)} SET {', '.join(assigned)} FROM unnest({arrays}) AS new({names}) "
        f"WHERE {quoted(table)}.{quoted(str(key.column))} = new.{quoted(str(key.column))} AND organization_id = %s",
        [*shared, keys, *differ.values(), current_organization().pk],
    )


def element_type(field: models.Field) -> str:
    """Return the type of an array's values, without its length.

    A cast to a type with a length would cut values off instead of refusing them.
    """
    return str(field.cast_db_type(connection)).partition("(")[0]


def _write_versions(model: type[Row], rows: Sequence[Row], kind: str, reason: str) -> None:
    """Write a version of each row, copied from its table by the database.

    So the history says what stands in the table, not what an instance holds.
    """
    key = connection.ops.quote_name(str(model._meta.pk.column))
    keys = iter([row.pk for row in rows])
    while batch := list(islice(keys, BATCH // 2)):  # some databases take no more than 999 values a statement
        copied = copy_versions(model, kind, reason, f"{key} IN ({', '.join(['%s'] * len(batch))})", batch)
        if copied != len(batch):
            raise HistoryBypassed(
                f"{len(batch) - copied} rows of {model.__name__} have no version: they aren't there to be copied."
            )
    advance()


def copy_versions(model: type[models.Model], kind: str, reason: str, condition: str, values: Sequence[Any] = ()) -> int:
    """Write a version of every row that meets a condition, as it stands in the table.

    Args:
        model: a tracked model.
        kind: what became of the rows, as simple-history says it: ``+``, ``~`` or ``-``.
        reason: goes into each version.
        condition: SQL about the model's table; only the current organization's rows may meet it.
        values: what its placeholders stand for.

    Returns:
        How many there are.
    """
    quoted = connection.ops.quote_name
    history: Any = model.history.model  # type: ignore[attr-defined]
    columns = ", ".join(quoted(field.column) for field in history.tracked_fields)
    said = {
        "history_date": written_at(),
        "history_user": user.pk if (user := actor()) else None,
        "history_change_reason": reason,
        "history_type": kind,
    }
    fields = {history._meta.get_field(name): value for name, value in said.items()}
    told = [field.get_db_prep_save(value, connection) for field, value in fields.items()]
    insert = f"INSERT INTO {quoted(history._meta.db_table)} ({columns}, {', '.join(quoted(field.column) for field in fields)})"
    select = f"SELECT {columns}, {', '.join(['%s'] * len(told))} FROM {quoted(model._meta.db_table)}"
    with connection.cursor() as cursor:
        cursor.execute(f"{insert} {select} WHERE {condition} ORDER BY 1", [*told, *values])
        copied: int = cursor.rowcount
    advance()
    return copied


def refresh_statistics(models_written: Iterable[type[models.Model]]) -> None:
    """Have the database count again what is in the tables of these models.

    What the running transaction wrote counts too. After many rows were written at once the planner still believes the
    tables small, and reads them whole for each row of another one: minutes instead of milliseconds, until the database
    looks again by itself.
    """
    with connection.cursor() as cursor:
        for model in dict.fromkeys(models_written):
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
