"""Undoing a whole import, also after later edits: what it created is archived, what it changed gets its old values back.

Everything an import wrote bears one date in the history, so it is found there again, and nothing has to be kept beside it.
A field that somebody has edited since is left as it is, and so is a created row that was edited or is used, unless the row
is chosen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import F, Max, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from registers.custom.models import CustomField, merged
from registers.importing.converting import attribute
from registers.importing.relinked import Relinked
from registers.importing.rules import violations
from registers.importing.targets import EXTERNAL_ID, SOURCE_DATA, Target, retired_targets, targets_of
from registers.importing.wording import value_of
from registers.importing.writing import write_links
from registers.models import Record
from registers.register import Register
from registers.uses import used, users
from trail.history import BATCH, bulk_update

#: Rows edited since that are shown and can be chosen one by one.
MOST_SHOWN = 200
_ARCHIVED = ("archived_at", "archived_by", "archive_reason", EXTERNAL_ID)


class FieldChange(NamedTuple):
    """A field of a row: its value before the import, as imported, and now; of links, sets of keys.

    ``is_taken``: it is an external id, and another row has the one from before by now, so that it stays.
    """

    name: str
    before: Any
    imported: Any
    now: Any
    is_taken: bool = False

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
        edited: whether it, or one of the fields, was edited since, or it is used.
        fields: the fields the import changed.
        used_by: who uses a created row, which so isn't archived unasked: references, or words for what has none.
    """

    record: Record
    is_created: bool
    edited: bool
    fields: list[FieldChange] = field(default_factory=list)
    used_by: list[str] = field(default_factory=list)


class Writing:
    """What an import wrote to a register, found in the history by its date."""

    def __init__(self, register: Register, moment: datetime) -> None:
        self.register, self.moment = register, moment
        self.model: type[Record] = register.model
        self.targets: dict[str, Target] = targets_of(register) | retired_targets(register)
        targets = self.targets.values()
        self._custom = {target.name for target in targets if target.custom}
        self._attributes = [attribute(target) for target in targets if target.sets_column and not target.custom]
        changed = self.versions().filter(history_type="~").exclude(id__in=self._created().values("id"))
        self._relinked = [
            Relinked(target, moment, changed.values("id")) for target in targets if target.kind == "records"
        ]
        if any(each.attname == SOURCE_DATA for each in self.model._meta.concrete_fields):
            self._attributes.append(SOURCE_DATA)

    def versions(self, model: Any = None) -> Any:
        """The versions it wrote, of the register's rows or those of another model."""
        return (model or self.model).history.filter(history_date=self.moment)

    @cached_property
    def created(self) -> list[int]:
        """The keys of the rows that it created."""
        return list(self._created().order_by("id").values_list("id", flat=True))

    @cached_property
    def changed(self) -> list[int]:
        """The keys of the rows that it changed."""
        new = set(self.created)
        found = self.versions().filter(history_type="~").order_by("id").values_list("id", flat=True).distinct()
        return [key for key in found if key not in new]

    def edited(self) -> list[int]:
        """The keys of its rows in which somebody may have edited what it wrote, or which are used."""
        relinked = {key for each in self._relinked for key in each.touched_since}
        return sorted({*self._moved(), *self._used(), *relinked})

    def _created(self) -> Any:
        return self.versions().filter(history_type="+")

    def _moved(self) -> Any:
        """Its rows that were edited or archived since: their revision has moved on."""
        last = self.versions().filter(id=OuterRef("pk")).order_by("-history_id").values("revision")[:1]
        rows = self.model.objects.filter(pk__in=self.versions().values("id"))
        moved = (
            rows.annotate(written=Subquery(last))
            .filter(revision__gt=F("written"))
            .exclude(Q(archived_at__isnull=False) & Q(pk__in=self._created().values("id")))
        )
        return moved.values_list("pk", flat=True)

    def _used(self) -> Any:
        """The rows it created that are used."""
        rows = self.model.objects.current().filter(pk__in=self._created().values("id"))  # type: ignore[attr-defined]
        return used(rows, self.moment).values_list("pk", flat=True)

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
        using = users([found[key] for key in keys if key not in befores], self.moment)
        links = self._links([key for key in keys if key in befores])
        taken = self._taken({key: (versions[last], versions[spans[key][1]]) for key, last in befores.items()})
        for key in keys:
            record, after = found[key], versions[spans[key][1]]
            if key not in befores:
                used_by = using.get(key, [])
                yield Reversal(record, True, bool(used_by) or record.revision > after["revision"], used_by=used_by)
                continue
            before = versions[befores[key]]
            fields = [
                FieldChange(
                    name,
                    before.get(name),
                    after.get(name),
                    value_of(record, name),
                    name == EXTERNAL_ID and key in taken,
                )
                for name in (*self._attributes, *self._custom)
                if before.get(name) != after.get(name)
            ]
            fields += links.get(key, [])
            yield Reversal(record, False, any(each.edited for each in fields), fields)

    def _links(self, keys: Sequence[int]) -> dict[int, list[FieldChange]]:
        """The links that it changed, by row."""
        changes: defaultdict[int, list[FieldChange]] = defaultdict(list)
        for relinked in self._relinked:
            for key, links in relinked.of(keys).items():
                changes[key].append(FieldChange(relinked.target.name, *links))
        return changes

    def _taken(self, versions: Mapping[int, tuple[dict[str, Any], dict[str, Any]]]) -> set[int]:
        """Of rows with their versions before and after, those whose old external id another row has by now: one query."""
        wanted = {
            before[EXTERNAL_ID]: key
            for key, (before, after) in versions.items()
            if before[EXTERNAL_ID] not in ("", after[EXTERNAL_ID])
        }
        if not wanted:
            return set()
        rows = self.model.objects.filter(external_id__in=list(wanted)).values_list(EXTERNAL_ID, "pk")
        return {wanted[taken] for taken, key in rows if wanted[taken] != key}

    def _read(self, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Versions by their keys: the values of all fields that an import can set."""
        names = ("history_id", "revision", CustomField.LEAF, *self._attributes)
        rows = self.model.history.filter(history_id__in=keys).values(*names)  # type: ignore[attr-defined]
        return {row["history_id"]: row.pop(CustomField.LEAF) | row for row in rows}


@dataclass
class Undo:
    """Undoes what an import wrote. Make it inside the transaction that says so.

    Attributes:
        also: keys of rows edited or used since that are undone nevertheless; None: all of them.
        counts: rows ``archived``, ``set back``, ``left`` because they were edited since, are used or are archived already; ``links``.
    """

    writing: Writing
    reason: str
    by: User | None
    also: Collection[int] | None = ()
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, progress: Callable[[int], None] = lambda done: None) -> None:
        """Undo it, chunk by chunk. What may use created rows goes first, so that it doesn't keep them."""
        created, writing = self.writing.created, self.writing
        chosen = [key for key in created if self._is_chosen(key)]
        others = [key for key in created if not self._is_chosen(key)]
        steps = ((chosen, self._put_away), (writing.changed, self._set_back), (others, self._put_away))
        done = 0
        for keys, step in steps:
            for start in range(0, len(keys), BATCH):
                chunk = keys[start : start + BATCH]
                step(list(writing.reversals(chunk, lock=True)))
                done += len(chunk)
                progress(done)
        for target in writing.targets.values():
            if target.kind in ("record", "records") and target.creates is not None:
                self._undo_named(target.related)

    def _put_away(self, reversals: Sequence[Reversal]) -> None:
        """Archive rows that it created."""
        current = [each for each in reversals if not each.record.is_archived]
        self._archive(self.writing.model, [each.record for each in current if self._goes(each)])
        self.counts["left"] += sum(not self._goes(each) for each in current)

    def _set_back(self, reversals: Sequence[Reversal]) -> None:
        """Give rows that it changed their old values and links."""
        current = [each for each in reversals if not each.record.is_archived]
        left = {each.record.pk for each in reversals if each.record.is_archived or not self._goes(each)}
        restored, relinked, names = [], [], set()
        for each in current:
            going = [change for change in each.fields if self._goes(each, change) and change.now != change.before]
            if any(change.is_taken for change in going):
                going = [change for change in going if not change.is_taken]
                left.add(each.record.pk)
            links = [change for change in going if self._is_link(change)]
            fields = [change for change in going if not self._is_link(change)]
            if back := self._restored(each.record, fields):
                restored.append(each.record)
                names |= back
            elif fields:
                left.add(each.record.pk)
            if links:
                relinked.append((each.record, links))
        rows = {record.pk: record for record in (*restored, *(record for record, _links in relinked))}
        self._write(self.writing.model, [*rows.values()], names)
        self._relink(relinked)
        self.writing.model.after_bulk_save([], restored, names)
        self.counts["set back"] += len(rows)
        self.counts["left"] += len(left)

    def _is_link(self, change: FieldChange) -> bool:
        return change.name in self.writing.targets and self.writing.targets[change.name].kind == "records"

    def _is_chosen(self, key: int) -> bool:
        return self.also is None or key in self.also

    def _relink(self, rows: Sequence[tuple[Record, Sequence[FieldChange]]]) -> None:
        """Link rows as they were before the import."""
        changes = [(record, change) for record, links in rows for change in links]
        for target in self.writing.targets.values():
            old = [
                (record, {change.name: sorted(change.before)})
                for record, change in changes
                if change.name == target.name
            ]
            write_links([target], old, self.reason, replace=True)
        self.counts["links"] += sum(len(change.before ^ change.now) for _record, change in changes)

    def _goes(self, reversal: Reversal, change: FieldChange | None = None) -> bool:
        """Whether a row, or one field of it, is undone: nobody has edited it since or uses it, or it was chosen."""
        edited = reversal.edited if change is None else change.edited
        return not edited or self._is_chosen(reversal.record.pk)

    def _restored(self, record: Record, fields: Sequence[FieldChange]) -> set[str]:
        """Set fields of a row back, unless that would break one of its rules; gives the attributes."""
        for change in fields:
            self._set(record, change.name, change.before)
        if any(violations(record)):
            for change in fields:
                self._set(record, change.name, change.now)
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

    def _undo_named(self, model: type[Record]) -> None:
        """Archive the rows that were recorded because cells named them, where nobody edited them and nothing else uses them."""
        keys = list(self.writing.versions(model).filter(history_type="+").values_list("id", flat=True))
        for start in range(0, len(keys), BATCH):
            rows = model.objects.current().filter(pk__in=keys[start : start + BATCH], revision=1)  # type: ignore[attr-defined]
            using = users(list(rows), self.writing.moment)
            self._archive(model, [row for row in rows if row.pk not in using])


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
        also: keys of rows that were edited or used since and are to be undone nevertheless; None: all of them.
        progress: told how many rows are done.

    Returns:
        How many rows were archived, set back, and left.
    """
    undoing = Undo(Writing(register, moment), _("import %(file)s undone") % {"file": filename}, by, also)
    undoing.run(progress)
    return dict(undoing.counts)
