"""The search's index on SQLite, where many rows are written at once: their texts come into it afterwards.

Taking texts apart is most of the time that writing rows takes, and on SQLite everybody else who writes waits for it. So
a transaction that writes many rows only writes down which ones they are; the index gets them in small transactions after
it. Until then a search looks at each of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from django.db import connection, transaction

from organizations.scope import current_organization
from registers.lists.search import index_name, is_indexed, texts_of
from registers.register import Register, registry

#: Rows whose texts are taken into the index in one transaction.
PORTION = 500


@contextmanager
def indexed_later(register: Register) -> Iterator[None]:
    """Leave the index alone inside the block, a part of one transaction; it catches up after the commit."""
    if not _applies(register):
        yield
        return
    later, table = f"{index_name(register)}_later", register.model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {later} VALUES (0, 0)")
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        last = cursor.fetchone()[0]
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {later} WHERE id = 0")
        # Changed rows were noted by a trigger; of new ones their keys tell.
        cursor.execute(f"INSERT OR IGNORE INTO {later} SELECT id, organization_id FROM {table} WHERE id > %s", [last])
    # Robust: the rows stand by now, and what keeps the index from catching up is no reason to say otherwise.
    transaction.on_commit(partial(catch_up, register), robust=True)


def catch_up(register: Register) -> None:
    """Take what was left into the index, the current organization's, a portion at a time."""
    while _applies(register) and _take_portion(register):
        pass


def catch_up_all() -> None:
    """Do so for every register: a process that was to may have been killed."""
    for register in registry:
        catch_up(register)


def _applies(register: Register) -> bool:
    return connection.vendor == "sqlite" and is_indexed(register)


def _take_portion(register: Register) -> bool:
    name, organization = index_name(register), current_organization().pk
    waiting = f"SELECT id FROM {name}_later WHERE organization_id = {organization:d} ORDER BY id LIMIT {PORTION}"
    with connection.cursor() as cursor:
        cursor.execute(waiting)
        if not (keys := [key for (key,) in cursor.fetchall()]):
            return False
    given = ", ".join(map(str, keys))
    with transaction.atomic(), connection.cursor() as cursor:
        texts = texts_of(register, register.model._meta.db_table)
        cursor.execute(f"INSERT OR REPLACE INTO {name} (rowid, organization_id, text) {texts} WHERE id IN ({given})")
        cursor.execute(f"DELETE FROM {name}_later WHERE id IN ({given})")
    return True
