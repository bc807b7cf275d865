"""Rows that are written once: the database itself refuses to change or remove them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from organizations.models import Organization
from organizations.scope import Scoped, in_organization
from tests.trail import sealed
from trail.models import AppendOnly, Link, Tracked
from trail.sealing.leaves import sources
from trail.triggers import ALWAYS, guarded, protect_tables

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def house(kept_db: None) -> Iterator[Organization]:
    """An organization with rows in every table, for all tests."""
    with in_organization(sealed.furnish()) as organization:
        yield organization


def attempt(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("table", [table for table, refused in guarded().items() if refused == ALWAYS])
def test_the_database_refuses_to_change_what_is_written_once(house: Organization, table: str) -> None:
    (model,) = (model for model in apps.get_models() if model._meta.db_table == table)
    if not model._base_manager.exists():
        pytest.skip(f"{table} has no row here: evaluations of a day are kept by themselves.")
    column = model._meta.pk.column
    with pytest.raises(IntegrityError, match=f"Rows of {table} are written once: UPDATE is refused"):
        attempt(f'UPDATE "{table}" SET "{column}" = "{column}"')


@pytest.mark.parametrize("table", guarded())
def test_the_database_refuses_to_remove_what_is_never_removed(house: Organization, table: str) -> None:
    (model,) = (model for model in apps.get_models() if model._meta.db_table == table)
    if model._base_manager.exists():
        with pytest.raises(IntegrityError, match=f"Rows of {table} are written once: DELETE is refused"):
            attempt(f'DELETE FROM "{table}"')
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="TRUNCATE is refused"):
            attempt(f'TRUNCATE "{table}" CASCADE')


def test_no_table_of_what_is_written_once_is_left_out() -> None:
    models = apps.get_models(include_auto_created=True)
    once = {source.table for source in sources()} | {"trail_leaf", "trail_seal", "clauses_snapshot"}
    once |= {model._meta.db_table for model in models if issubclass(model, AppendOnly)}
    kept = {model._meta.db_table for model in models if issubclass(model, Tracked) and not issubclass(model, Link)}
    assert {table for table, refused in guarded().items() if refused == ALWAYS} == once
    assert guarded().keys() == once | kept
    assert all(issubclass(model, Scoped) for model in models if model._meta.db_table in kept)


def test_a_trigger_that_was_taken_away_is_there_again_after_a_migration(house: Organization) -> None:
    name = '_update" ON "trail_event"' if connection.vendor == "postgresql" else '_update_trail_event"'
    attempt(f'DROP TRIGGER "written_once{name}')
    protect_tables(apps.get_app_config("trail"), using="default")
    with pytest.raises(IntegrityError, match="written once"):
        attempt('UPDATE "trail_event" SET "verb" = "verb"')
