"""A record's timeline: its history field by field, merged with the events about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from organizations.models import User
from registers.models import Record
from registers.register import BoundColumn, Column, Register
from registers.table import text_of
from trail.models import Event

#: Fields whose change is the trail's own bookkeeping.
_SILENT = {
    "id",
    "organization",
    "reference",
    "revision",
    "created_at",
    "changed_at",
    "archived_by",
    "archived_at",
    "archive_reason",
}


@dataclass(frozen=True)
class Change:
    """One field's old and new value, as text."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened to a record."""

    when: datetime
    who: str
    what: str
    kind: str
    changes: tuple[Change, ...] = ()
    reason: str = ""


def versions_of(record: Record) -> models.QuerySet:
    """The record's history rows, newest first."""
    return record.history.select_related("history_user").order_by("-history_date", "-history_id")  # type: ignore[no-any-return]


def entries_of(register: Register, versions: list[Any]) -> list[Entry]:
    """Versions, newest first, as entries: each compared with the one after it in the list.

    The last version is shown as a creation if it is one; otherwise it only serves to compare with and is left out.
    """
    names = _names_of_keys(register, versions)
    entries = []
    for newer, older in zip(versions, [*versions[1:], None], strict=True):
        if older is not None or newer.history_type == "+":
            entries.append(_entry(register, newer, older, names))
    return entries


def timeline(register: Register, record: Record, limit: int = 20) -> tuple[list[Entry], bool]:
    """The newest entries about a record, and whether there are more: a fixed number of queries."""
    versions = list(versions_of(record)[: limit + 1])
    events = Event.objects.filter(subject=record.reference).select_related("actor").order_by("-at")[: limit + 1]
    entries = entries_of(register, versions) + [
        Entry(e.at, str(e.actor or _("The application")), e.verb, "event") for e in events
    ]
    entries.sort(key=lambda entry: entry.when, reverse=True)
    return entries[:limit], len(entries) > limit


def _entry(register: Register, version: Any, older: Any, names: dict[str, dict[Any, str]]) -> Entry:
    who = str(version.history_user or _("The application"))
    if older is None:
        return Entry(version.history_date, who, _("created"), "created", reason=version.history_change_reason)
    changes = tuple(_changes(register, version, older, names))
    if bool(version.archived_at) != bool(older.archived_at):
        what, kind = (_("archived"), "archived") if version.archived_at else (_("restored"), "changed")
    else:
        what, kind = _("changed"), "changed"
    return Entry(version.history_date, who, what, kind, changes, version.history_change_reason)


def _changes(register: Register, version: Any, older: Any, names: dict[str, dict[Any, str]]) -> Iterable[Change]:
    for field in version.tracked_fields:
        if field.name in _SILENT or (new := getattr(version, field.attname)) == (old := getattr(older, field.attname)):
            continue
        column = register.bound.get(field.name) or BoundColumn(Column(field.name), field)
        yield Change(column.label, _shown(version, field, old, names), _shown(version, field, new, names))


def _shown(version: Any, field: models.Field, value: Any, names: dict[str, dict[Any, str]]) -> str:
    if isinstance(field, models.ForeignKey):
        return names[field.name].get(value, "") if value is not None else ""
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return text_of(value)


def _names_of_keys(register: Register, versions: list[Any]) -> dict[str, dict[Any, str]]:
    """What the keys in the versions are called: one query a foreign key that changed."""
    keys: dict[str, set[Any]] = defaultdict(set)
    fields = {
        f.name: f
        for f in register.model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and f.name not in _SILENT
    }
    for version in versions:
        for name, field in fields.items():
            keys[name].add(getattr(version, field.attname))
    found: dict[str, dict[Any, str]] = {name: {} for name in fields}
    for name, values in keys.items():
        if len(values) > 1:
            related: Any = fields[name].related_model
            manager = related._default_manager if related is not User else User.objects
            found[name] = {row.pk: str(row) for row in manager.filter(pk__in=values - {None})}
    return found
