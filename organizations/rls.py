"""Row-level security on PostgreSQL: it limits queries that no manager saw, raw SQL too.

After each migration every table of scoped rows gets a policy that compares ``organization_id`` with the session's setting
``customerfocus.organization``, which :mod:`organizations.scope` keeps. See ``docs/decisions/0001-scope.md``.
"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from organizations.scope import ScopedManager, tell_connection

#: The policy's name. A change of its rule takes a new name, so that tables are given the new one.
POLICY = "one_organization"
#: Read once a statement, and an index on ``organization_id`` can be used with it. Without a setting it is null: no row.
RULE = "organization_id = (SELECT nullif(current_setting('customerfocus.organization', true), '')::bigint)"


def scoped_tables() -> list[str]:
    """Return the tables whose rows belong to one organization each, histories included."""
    return [model._meta.db_table for model in apps.get_models() if is_scoped(model) and model._meta.managed]


def is_scoped(model: type[models.Model]) -> bool:
    """Return whether a model's manager limits it to the current organization."""
    return isinstance(model._default_manager, ScopedManager)


def protect_tables(sender: AppConfig, using: str, **_: Any) -> None:
    """Give every scoped table that has none its policy.

    Connected to ``post_migrate``; does nothing on SQLite.
    """
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    existing, protected = set(connection.introspection.table_names()), _protected(connection)
    for table in scoped_tables():
        if table in existing and table not in protected:
            _protect(connection, table)


def _protected(connection: BaseDatabaseWrapper) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
            "WHERE p.polname = %s AND c.relrowsecurity AND c.relforcerowsecurity AND pg_table_is_visible(c.oid)",
            [POLICY],
        )
        return {name for (name,) in cursor.fetchall()}


def _protect(connection: BaseDatabaseWrapper, table: str) -> None:
    # Each table in a transaction of its own, so that its lock is held for a moment only.
    name, policy = connection.ops.quote_name(table), connection.ops.quote_name(POLICY)
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        cursor.execute(
            f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
        )  # for the owner too, whom the application connects as
        cursor.execute(f"DROP POLICY IF EXISTS {policy} ON {name}")
        cursor.execute(f"CREATE POLICY {policy} ON {name} USING ({RULE}) WITH CHECK ({RULE})")


def tell_new_connection(sender: object, connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Tell a connection that opens inside an organization which one it is.

    Connected to ``connection_created``.
    """
    if connection.vendor == "postgresql":
        tell_connection(connection)
