"""A leaf's bytes: every column, in canonical form, told apart whenever the database tells them apart."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.apps import apps
from django.db import connection, models
from hypothesis import assume, given
from hypothesis import strategies as st
from simple_history.models import HistoricalChanges

from organizations.models import Organization, Targets
from organizations.scope import in_organization
from requirements_registry.models import Requirement
from tests.people import People
from tests.support.factories import make
from tests.support.triggers import lifted
from trail.models import Event, record_event
from trail.sealing import leaves
from trail.sealing.canonical import as_json, canonical_bytes
from trail.sealing.leaves import leaf_bytes, source_of, sources


def by_definition(row: models.Model) -> bytes:
    """What a leaf's bytes are, the slow way: by way of Django's own values."""
    values = {field.attname: as_json(field.value_from_object(row)) for field in row._meta.concrete_fields}
    return canonical_bytes({"table": row._meta.db_table, "row": values})


def test_every_table_of_versions_is_a_source_and_so_are_events() -> None:
    histories = {model for model in apps.get_models() if issubclass(model, HistoricalChanges)}
    assert {source.model for source in sources()} == histories | {Event}
    assert {"HistoricalOrganization", "HistoricalMembership", "HistoricalSite", "HistoricalTargets"} <= {
        source.model.__name__ for source in sources()
    }


@pytest.mark.parametrize("source", sources(), ids=lambda source: source.table)
def test_every_column_of_a_source_has_a_form(source: Any) -> None:
    for vendor in ("sqlite", "postgresql"):
        form = leaves._form(source.model, vendor)
        assert set(form.names) == {field.attname for field in source.model._meta.concrete_fields}


@pytest.mark.django_db
def test_the_bytes_are_those_of_the_definition(in_acme: Organization, people: People) -> None:
    requirement = make(Requirement, title="“Ünïcödé”\n\u2028 \x7f 🛠 \\ / <&>")
    Targets.objects.create(effective_from=date(2021, 2, 3), conformity_target=Decimal("7.5"))
    record_event("exported", "REQ-0001", rows=3, names=["é", None, True], nested={"b": 1, "a": {}})
    for row in (*requirement.history.all(), *Targets.history.all(), *Event.objects.all()):  # type: ignore[attr-defined]
        assert leaf_bytes(type(row), row.pk) == by_definition(row)


@pytest.mark.django_db
def test_a_moment_without_a_fraction_of_a_second_is_written_in_full(in_acme: Organization) -> None:
    event = record_event("looked")
    with lifted(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE trail_event SET at = %s",
            [connection.ops.adapt_datetimefield_value(datetime(2026, 1, 2, tzinfo=UTC))],
        )
    assert json.loads(leaf_bytes(Event, event.pk))["row"]["at"] == "2026-01-02T00:00:00.000000Z"


@pytest.mark.django_db
def test_a_row_of_another_organization_is_not_there(acme: Organization, other: Organization) -> None:
    with in_organization(other):
        event = record_event("looked")
    with in_organization(acme), pytest.raises(LookupError):
        leaf_bytes(Event, event.pk)


def test_rows_that_are_no_versions_are_no_leaves() -> None:
    with pytest.raises(LookupError):
        source_of(Requirement)


SQLITE_FIELDS = [
    models.DateTimeField(),
    models.BooleanField(),
    models.DecimalField(max_digits=5, decimal_places=2),
    models.JSONField(),
    models.UUIDField(),
    models.BinaryField(),
    models.IntegerField(),
    models.TextField(),
]
sqlite_values = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-1, 2),
    st.floats(allow_nan=False),
    st.text(max_size=30),
    st.binary(max_size=8),
    st.sampled_from(["2026-01-02 00:00:00", "2026-01-02 00:00:00.000000", "2026-01-02T00:00:00.000000Z"]),
    st.sampled_from(
        ["0" * 32, "00000000-0000-0000-0000-000000000000", '{"a": 1}', '{"a":1}', '{"a": 2, "a": 1}', "ff"]
    ),
)


@given(sqlite_values, sqlite_values, st.sampled_from(SQLITE_FIELDS))
def test_whatever_sqlite_tells_apart_has_other_bytes(one: Any, two: Any, field: models.Field) -> None:
    """SQLite keeps anything in any column; a number is the same there with and without a fraction of zero."""
    field.name = field.column = "value"
    _expression, convert = leaves._reading(field, "sqlite")
    form = leaves._Form((), ("value",), ((0, convert),) if convert else (), b"}")
    if isinstance(field, models.DecimalField):
        assume(str not in (type(one), type(two)))  # such a column makes a number of a text that is one
    kinds = [float if type(value) is int else type(value) for value in (one, two)]
    if one != two or kinds[0] is not kinds[1]:
        assert form.encode([one]) != form.encode([two])


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))  # fmt: skip
def test_any_json_has_bytes(value: Any) -> None:
    text = json.dumps(value)
    for read in (leaves._json, leaves._json_as_written):
        assert orjson.dumps(read(text))
