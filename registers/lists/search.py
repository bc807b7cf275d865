"""The search in a register, with an index of pieces of three letters of its texts.

The index tells which rows are worth looking at. Each register's table has one beside it that holds the texts of its
searched fields, kept by triggers: on PostgreSQL with an index of ``pg_trgm``, on SQLite as an FTS5 table. It only
proposes rows; whether a row holds the words is decided by looking at the row itself, under the policy that confines it
(:func:`search`). An index on the register's own table would be of no use: where row-level security is on, PostgreSQL
uses one only for comparisons that can't tell anything of other organizations' rows, and LIKE isn't counted among them.
See ``docs/decisions/0016-scale.md``.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any, NamedTuple

from django.apps import AppConfig
from django.db import DatabaseError, connection, models, transaction
from django.db.models import Case, Q, Value, When
from django.db.models.expressions import RawSQL

from organizations import clock
from organizations.models import Organization
from organizations.rls import POLICY, RULE
from organizations.scope import current_organization, in_organization
from registers.lists.pagination import CAP
from registers.reach import reached
from registers.register import Register, registry

log = logging.getLogger(__name__)

#: Letters that a word needs to be looked up.
PIECE = 3
#: Keys that are looked up. The tenth above what is counted makes up for rows that filters leave out.
MOST = CAP + CAP // 10
#: Words that a search goes by; nobody types more, and each is held against every searched field.
MOST_WORDS = 32


class SearchResult(NamedTuple):
    """What a search found.

    Attributes:
        rows: all of it.
        sample: some of it, where it is much: if that alone is more than anybody counts, the rest need not be read.
    """

    rows: models.QuerySet
    sample: models.QuerySet | None = None


def search(register: Register, queryset: models.QuerySet, text: str) -> SearchResult:
    """Narrow to rows in which every word of ``text`` occurs, in any of the searched fields."""
    words = list(dict.fromkeys(text.replace("\0", " ").split()))[:MOST_WORDS]
    if not words:
        return SearchResult(queryset)
    fields = (
        "reference__icontains",
        "external_id__iexact",
        "tags__icontains",
        *(f"{n}__icontains" for n in register.search),
    )
    holds = Q(*(Q(*(_holds(queryset.model, field, word) for field in fields), _connector=Q.OR) for word in words))
    found = proposed(register, words)
    if found is None:
        return SearchResult(queryset.filter(holds))
    known = queryset.filter(Q(pk__in=among(found.keys)), holds)
    return SearchResult(known) if found.is_all else SearchResult(queryset.filter(_often(holds)), known)


def _holds(model: type[models.Model], field: str, word: str) -> Q:
    """Return the condition that a field holds a word; of a linked row, that it is in reach as well."""
    return Q(**{field: word}) & reached(model, field)


def _often(condition: Q) -> Case:
    """Tell the database that many rows meet a condition.

    PostgreSQL, which takes words for rare, would read and sort the whole table for a page of them; of a CASE it
    assumes that every other row meets it, and reads along the sort's index until the page is full.
    """
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=models.BooleanField())


# --- What the index knows ---------------------------------------------------------------------------------------------


class Proposed(NamedTuple):
    """Keys of rows that may hold every one of some words.

    They are those of all such rows, or of some of very many.
    """

    keys: list[int]
    is_all: bool


def proposed(register: Register, words: Sequence[str]) -> Proposed | None:
    """Return the rows worth looking at: all that hold every word, and some that don't.

    Returns None where the index can't tell: without it, in the past, for words of one or two letters.
    """
    long = [word for word in words if len(word) >= PIECE]
    if not long or clock.travelled_to() is not None or not is_indexed(register):
        return None
    query, values = _query(register, long)
    with connection.cursor() as cursor:
        cursor.execute(f"{query} LIMIT {MOST + 1}", values)
        found = [key for (key,) in cursor.fetchall()]
    return Proposed(found, len(found) <= MOST)


def among(keys: list[int]) -> RawSQL:
    """Return a query of keys to look others up in.

    They are given to the database as one value, however many they are.
    """
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [keys])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(keys)])


def _query(register: Register, words: list[str]) -> tuple[str, list[Any]]:
    """Return the query for the keys of rows that hold all the words, and its values.

    A row's own texts hold them; where other rows' names are searched too, word by word, in one or the other.
    """
    others = _searched_keys(register)
    if not others:
        return _holding(register, words)
    queries, values = [], []
    for word in words:
        query, its = _holding(register, [word])
        parts = [query]
        for column, other in others:
            named, further = _holding(other, [word])
            table = connection.ops.quote_name(register.model._meta.db_table)
            parts.append(
                f"SELECT id FROM {table} WHERE organization_id = %s AND {connection.ops.quote_name(column)} IN ({named})"
            )
            its += [current_organization().pk, *further]
        queries.append(f"SELECT id FROM ({' UNION '.join(parts)}) AS each_word")
        values += its
    return " INTERSECT ".join(queries), values


def _holding(register: Register, words: list[str]) -> tuple[str, list[Any]]:
    """Return the query for the keys of rows whose own texts hold all the words."""
    table, organization = index_name(register), current_organization().pk
    if connection.vendor == "postgresql":
        # In capitals, as icontains compares on PostgreSQL: every row that it finds must be among those proposed.
        holds = " AND ".join(["text LIKE upper(%s)"] * len(words))
        patterns = [f"%{connection.ops.prep_for_like_query(word)}%" for word in words]
        return f"SELECT id FROM {table} WHERE organization_id = %s AND {holds}", [organization, *patterns]
    phrases = " AND ".join('"{}"'.format(word.replace('"', '""')) for word in words)
    known = f"SELECT rowid AS id FROM {table} WHERE {table} MATCH %s AND organization_id = %s"
    # Of rows whose texts aren't in the index yet it can't tell, so each may be meant.
    return f"{known} UNION ALL SELECT id FROM {table}_later WHERE organization_id = %s", [
        phrases,
        organization,
        organization,
    ]


def _searched_keys(register: Register) -> list[tuple[str, Register]]:
    """Return the columns that lead to rows whose name is searched too, with their registers."""
    paths = [name.partition("__")[0] for name in register.search if "__" in name]
    fields: list[Any] = [register.model._meta.get_field(name) for name in paths]
    return [(field.column, registry.of(field.related_model)) for field in fields]


def index_name(register: Register) -> str:
    """Return what the table of a register's index is called."""
    return f"{register.model._meta.db_table}_searched"


def _columns(register: Register) -> list[str]:
    """Return the columns of a row that are searched.

    Those through which other registers search it are included.
    """
    names = ["reference", "external_id", "tags", *(name for name in register.search if "__" not in name)]
    for other in registry:
        for path in other.search:
            key, _, name = path.partition("__")
            if name and other.model._meta.get_field(key).related_model is register.model:
                names.append(name)
    fields: list[Any] = [register.model._meta.get_field(name) for name in dict.fromkeys(names)]
    return [field.column for field in fields]


def is_indexed(register: Register) -> bool:
    """Return whether a register has an index."""
    return _is_there(index_name(register))


@cache
def _is_there(name: str) -> bool:
    """Return whether an index was made, asked once a process."""
    return name in connection.introspection.table_names()


# --- Making it --------------------------------------------------------------------------------------------------------


def make_indexes(sender: AppConfig, **_: Any) -> None:
    """Give every register's table its index where it lacks it, or has one of other columns.

    Connected to ``post_migrate``. Where the database offers no such index, searches read the tables, and the log says
    so.
    """
    _is_there.cache_clear()
    existing = set(connection.introspection.table_names())
    lacking = [each for each in registry if each.model._meta.db_table in existing and not _is_kept(each)]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if lacking and connection.vendor == "postgresql":
                cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for register in lacking:
                for statement in _statements(register):
                    cursor.execute(statement)
            _fill(lacking)
    except DatabaseError as error:
        log.warning("Searches are slow in large registers: the database can't index parts of words (%s).", error)


def _is_kept(register: Register) -> bool:
    """Return whether the trigger is there that keeps an index of these very columns."""
    names = "SELECT tgname FROM pg_trigger" if connection.vendor == "postgresql" else "SELECT name FROM sqlite_master"
    column = "tgname" if connection.vendor == "postgresql" else "name"
    with connection.cursor() as cursor:
        cursor.execute(f"{names} WHERE {column} = %s", [_trigger(register, "insert")])
        return cursor.fetchone() is not None


def _trigger(register: Register, event: str) -> str:
    # The name tells the columns, so that an index of others is seen to be out of date. PostgreSQL cuts names at 63.
    told = [*_columns(register), *["later"] * (connection.vendor == "sqlite")]
    columns = sha256(",".join(told).encode()).hexdigest()[:8]
    return f"searched_{event}_{columns}_{register.model._meta.db_table}"[:63]


def _statements(register: Register) -> list[str]:
    table, name = register.model._meta.db_table, index_name(register)
    if connection.vendor == "postgresql":
        upsert = (
            f"INSERT INTO {name} {texts_of(register, 'new')} ON CONFLICT (id) DO UPDATE SET text = excluded.text "
            f"WHERE {name}.text <> excluded.text"
        )
        return [
            # Its triggers go with it, whatever columns they were made for.
            f"DROP FUNCTION IF EXISTS {name}() CASCADE",
            f"DROP TABLE IF EXISTS {name}",
            f"CREATE TABLE {name} (id bigint PRIMARY KEY, organization_id bigint NOT NULL, text text NOT NULL)",
            f"CREATE INDEX {name}_pieces ON {name} USING gin (text gin_trgm_ops)",
            f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",  # not forced: the owner's searches must reach the index
            f"CREATE POLICY {POLICY} ON {name} USING ({RULE})",
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {upsert}; RETURN NULL; END $$",
            *(
                f"CREATE TRIGGER {_trigger(register, event)} AFTER {event} ON {table} "
                f"REFERENCING NEW TABLE AS new FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
                for event in ("insert", "update")
            ),
        ]
    changed = " OR ".join(f'old."{column}" IS NOT new."{column}"' for column in _columns(register))
    values = f"VALUES (new.id, new.organization_id, {_text(register, 'new.')})"
    write = f"BEGIN INSERT OR REPLACE INTO {name} (rowid, organization_id, text) {values}; END"
    note = f"BEGIN INSERT OR IGNORE INTO {name}_later VALUES (new.id, new.organization_id); END"
    # While many rows are written, it is only noted which ones: see registers/lists/search_later.py.
    many = f"EXISTS (SELECT 1 FROM {name}_later WHERE id = 0)"
    return [
        *(f"DROP TRIGGER {trigger}" for trigger in _old_triggers(register)),
        f"DROP TABLE IF EXISTS {name}",
        f"DROP TABLE IF EXISTS {name}_later",
        f"CREATE TABLE {name}_later (id integer PRIMARY KEY, organization_id bigint NOT NULL)",
        f"CREATE VIRTUAL TABLE {name} USING fts5(organization_id UNINDEXED, text, tokenize='trigram')",
        f"CREATE TRIGGER {_trigger(register, 'insert')} AFTER INSERT ON {table} WHEN NOT {many} {write}",
        f"CREATE TRIGGER {_trigger(register, 'update')} AFTER UPDATE ON {table} WHEN ({changed}) AND NOT {many} {write}",
        f"CREATE TRIGGER {_trigger(register, 'note')} AFTER UPDATE ON {table} WHEN ({changed}) AND {many} {note}",
    ]


def _old_triggers(register: Register) -> list[str]:
    """Return SQLite's triggers that kept an index of other columns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s AND name LIKE 'searched\\_%%' ESCAPE '\\'",
            [register.model._meta.db_table],
        )
        return [name for (name,) in cursor.fetchall()]


def texts_of(register: Register, table: str) -> str:
    """Return the query for keys, organizations and searched texts of the rows of a table."""
    return f"SELECT id, organization_id, {_text(register)} FROM {table}"


def _text(register: Register, of: str = "") -> str:
    """Return the searched texts of a row as one SQL expression.

    Between them stands a character that no searched word holds.
    """
    columns = [f'{of}"{column}"' for column in _columns(register)]
    if connection.vendor == "postgresql":
        return f"upper(concat_ws(chr(10), {', '.join(columns)}))"
    return " || char(10) || ".join(f"coalesce({column}, '')" for column in columns)


def _fill(registers: list[Register]) -> None:
    """Take up the rows that are there already, organization by organization.

    Nobody sees those of several.
    """
    for organization in Organization.objects.all() if registers else ():
        with in_organization(organization), connection.cursor() as cursor:
            for register in registers:
                columns = "id" if connection.vendor == "postgresql" else "rowid"
                cursor.execute(
                    f"INSERT INTO {index_name(register)} ({columns}, organization_id, text) "
                    f"{texts_of(register, register.model._meta.db_table)} WHERE organization_id = %s",
                    [organization.pk],
                )
