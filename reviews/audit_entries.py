"""Versions in words: what was done to which row, field by field old → new."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from clauses.models import NotApplicable
from organizations.models import Membership, Organization, Targets
from registers.columns import BoundColumn
from registers.known_names.models import KnownName
from registers.models import Record
from registers.register import registry
from registers.timeline import Change, changes_between, names_of_keys
from trail.models import Link

Versions = Mapping[type[models.Model], Iterable[int]]


@dataclass(frozen=True)
class AuditEntry:
    """One thing that was done to a row.

    Attributes:
        kind: created, changed, archived, restored, linked, unlinked, added, attached, targets, switched_off, switched_on,
            people or settings.
        what: it in words.
        subject: the row's reference; empty for what isn't a register's row.
        title: what the row is, in a line.
        url: the row's page, where it has one.
    """

    kind: str
    what: str
    when: datetime
    who: str
    subject: str
    title: str
    url: str = ""
    changes: tuple[Change, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class _Row:
    """The row that a version is shown under."""

    subject: str
    title: str
    url: str = ""


def entries_of(keys: Versions) -> list[AuditEntry]:
    """Return the audit entries of the versions with these keys, newest first.

    A fixed number of queries for each model.
    """
    found = [entry for model, of_model in keys.items() for entry in entries_by_version(model, of_model).values()]
    return sorted(found, key=lambda entry: (entry.when, entry.subject, entry.what), reverse=True)


def entries_by_version(model: type[models.Model], keys: Iterable[int]) -> dict[int, AuditEntry]:
    """Return the audit entries of one model's versions, by their keys.

    A fixed number of queries.
    """
    return dict(_entries(model, set(keys)))


def _entries(model: type[models.Model], keys: set[int]) -> Iterator[tuple[int, AuditEntry]]:
    history: Any = model.history.model  # type: ignore[attr-defined]
    pairs = list(_pairs(history, keys))
    versions = [version for pair in pairs for version in pair if version is not None]
    # A link is told by the rows it points to, which stay the same: their names are wanted though nothing changed.
    names = names_of_keys(model, versions, unchanged=not issubclass(model, Record))
    records = _records(model, [newer for newer, _older in pairs])
    for newer, older in pairs:
        kind, what = _words(model, newer, older, names)
        row = _row(model, newer, records)
        who = str(newer.history_user or _("The application"))
        changes = _changes(model, newer, older, names)
        yield (
            newer.pk,
            AuditEntry(
                kind,
                what,
                newer.history_date,
                who,
                row.subject,
                row.title,
                row.url,
                changes,
                newer.history_change_reason,
            ),
        )


def _pairs(history: Any, keys: set[int]) -> Iterator[tuple[Any, Any]]:
    """Yield each version with the one before it of the same row: two queries."""
    rows = set(history._default_manager.filter(pk__in=keys).values_list("id", flat=True))
    versions = history._default_manager.filter(id__in=rows).select_related("history_user").order_by("id", "history_id")
    for _key, of_row in groupby(versions, key=lambda version: version.id):
        older = None
        for version in of_row:
            if version.pk in keys:
                yield version, older
            older = version


def _changes(model: type[models.Model], newer: Any, older: Any, names: dict[str, dict[Any, str]]) -> tuple[Change, ...]:
    """Return what changed, field by field.

    Nothing for a record that was created, whose title says enough, nor for a link, whose two ends do.
    """
    if issubclass(model, Link) or (issubclass(model, Record) and older is None):
        return ()
    if model is Targets and older is None:
        # Targets aren't changed but followed by a row of their own: compare with the row in force before.
        older = Targets.objects.filter(effective_from__lt=newer.effective_from).order_by("-effective_from").first()
    columns: Mapping[str, BoundColumn] = registry.of(model).bound if issubclass(model, Record) else {}
    return changes_between(columns, newer, older, names)


def _words(model: type[models.Model], newer: Any, older: Any, names: dict[str, dict[Any, str]]) -> tuple[str, str]:
    """Return kind and words of what was done."""
    thing = str(model._meta.verbose_name)
    if issubclass(model, Record):
        return _of_record(newer, older)
    if model is KnownName:
        return "people", _of_name(newer, names["person"])
    if issubclass(model, Link):
        other = names[_ends(model)[1].name].get(getattr(newer, _ends(model)[1].attname), "")
        if newer.history_type == "-":
            return "unlinked", _("no longer linked to %(other)s") % {"other": other}
        return "linked", _("linked to %(other)s") % {"other": other}
    if model is NotApplicable:
        if newer.until is None:
            return "switched_off", _("%(code)s switched off") % {"code": newer.code}
        return "switched_on", _("%(code)s judged again") % {"code": newer.code}
    if model is Targets:
        return "targets", _("targets set from %(day)s on") % {"day": f"{newer.effective_from:%Y-%m-%d}"}
    if hasattr(newer, "subject") and hasattr(newer, "name"):
        return "attached", _("%(thing)s added: %(name)s") % {"thing": thing, "name": newer.name}
    if model in (Membership, Organization):
        return ("people" if model is Membership else "settings"), _("%(thing)s changed") % {"thing": thing}
    return "added", (_("%(thing)s added") if older is None else _("%(thing)s changed")) % {"thing": thing}


def _of_name(newer: Any, people: dict[Any, str]) -> str:
    if newer.history_type == "-":
        return _("“%(name)s” is no known name any more") % {"name": newer.text}
    said = {"name": newer.text, "person": people.get(newer.person_id, "")}
    return (_("“%(name)s” means %(person)s") if newer.person_id else _("“%(name)s” means nobody")) % said


def _of_record(newer: Any, older: Any) -> tuple[str, str]:
    if older is None:
        return "created", _("created")
    if bool(newer.archived_at) == bool(older.archived_at):
        return "changed", _("changed")
    return ("archived", _("archived")) if newer.archived_at else ("restored", _("restored"))


def _row(model: type[models.Model], version: Any, records: dict[tuple[Any, Any], Record]) -> _Row:
    if issubclass(model, Record):
        title = " ".join(str(getattr(version, model.title_field) or "").split())
        return _Row(version.reference, title, registry.of(model).url("detail", version.reference))
    for field in _ends(model)[:1]:
        if record := records.get((field.related_model, getattr(version, field.attname))):
            return _Row(record.reference, record.title_text, record.get_absolute_url())
    if reference := getattr(version, "subject", ""):
        register = registry.of_reference(reference)
        return _Row(reference, "", register.url("detail", reference) if register else "")
    return _Row(getattr(version, "reference", ""), str(model._meta.verbose_name))


def _ends(model: type[models.Model]) -> list[Any]:
    """Return a link's or child row's keys to records, the one it is shown under first."""
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    return [key for key in keys if isinstance(key.related_model, type) and issubclass(key.related_model, Record)]


def _records(model: type[models.Model], versions: list[Any]) -> dict[tuple[Any, Any], Record]:
    """Return the records that links and child rows are shown under: one query."""
    if issubclass(model, Record):
        return {}
    found: dict[tuple[Any, Any], Record] = {}
    for field in _ends(model)[:1]:
        rows: Any = field.related_model.objects.filter(pk__in={getattr(each, field.attname) for each in versions})
        found |= {(field.related_model, row.pk): row for row in rows}
    return found
