"""The leaves of the hash tree: the exact bytes of versions and events.

They are the same on every database: canonical JSON (RFC 8785) of ``{"row": {column: value …}, "table": …}`` with every
column of the row, in the types of :func:`trail.sealing.canonical.as_json`. Sources are found among the models, so that
a table can't be left out.

Values are read as the database keeps them, past the conversions of Django, for two reasons: it is several times as
fast, and a value that only reads like the one that was sealed (on SQLite, 2 in a column of booleans) has other bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property, lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models

from organizations.scope import current_organization
from trail.models import Event
from trail.sealing.canonical import canonical_bytes

#: Rows read at once.
BATCH = 5000
#: Characters of a text that is worth remembering.
SHORT = 200


@dataclass(frozen=True)
class Source:
    """A table whose rows become leaves."""

    model: type[models.Model]
    #: The model whose rows these are versions of; none for events.
    follows: type[models.Model] | None = None

    @property
    def table(self) -> str:
        """The table's name, by which leaves know it."""
        return self.model._meta.db_table

    @property
    def key(self) -> str:
        """The column of the primary key."""
        return str(self.model._meta.pk.column)

    @cached_property
    def organization(self) -> str:
        """The column that says whose row it is; of an organization's own versions, its id."""
        names = {field.column for field in self.model._meta.concrete_fields}
        return "organization_id" if "organization_id" in names else "id"

    def rows(
        self, condition: str = "TRUE", values: Sequence[Any] = (), *, limit: int = -1
    ) -> Iterator[tuple[int, bytes]]:
        """Yield keys and leaf bytes of the current organization's rows, in the order of the keys.

        Args:
            condition: SQL about the row, which is called ``source``.
            values: what its placeholders stand for.
            limit: at most so many; all where it is negative.
        """
        form = _form(self.model, connection.vendor)
        quote = connection.ops.quote_name
        query = (
            f"SELECT source.{quote(self.key)}, {', '.join(form.expressions)} FROM {quote(self.table)} source "
            f"WHERE source.{quote(self.organization)} = %s AND {condition} ORDER BY source.{quote(self.key)}"
        )
        if limit >= 0:
            query += f" LIMIT {limit:d}"
        # All rows of a table may be more than fit in memory; a few need no cursor on the server.
        with connection.cursor() if limit >= 0 else connection.chunked_cursor() as cursor:
            cursor.execute(query, [current_organization().pk, *values])
            while found := cursor.fetchmany(BATCH):
                for row in found:
                    yield row[0], form.encode(row[1:])


@cache
def sources() -> tuple[Source, ...]:
    """Return every table of versions, and that of events, in the order of their names."""
    found = [Source(Event)]
    for model in apps.get_models(include_auto_created=True):
        if manager := getattr(model._meta, "simple_history_manager_attribute", None):
            found.append(Source(getattr(model, manager).model, model))
    return tuple(sorted(found, key=lambda source: source.table))


def source_of(model: type[models.Model]) -> Source:
    """Return the source whose rows are of this model.

    Raises:
        LookupError: rows of this model are no leaves.
    """
    for source in sources():
        if source.model is model:
            return source
    raise LookupError(f"{model._meta.label} holds neither versions nor events.")


def leaf_bytes(model: type[models.Model], key: int) -> bytes:
    """Return the bytes of a leaf, of which its hash is taken.

    Args:
        model: a table of versions, or `trail.models.Event`.
        key: the row's primary key.

    Raises:
        LookupError: there is no such row in the current organization, or its model's rows are no leaves.
    """
    source = source_of(model)
    condition = f"source.{connection.ops.quote_name(source.key)} = %s"
    for _key, data in source.rows(condition, [key], limit=1):
        return data
    raise LookupError(f"{source.table} has no row {key}.")


@dataclass(frozen=True)
class _Form:
    """The way in which rows of a model are read from one kind of database and written as bytes."""

    expressions: tuple[str, ...]
    names: tuple[str, ...]
    #: Columns by their position whose values have to be converted.
    conversions: tuple[tuple[int, Callable[[Any], Any]], ...]
    tail: bytes

    def encode(self, row: Sequence[Any]) -> bytes:
        values = list(row)
        for at, convert in self.conversions:
            if values[at] is not None:
                values[at] = convert(values[at])
        if not _PLAIN.issuperset(map(type, values)):  # somebody put there what doesn't belong there
            values = [value if type(value) in _PLAIN else _odd(value) for value in values]
        # "row" comes before "table", and the names are sorted: canonical without sorting anything for each row.
        return b'{"row":' + orjson.dumps(dict(zip(self.names, values, strict=True))) + self.tail


_PLAIN = {str, int, bool, type(None), orjson.Fragment}


def _odd(value: object) -> str:
    """Return what stands in a leaf for a value that the application doesn't write.

    It is a text that the application doesn't write either.
    """
    return f"{type(value).__name__} {value!r}"


@cache
def _form(model: type[models.Model], vendor: str) -> _Form:
    fields = sorted(model._meta.concrete_fields, key=lambda field: field.attname)
    read = [_reading(field, vendor) for field in fields]
    return _Form(
        expressions=tuple(expression for expression, _convert in read),
        names=tuple(field.attname for field in fields),
        conversions=tuple((at, convert) for at, (_expression, convert) in enumerate(read) if convert),
        tail=b',"table":' + canonical_bytes(model._meta.db_table) + b"}",
    )


def _reading(field: models.Field, vendor: str) -> tuple[str, Callable[[Any], Any] | None]:
    """Return the SQL that reads a column, and what makes its value plain if that doesn't."""
    column = f"source.{connection.ops.quote_name(str(field.column))}"
    while isinstance(field, models.ForeignKey):  # whose column is of the type of what it points to
        field = field.target_field
    for kinds, on_sqlite, on_postgresql in _READINGS:
        if isinstance(field, kinds):
            expression, convert = on_sqlite(field) if vendor == "sqlite" else on_postgresql(field)
            return expression.format(column), convert
    raise ImproperlyConfigured(
        f"{field}: say in trail/sealing/leaves.py how a {type(field).__name__} is written in a leaf."
    )


def _moment(value: object) -> str:
    """Convert a moment as SQLite keeps it: with a fraction of a second only where there is one."""
    if type(value) is str and value[10:11] == " ":
        if len(value) == 19:
            return f"{value[:10]}T{value[11:]}.000000Z"
        if len(value) == 26 and not value.endswith(".000000"):
            return f"{value[:10]}T{value[11:]}Z"
    return _odd(value)


def _truth(value: object) -> bool | str:
    return value == 1 if value in (0, 1) else _odd(value)


def _decimal(places: int) -> Callable[[Any], str]:
    """Give a function that writes a number of SQLite with as many places as its column has."""

    def convert(value: object) -> str:
        if type(value) in (int, float) and float(text := f"{value:.{places}f}") == value:
            return text
        return _odd(value)

    return convert


def _uuid(value: Any) -> str:
    with suppress(ValueError, AttributeError, TypeError):
        if UUID(value).hex == value:
            return str(UUID(value))
    return _odd(value)


def _digits(value: object) -> str:
    return value.hex() if type(value) is bytes else _odd(value)


def _remembered(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Remember what short texts become: in most rows a column of JSON says the same few things."""
    known = lru_cache(maxsize=1024)(convert)
    return lambda value: known(value) if type(value) is str and len(value) <= SHORT else convert(value)


def _json(value: Any) -> Any:
    """Write a text of JSON in its canonical form."""
    try:
        return orjson.Fragment(canonical_bytes(_without_floats(json.loads(value, parse_float=Decimal))))
    except (ValueError, TypeError, RecursionError):
        return _odd(value)


def _json_as_written(value: Any) -> Any:
    """Write a text of JSON from SQLite, which keeps it like any other text.

    One that isn't written as Django writes it (a key twice, say) may be read in two ways, so it isn't read at all.
    """
    try:
        return _json(value) if json.dumps(json.loads(value)) == value else _odd(value)
    except (ValueError, TypeError, RecursionError):
        return _odd(value)


def _without_floats(value: object) -> Any:
    """Write numbers with a fraction, or too large for I-JSON, as an object with their digits."""
    match value:
        case Decimal():
            return {"number": str(value)}
        case bool():  # before int, which it is too
            return value
        case int() if abs(value) >= 2**53:
            return {"number": str(value)}
        case dict():
            return {key: _without_floats(item) for key, item in value.items()}
        case list():
            return [_without_floats(item) for item in value]
    return value


_Reading = Callable[[Any], tuple[str, Callable[[Any], Any] | None]]
#: ``+`` keeps SQLite's driver from converting by the column's type.
_RAW: _Reading = lambda field: ("+{}", None)
_AS_IT_IS: _Reading = lambda field: ("{}", None)
_TEXT: _Reading = lambda field: ("{}::text", None)
# to_char() drops the era of years before Christ, and infinity altogether: these stand as PostgreSQL writes them.
_MOMENT = """CASE WHEN {0} >= '0001-01-01Z' AND {0} < '10000-01-01Z' THEN to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') ELSE {0}::text END"""
_DATE = "CASE WHEN {0} >= '0001-01-01' AND {0} < '10000-01-01' THEN to_char({0}, 'YYYY-MM-DD') ELSE {0}::text END"
#: Kinds of fields, how they are read from SQLite, and how from PostgreSQL. Django's DateTimeField is a DateField too, so
#: it comes first.
_READINGS: tuple[tuple[Any, _Reading, _Reading], ...] = (
    (models.DateTimeField, lambda field: ("+{}", _moment), lambda field: (_MOMENT, None)),
    (models.DateField, _RAW, lambda field: (_DATE, None)),
    (models.BooleanField, lambda field: ("+{}", _truth), _AS_IT_IS),
    (models.DecimalField, lambda field: ("+{}", _decimal(field.decimal_places)), _TEXT),
    (
        models.JSONField,
        lambda field: ("+{}", _remembered(_json_as_written)),
        lambda field: ("{}::text", _remembered(_json)),
    ),
    (models.UUIDField, lambda field: ("+{}", _uuid), _TEXT),
    (models.BinaryField, lambda field: ("+{}", _digits), lambda field: ("encode({}, 'hex')", None)),
    ((models.IntegerField, models.CharField, models.TextField), _RAW, _AS_IT_IS),
)
