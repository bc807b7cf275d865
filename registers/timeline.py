"""A record's timeline: its history field by field, merged with the events about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from registers.columns import BoundColumn, Column
from registers.custom_fields.models import CustomField, definitions
from registers.formatting import text_of
from registers.models import Record
from registers.register import Register
from trail.models import VIEWED, Event

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
    url: str = ""
    #: The version's number; zero for events.
    version: int = 0
    #: What was said; as HTML where it is marked safe.
    text: str = ""
    #: Where it stands in the sealed trail, in words.
    proof: str = ""


#: Functions of a record and a number that give so many of the newest entries about it, besides its versions and events;
#: each a fixed number of queries. Apps add theirs in ``timeline.py``.
sources: list[Callable[[Record, int], Iterable[Entry]]] = []


def versions_of(record: Record) -> models.QuerySet:
    """Return the record's history rows, newest first."""
    return record.history.select_related("history_user").order_by("-history_date", "-history_id")  # type: ignore[no-any-return]


def entries_of(register: Register, versions: list[Any]) -> list[Entry]:
    """Return versions, newest first, as entries: each compared with the one after it.

    The last version is shown as a creation if it is one; otherwise it only serves to compare with and is left out.
    """
    names = names_of_keys(register.model, versions)
    entries = []
    for newer, older in zip(versions, [*versions[1:], None], strict=True):
        if older is not None or newer.history_type == "+":
            entries.append(_entry(register, newer, older, names))
    return entries


def timeline(register: Register, record: Record, limit: int = 20) -> tuple[list[Entry], bool]:
    """Return the newest entries about a record, and whether there are more.

    It takes a fixed number of queries.
    """
    # One more of each kind than is shown tells whether there are more, and is what the last version is compared with.
    versions = list(versions_of(record)[: limit + 1])
    events = (
        Event.objects.filter(subject=record.reference)
        .exclude(verb=VIEWED)
        .select_related("actor")
        .order_by("-at")[: limit + 1]
    )
    entries = [
        *entries_of(register, versions),
        *(Entry(e.at, str(e.actor or _("The application")), e.verb, "event") for e in events),
        *(entry for source in sources for entry in source(record, limit + 1)),
    ]
    entries.sort(key=lambda entry: entry.when, reverse=True)
    return entries[:limit], len(entries) > limit


def _entry(register: Register, version: Any, older: Any, names: dict[str, dict[Any, str]]) -> Entry:
    who = str(version.history_user or _("The application"))
    if older is None:
        return Entry(
            version.history_date,
            who,
            _("created"),
            "created",
            reason=version.history_change_reason,
            version=version.history_id,
        )
    changes = changes_between(register.bound, version, older, names)
    if bool(version.archived_at) != bool(older.archived_at):
        what, kind = (_("archived"), "archived") if version.archived_at else (_("restored"), "changed")
    else:
        what, kind = _("changed"), "changed"
    reason = version.history_change_reason
    return Entry(version.history_date, who, what, kind, changes, reason, version=version.history_id)


def changes_between(
    columns: Mapping[str, BoundColumn], version: Any, older: Any, names: Mapping[str, Mapping[Any, str]]
) -> tuple[Change, ...]:
    """Return the fields in which a version differs from an older one.

    Where there is no older one, these are all that hold something.

    Args:
        columns: the register's, for their labels; other fields are called by their own names.
        version: the newer history row.
        older: the one before it, or None.
        names: what the keys in both are called, see :func:`names_of_keys`.
    """
    found: list[Change] = []
    for field in version.tracked_fields:
        new, old = getattr(version, field.attname), getattr(older, field.attname, None)
        if field.name == CustomField.LEAF:
            found += _custom_changes(version.instance_type.register_slug, old or {}, new)
        elif field.name not in _SILENT and new != old and (older is not None or new not in (None, "")):
            column = columns.get(field.name) or BoundColumn(Column(field.name), field)
            found.append(Change(column.label, _shown(field, old, names), _shown(field, new, names)))
    return tuple(found)


def _custom_changes(register: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Yield what changed of a record's custom fields, those retired since included."""
    for definition in definitions(register):
        if old.get(definition.key) != new.get(definition.key):
            yield Change(definition.label, definition.said(old), definition.said(new))


def _shown(field: models.Field, value: object, names: Mapping[str, Mapping[Any, str]]) -> str:
    if value is None:
        return ""
    if isinstance(field, models.ForeignKey):
        return names[field.name].get(value, "")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return text_of(value)


def _called(row: models.Model) -> str:
    """Return what a row is called; of a record out of reach the reference alone."""
    return row.reference if isinstance(row, Record) and not row.is_visible else str(row)


def names_of_keys(
    model: type[models.Model], versions: Iterable[Any], *, unchanged: bool = False
) -> dict[str, dict[Any, str]]:
    """Return, for each foreign key, what the rows it points to in versions are called.

    It takes one query a key. Keys that are the same in all versions aren't looked up, unless ``unchanged`` asks for
    them.
    """
    fields = [f for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey) and f.name not in _SILENT]
    found: dict[str, dict[Any, str]] = {field.name: {} for field in fields}
    for field in fields:
        keys = {getattr(version, field.attname) for version in versions}
        if len(keys) > 1 or unchanged:
            related: Any = field.related_model
            found[field.name] = {row.pk: _called(row) for row in related._default_manager.filter(pk__in=keys - {None})}
    return found
