"""Current rows against their last versions.

What stands in a register must be what the history says last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models
from django.utils.translation import gettext as _

from organizations.scope import current_organization
from trail.sealing.findings import Finding
from trail.sealing.leaves import Source


class Mirror:
    """Compares tables with the tables of their versions.

    The database compares; only what differs is read.
    """

    def __init__(self, asked: Sequence[Source]) -> None:
        self._sources = [source for source in asked if source.follows is not None]
        #: Current rows compared so far.
        self.rows = 0

    def differences(self) -> Iterator[Finding]:
        """Yield rows that aren't as their last version says.

        Rows without any version are among them, and rows that are gone without one that says so.
        """
        for source in self._sources:
            yield from self._changed(source)
            yield from self._gone(source)

    def _changed(self, source: Source) -> Iterator[Finding]:
        model: Any = source.follows
        fields = model._meta.concrete_fields
        # Not "<>", by which a field that was emptied (null) would not count as changed.
        differs = "IS NOT" if connection.vendor == "sqlite" else "IS DISTINCT FROM"
        unlike = [f"now.{_quoted(f.column)} {differs} last.{_quoted(f.column)}" for f in fields]
        query = (
            f"SELECT now.{_key(model)}, last.history_id, last.history_type, {', '.join(unlike)} "
            f"FROM {_table(model)} now LEFT JOIN ({_last(source)}) last ON last.{_key(model)} = now.{_key(model)} "
            f"WHERE now.{_quoted(source.organization)} = %s "
            f"AND (last.history_id IS NULL OR last.history_type = '-' OR {' OR '.join(unlike)})"
        )
        with connection.cursor() as cursor:
            ours = f"SELECT count(*) FROM {_table(model)} WHERE {_quoted(source.organization)} = %s"
            cursor.execute(ours, [current_organization().pk])
            self.rows += cursor.fetchone()[0]
        for key, version, kind, *flags in _each(query):
            names = [str(field.verbose_name) for field, flag in zip(fields, flags, strict=True) if flag]
            if version is None:
                text = _("This %(what)s has no version at all: it was put in past the application.")
            elif kind == "-":
                text = _("This %(what)s is there, though its last version says that it was removed.")
            else:
                text = _("This %(what)s isn't what its last version %(version)d says: %(names)s.")
            what = {"what": model._meta.verbose_name, "version": version, "names": ", ".join(names)}
            yield Finding(model._meta.db_table, key, text % what)

    def _gone(self, source: Source) -> Iterator[Finding]:
        model: Any = source.follows
        query = (
            f"SELECT last.{_key(model)}, last.history_id FROM ({_last(source)}) last LEFT JOIN {_table(model)} now "
            f"ON now.{_key(model)} = last.{_key(model)} AND now.{_quoted(source.organization)} = %s "
            f"WHERE now.{_key(model)} IS NULL AND last.history_type <> '-'"
        )
        text = _("This %(what)s is gone, though its last version %(version)d doesn't say that it was removed.")
        for key, version in _each(query):
            yield Finding(model._meta.db_table, key, text % {"what": model._meta.verbose_name, "version": version})


def _each(query: str) -> Iterator[tuple[Any, ...]]:
    """Yield the query's rows for the current organization, which it names twice."""
    with connection.cursor() as cursor:
        cursor.execute(query, [current_organization().pk] * 2)
        while found := cursor.fetchmany(100):
            yield from found


def _last(source: Source) -> str:
    """Select the last version of every row.

    Versions are ordered by their number, which the database gives while the row is locked.
    """
    table, key = _quoted(source.table), _key(source.follows)
    organization = _quoted(source.organization)
    return (
        f"SELECT * FROM {table} WHERE {_quoted(source.key)} IN "
        f"(SELECT max({_quoted(source.key)}) FROM {table} WHERE {organization} = %s GROUP BY {key})"
    )


def _table(model: type[models.Model]) -> str:
    return _quoted(model._meta.db_table)


def _key(model: Any) -> str:
    return _quoted(str(model._meta.pk.column))


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
