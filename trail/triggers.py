"""Triggers that refuse to change or remove what was written once.

They refuse whoever asks: the application, a console, a script.

After each migration every table of versions, events, leaves, seals and rows that are written once refuses UPDATE, DELETE and
(on PostgreSQL) TRUNCATE; tables of records, which are archived and never deleted, refuse the latter two. The tables follow
from the models, so a new one can't be left out. Nothing in the application is ever exempt. Whoever owns the database can
take the triggers away; what is changed then is found by :mod:`trail.sealing.verify`. See ``docs/decisions/0007-seals.md``.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from organizations.scope import Scoped
from trail.models import AppendOnly, Leaf, Link, Seal, Tracked
from trail.sealing.leaves import sources

#: The triggers' names begin with it, and the function's on PostgreSQL is it. A change of what they do takes a new name.
NAME = "written_once"
ALWAYS, NEVER_REMOVED = ("UPDATE", "DELETE"), ("DELETE",)


def guarded() -> dict[str, tuple[str, ...]]:
    """Return what each guarded table refuses, by table, besides being emptied."""
    written_once = {source.model for source in sources()} | {Leaf, Seal}
    return {
        model._meta.db_table: ALWAYS if model in written_once or _is_written_once(model) else NEVER_REMOVED
        for model in apps.get_models(include_auto_created=True)
        if model in written_once
        or _is_written_once(model)
        or (issubclass(model, Tracked) and not issubclass(model, Link))
    }


def _is_written_once(model: type[models.Model]) -> bool:
    return issubclass(model, AppendOnly) or (issubclass(model, Scoped) and bool(model.as_of_field))


def protect_tables(sender: AppConfig, using: str, **_: Any) -> None:
    """Give every table the triggers that it lacks. Connected to ``post_migrate``."""
    connection = connections[using]
    existing, there = set(connection.introspection.table_names()), _triggers(connection)
    with transaction.atomic(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table, refused in guarded().items():
            # SQLite has no TRUNCATE: it empties a table by DELETE, which is refused already.
            for statement in (*refused, *(("TRUNCATE",) if connection.vendor == "postgresql" else ())):
                if table in existing and (table, _name(connection, table, statement)) not in there:
                    cursor.execute(_trigger(connection, table, statement))


def _name(connection: BaseDatabaseWrapper, table: str, statement: str) -> str:
    # On PostgreSQL a trigger's name is one of its table's, on SQLite one of the whole database's.
    name = f"{NAME}_{statement.lower()}"
    return name if connection.vendor == "postgresql" else f"{name}_{table}"


def _triggers(connection: BaseDatabaseWrapper) -> set[tuple[str, str]]:
    """Return the triggers that are there and in force, by table and name."""
    if connection.vendor == "postgresql":
        # One that was switched off (tgenabled = 'D') counts as missing, and is made again.
        query = (
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND pg_table_is_visible(c.oid)"
        )
    else:
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    with connection.cursor() as cursor:
        cursor.execute(query)
        return set(cursor.fetchall())


#: Refuses whatever it is called for.
_FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are written once: % is refused.', TG_TABLE_NAME, TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _trigger(connection: BaseDatabaseWrapper, table: str, statement: str) -> str:
    name, on = connection.ops.quote_name(_name(connection, table, statement)), connection.ops.quote_name(table)
    if connection.vendor == "postgresql":
        each = "STATEMENT" if statement == "TRUNCATE" else "ROW"
        return f"CREATE OR REPLACE TRIGGER {name} BEFORE {statement} ON {on} FOR EACH {each} EXECUTE FUNCTION {NAME}()"
    said = f"Rows of {table} are written once: {statement} is refused."
    return f"CREATE TRIGGER {name} BEFORE {statement} ON {on} BEGIN SELECT RAISE(ABORT, '{said}'); END"
