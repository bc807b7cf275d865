"""Undoing a whole import, also after later edits: what it created is archived, what it changed gets its old values back.

Everything an import wrote bears one date in the history, so it is found there again, and nothing has to be kept beside it.
A field that somebody has edited since is left as it is, and so is a created row, unless it is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from django.db import models, transaction
from django.db.models import F, Max, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from registers.custom.models import CustomField, merged
from registers.importing.converting import attribute
from registers.importing.rules import violations
from registers.importing.targets import SOURCE_DATA, Target, targets_of
from registers.importing.wording import value_of
from registers.models import Record
from registers.register import Register
from trail.history import BATCH, bulk_create, bulk_update
from trail.models import Link

#: Rows edited since that are shown and can be chosen one by one.
MOST_SHOWN = 200
_ARCHIVED = ("archived_at", "archived_by", "archive_reason", "external_id")


class FieldChange(NamedTuple):
    """A field of a row: its value before the import, as imported, and now."""

    name: str
    before: Any
    imported: Any
    now: Any

    @property
    def edited(self) -> bool:
        """Whether somebody has given it another value since; one that is back already counts as nobody's."""
        return self.now not in (self.imported, self.before)


@dataclass
class Reversal:
    """What undoing would do to one row.

    Attributes:
        record: the row as it stands.
        is_created: whether the import created it; then it is archived, otherwise its fields are set back.
        edited: whether it, or one of the fields, was edited since.
        fields: the fields the import changed.
    """

    record: Record
    is_created: bool
    edited: bool
    fields: list[FieldChange] = field(default_factory=list)


class Writing:
    """What an import wrote to a register, found in the history by its date."""

    def __init__(self, register: Register, moment: datetime) -> None:
        self.register, self.moment = register, moment
        self.model: type[Record] = register.model
        self.targets: list[Target] = list(targets_of(register).values())
        self._custom = {target.name for target in self.targets if target.custom}
        self._attributes = [attribute(target) for target in self.targets if target.sets_column and not target.custom]
        if any(each.attname == SOURCE_DATA for each in self.model._meta.concrete_fields):
            self._attributes.append(SOURCE_DATA)

    def versions(self, model: Any = None) -> Any:
        """The versions it wrote, of the register's rows or those of another model."""
        return (model or self.model).history.filter(history_date=self.moment)

    @cached_property
    def created(self) -> list[int]:
        """The keys of the rows that it created."""
        return list(self.versions().filter(history_type="+").order_by("id").values_list("id", flat=True))

    @cached_property
    def changed(self) -> list[int]:
        """The keys of the rows that it changed."""
        new = set(self.created)
        found = self.versions().filter(history_type="~").order_by("id").values_list("id", flat=True).distinct()
        return [key for key in found if key not in new]

    def edited(self) -> list[int]:
        """The keys of its rows that were edited or archived since: their revision has moved on."""
        last = self.versions().filter(id=OuterRef("pk")).order_by("-history_id").values("revision")[:1]
        rows = self.model.objects.filter(pk__in=self.versions().values("id"))
        moved = (
            rows.annotate(written=Subquery(last))
            .filter(revision__gt=F("written"))
            .exclude(Q(archived_at__isnull=False) & Q(pk__in=self.versions().filter(history_type="+").values("id")))
        )
        return list(moved.order_by("pk").values_list("pk", flat=True))

    def reversals(self, keys: Sequence[int], *, lock: bool = False) -> Iterator[Reversal]:
        """What undoing would do to rows: a number of queries that doesn't grow with them."""
        rows = self.model.objects.all()
        found = (rows.select_for_update() if lock else rows).in_bulk(list(keys))
        written = (
            self.versions().filter(id__in=keys).values("id").annotate(first=Min("history_id"), last=Max("history_id"))
        )
        spans = {span["id"]: (span["first"], span["last"]) for span in written}
        earlier = self.model.history.filter(id__in=keys, history_date__lt=self.moment).values("id")  # type: ignore[attr-defined]
        befores = {each["id"]: each["last"] for each in earlier.annotate(last=Max("history_id"))}
        wanted = [*(last for _first, last in spans.values()), *befores.values()]
        versions = self._read(wanted)
        for key in keys:
            record, after = found[key], versions[spans[key][1]]
            if key not in befores:
                yield Reversal(record, True, record.revision > after["revision"])
                continue
            before = versions[befores[key]]
            fields = [
                FieldChange(name, before.get(name), after.get(name), value_of(record, name))
                for name in (*self._attributes, *self._custom)
                if before.get(name) != after.get(name)
            ]
            yield Reversal(record, False, any(each.edited for each in fields), fields)

    def _read(self, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Versions by their keys: the values of all fields that an import can set."""
        names = ("history_id", "revision", CustomField.LEAF, *self._attributes)
        rows = self.model.history.filter(history_id__in=keys).values(*names)  # type: ignore[attr-defined]
        return {row["history_id"]: row.pop(CustomField.LEAF) | row for row in rows}


@dataclass
class Undo:
    """Undoes what an import wrote. Make it inside the transaction that says so.

    Attributes:
        also: keys of rows edited since that are undone nevertheless; None: all of them.
        counts: rows ``archived``, ``set back``, ``left`` because they were edited since or are archived already, ``links``.
    """

    writing: Writing
    reason: str
    by: User | None
    also: Collection[int] | None = ()
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, progress: Callable[[int], None] = lambda done: None) -> None:
        """Undo it, chunk by chunk."""
        keys = iter((*self.writing.created, *self.writing.changed))
        done = 0
        while chunk := list(islice(keys, BATCH)):
            self._undo(list(self.writing.reversals(chunk, lock=True)))
            done += len(chunk)
            progress(done)
        for target in self.writing.targets:
            if target.kind == "records":
                self._undo_links(target)
        for target in self.writing.targets:
            if target.kind in ("record", "records") and target.creates is not None:
                self._undo_named(target.related)

    def _undo(self, reversals: Sequence[Reversal]) -> None:
        created = [each for each in reversals if each.is_created and not each.record.is_archived]
        changed = [each for each in reversals if not each.is_created]
        self._archive(self.writing.model, [each.record for each in created if self._goes(each)])
        restored, names = [], set()
        for each in changed:
            fields = [] if each.record.is_archived else [change for change in each.fields if self._goes(each, change)]
            if back := self._restored(each.record, [change for change in fields if change.now != change.before]):
                restored.append(each.record)
                names |= back
        self._write(self.writing.model, restored, names)
        self.writing.model.after_bulk_save([], restored, names)
        self.counts["set back"] += len(restored)
        self.counts["left"] += sum(not self._goes(each) for each in created)
        self.counts["left"] += sum(each.record.is_archived or not self._goes(each) for each in changed)

    def _goes(self, reversal: Reversal, change: FieldChange | None = None) -> bool:
        """Whether a row, or one field of it, is undone: nobody has edited it since, or it was chosen."""
        edited = reversal.edited if change is None else change.edited
        return not edited or self.also is None or reversal.record.pk in self.also

    def _restored(self, record: Record, fields: Sequence[FieldChange]) -> set[str]:
        """Set fields of a row back, unless that would break one of its rules; gives the attributes."""
        for change in fields:
            self._set(record, change.name, change.before)
        if any(violations(record)):
            for change in fields:
                self._set(record, change.name, change.now)
            self.counts["left"] += 1
            return set()
        return {change.name if hasattr(record, change.name) else CustomField.LEAF for change in fields}

    def _set(self, record: Record, name: str, value: Any) -> None:
        if hasattr(record, name):
            setattr(record, name, value)
        else:
            record.custom = merged(record.custom, {name: value})

    def _archive(self, model: type[Record], rows: Sequence[Record]) -> None:
        """Put rows away. Their external ids are given free, so that the file, mended, can be imported anew."""
        now = clock.now()
        for row in rows:
            row.archived_at, row.archived_by, row.archive_reason, row.external_id = now, self.by, self.reason, ""
        self._write(model, rows, _ARCHIVED)
        self.counts["archived"] += len(rows)

    def _write(self, model: type[Record], rows: Sequence[Record], attributes: Collection[str]) -> None:
        if not rows:
            return
        columns = {each.attname: each.name for each in model._meta.concrete_fields}
        for row in rows:
            row.revision += 1
            row._meta.get_field("changed_at").pre_save(row, add=False)  # type: ignore[union-attr]
        names = {columns.get(name, name) for name in attributes}
        bulk_update(model, rows, sorted({*names, "revision", "changed_at"}), reason=self.reason)

    def _undo_links(self, target: Target) -> None:
        """Remove the links that the import made to rows it changed, and make those anew that it removed."""
        assert isinstance(target.field, models.ManyToManyField)
        through: Any = target.field.remote_field.through  # type: ignore[attr-defined]
        here, there = f"{target.field.m2m_field_name()}_id", f"{target.field.m2m_reverse_field_name()}_id"
        versions = self.writing.versions(through)
        changed = set(self.writing.changed)
        for link in through.objects.filter(pk__in=versions.filter(history_type="+").values("id")):
            if getattr(link, here) in changed:
                link.delete()
                self.counts["links"] += 1
        gone = set(versions.filter(history_type="-").values_list(here, there))
        gone -= set(through.objects.filter(**{f"{here}__in": {key for key, _other in gone}}).values_list(here, there))
        bulk_create(through, [through(**{here: key, there: other}) for key, other in sorted(gone)], reason=self.reason)
        self.counts["links"] += len(gone)

    def _undo_named(self, model: type[Record]) -> None:
        """Archive the rows that were recorded because cells named them, where nobody edited them and nothing else names them."""
        keys = list(self.writing.versions(model).filter(history_type="+").values_list("id", flat=True))
        for start in range(0, len(keys), BATCH):
            rows = model.objects.current().filter(pk__in=keys[start : start + BATCH], revision=1)  # type: ignore[attr-defined]
            used = _used(model, [row.pk for row in rows])
            self._archive(model, [row for row in rows if row.pk not in used])


def _used(model: type[Record], keys: Sequence[int]) -> set[int]:
    """Which rows of a model something that isn't archived points to."""
    used: set[int] = set()
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if not hasattr(relation, "field") or isinstance(relation.field, models.ManyToManyField):
            continue
        rows = other._default_manager.filter(**{f"{relation.field.name}__in": keys})
        if issubclass(other, Record):
            rows = rows.filter(archived_at=None)
        elif issubclass(other, Link):
            rows = rows.filter(**_current_ends(other, relation.field))
        used.update(rows.values_list(relation.field.attname, flat=True))
    return used


def _current_ends(link: type[Link], this: models.Field[Any, Any]) -> Mapping[str, None]:
    """The condition that what a link leads to from the other side isn't archived."""
    ends = [each for each in link._meta.concrete_fields if isinstance(each, models.ForeignKey) and each is not this]
    return {
        f"{end.name}__archived_at": None
        for end in ends
        if isinstance(end.related_model, type) and issubclass(end.related_model, Record)
    }


@transaction.atomic
def undo(
    register: Register,
    moment: datetime,
    *,
    filename: str,
    by: User | None,
    also: Collection[int] | None = (),
    progress: Callable[[int], None] = lambda done: None,
) -> dict[str, int]:
    """Undo an import in one transaction.

    Args:
        register: the register it went into.
        moment: the date of its versions.
        filename: what the file was called.
        by: who undoes it.
        also: keys of rows that were edited since and are to be undone nevertheless; None: all of them.
        progress: told how many rows are done.

    Returns:
        How many rows were archived, set back, and left.
    """
    undoing = Undo(Writing(register, moment), _("import %(file)s undone") % {"file": filename}, by, also)
    undoing.run(progress)
    return dict(undoing.counts)
