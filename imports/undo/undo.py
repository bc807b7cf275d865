"""Undoing a whole import, also after later edits.

What it created is archived, what it changed gets its old values back.

A field that somebody has edited since is left as it is, and so is a created row that was edited or is used, unless the row
is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from imports.links import write_links
from imports.new_fields import retire_unused
from imports.undo.versions import FieldChange, Reversal, Writing
from organizations import clock
from organizations.models import User
from registers.custom_fields.models import CustomField, merged
from registers.lists.search_later import indexed_later
from registers.models import Record
from registers.parsing.constraints import violations
from registers.parsing.targets import EXTERNAL_ID
from registers.register import Register
from registers.usage import used_by
from trail.history import BATCH, bulk_set, bulk_update

_ARCHIVED = ("archived_at", "archived_by", "archive_reason", EXTERNAL_ID)


@dataclass
class Undo:
    """The undoing of what an import wrote. Make it inside the transaction that says so.

    Attributes:
        also: keys of rows edited or used since that are undone nevertheless; None: all of them.
        counts: rows ``archived``, ``set back``, ``left`` because they were edited since, are used or are archived
            already; ``links``.
    """

    writing: Writing
    reason: str
    by: User | None
    also: Collection[int] | None = ()
    counts: Counter[str] = field(default_factory=Counter)

    def run(self, progress: Callable[[int], None] = lambda done: None) -> None:
        """Undo it, chunk by chunk.

        What may use created rows goes first, so that it doesn't keep them.
        """
        created, writing = self.writing.created, self.writing
        chosen = [key for key in created if self._is_chosen(key)]
        others = [key for key in created if not self._is_chosen(key)]
        done = 0

        def tell(more: int) -> None:
            nonlocal done
            done += more
            progress(done)

        self._put_away_all(chosen, tell)
        for chunk in _chunks(writing.changed):
            # Locked, so that nobody edits a row between the look at it and its undoing.
            self._set_back(list(writing.reversals(chunk, lock=True)))
            tell(len(chunk))
        for chunk in _chunks(others):
            self._lock(chunk)
        doubtful = set(writing.edited()) if others else set()
        self._put_away_all([key for key in others if key not in doubtful], tell)
        # Some are used only by rows that are put away by now.
        for chunk in _chunks([key for key in others if key in doubtful]):
            self._put_away(list(writing.reversals(chunk, lock=True)))
            tell(len(chunk))
        for target in writing.targets.values():
            if target.kind in ("record", "records") and target.creates is not None:
                self._undo_named(target.related)
        made = writing.versions(CustomField).filter(history_type="+").values_list("id", flat=True)
        retire_unused(writing.register, CustomField.objects.filter(pk__in=list(made)), by=self.by)

    def _put_away_all(self, keys: Sequence[int], tell: Callable[[int], None]) -> None:
        """Archive rows that it created and that are chosen, or neither edited nor used: each like the other."""
        model = self.writing.model
        for chunk in _chunks(keys):
            found = self._lock(chunk)
            values = self._archived() | {"revision": F("revision") + 1, "changed_at": clock.now()}
            bulk_set(model, found, reason=self.reason, **values)
            self.counts.update(archived=len(found), left=0)
            tell(len(chunk))

    def _lock(self, keys: Sequence[int]) -> list[int]:
        """Keep others from changing rows until the end; return the keys of those that aren't archived."""
        current: Any = self.writing.model.objects.current().filter(pk__in=keys).order_by("pk").select_for_update()  # type: ignore[attr-defined]
        return list(current.values_list("pk", flat=True))

    def _archived(self) -> dict[str, Any]:
        """Return what a row that is put away holds.

        Its external id is given free, so that the file, mended, can be imported anew.
        """
        values = (clock.now(), self.by, self.reason, "")
        return dict(zip(_ARCHIVED, values, strict=True))

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
        """Return whether a row, or one field of it, is undone.

        It is where nobody has edited it since or uses it, or where it was chosen.
        """
        edited = reversal.edited if change is None else change.edited
        return not edited or self._is_chosen(reversal.record.pk)

    def _restored(self, record: Record, fields: Sequence[FieldChange]) -> set[str]:
        """Set fields of a row back, unless that breaks one of its rules; return the attributes."""
        for change in fields:
            self._set(record, change.name, change.before)
        # Set back without what else changed since, a field may contradict the rest of its row.
        if any(violations(record)):
            for change in fields:
                self._set(record, change.name, change.now)
            return set()
        return {change.name if hasattr(record, change.name) else CustomField.LEAF for change in fields}

    def _set(self, record: Record, name: str, value: object) -> None:
        if hasattr(record, name):
            setattr(record, name, value)
        else:
            record.custom = merged(record.custom, {name: value})

    def _archive(self, model: type[Record], rows: Sequence[Record]) -> None:
        """Put rows away."""
        values = self._archived()
        for row in rows:
            for name, value in values.items():
                setattr(row, name, value)
        self._write(model, rows, _ARCHIVED)
        self.counts["archived"] += len(rows)

    def _write(self, model: type[Record], rows: Sequence[Record], attributes: Collection[str]) -> None:
        if not rows:
            return
        columns = {each.attname: each.name for each in model._meta.concrete_fields}
        for row in rows:
            row.revision += 1
            # A bulk update doesn't set it, as a save does.
            row._meta.get_field("changed_at").pre_save(row, add=False)  # type: ignore[union-attr]
        names = {columns.get(name, name) for name in attributes}
        bulk_update(model, rows, sorted({*names, "revision", "changed_at"}), reason=self.reason)

    def _undo_named(self, model: type[Record]) -> None:
        """Archive the rows that were recorded because cells named them.

        Only where nobody edited them and nothing else uses them.
        """
        keys = list(self.writing.versions(model).filter(history_type="+").values_list("id", flat=True))
        for start in range(0, len(keys), BATCH):
            rows = model.objects.current().filter(pk__in=keys[start : start + BATCH], revision=1)  # type: ignore[attr-defined]
            using = used_by(list(rows), self.writing.moment)
            self._archive(model, [row for row in rows if row.pk not in using])


def _chunks(keys: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


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
    with indexed_later(register):
        undoing.run(progress)
    return dict(undoing.counts)
