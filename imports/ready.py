"""What a look through a file found good, made ready to be written: values of all rows in temporary tables.

It is done in portions, before the transaction that writes, so that nobody waits for it.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import IO, Any, NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from imports.drafts import Draft, Prepared
from imports.examination import Examination, Progress
from imports.feeds import attribute
from registers.custom_fields.models import CustomField
from registers.models import Record
from spreadsheets.table import Row
from trail.staging import Staged
from trail.time_travel.snapshots import deferred


class Overtaken(Exception):
    """Somebody changed the register between the look through the file and the writing."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row

    def __str__(self) -> str:
        return _("Row %(row)s was recorded or changed by someone else while the file was looked through.") % {
            "row": self.row
        }


class Portion(NamedTuple):
    """Rows of which more is written than values: links, and what stands beside them.

    Attributes:
        new: the rows that are created, each with its place among all that are written.
        present: those that are there, each with its place and its key.
        changed: the places of those that change.
        fields: the names of what changes.
    """

    new: list[tuple[int, Prepared]]
    present: list[tuple[int, int, Prepared]]
    changed: set[int]
    fields: set[str]


@contextmanager
def made_ready(examination: Examination, *, reason: str, progress: Progress = lambda done: None) -> Iterator[Ready]:
    """Make what a look through a file found good ready to be written.

    Args:
        examination: what was looked through.
        reason: goes into the history of each row.
        progress: told how many rows are ready.

    Raises:
        Overtaken: somebody changed one of the rows since the look.
    """
    with tempfile.TemporaryFile() as spool, closing(Ready(examination, reason, spool)) as ready:
        done = 0
        for rows in examination.prepared():
            with deferred(), transaction.atomic():
                ready.take(rows)
            done += len(rows)
            progress(done)
        yield ready


class Ready:
    """Rows that are ready to be written to a register."""

    def __init__(self, examination: Examination, reason: str, spool: IO[bytes]) -> None:
        self.examination, self.reason = examination, reason
        self.model: type[Record] = examination.register.model
        self.matcher = examination.matcher
        fields = [
            each for each in self.model._meta.concrete_fields if not each.primary_key and each.name != "organization"
        ]
        mapped = {attribute(target) for target in self.matcher.targets if target.sets_column and not target.custom}
        mapped |= {*self.model.computed, CustomField.LEAF, "revision", "changed_at"}
        self.created = Staged(self.model, fields)
        self.changed = Staged(self.model, [each for each in fields if {each.name, each.attname} & mapped])
        #: The places of rows that change in more than the file says, as by a rule of theirs: those are written one by one.
        self.apart: set[int] = set()
        self._apart = {each.attname for each in fields} - {each.attname for each in self.changed.fields}
        self._spool, self._taken = spool, 0
        inherited: Any = Record.after_bulk_save
        does_more: Any = self.model.after_bulk_save
        self._follows = does_more.__func__ is not inherited.__func__ or any(
            target.kind == "records" for target in self.matcher.targets
        )

    def take(self, rows: Sequence[Prepared]) -> None:
        """Make values of a portion of rows."""
        places = range(self._taken, self._taken + len(rows))
        self._taken += len(rows)
        # A row of the file may be several of the register, so that its number says too little.
        new = [(place, each) for place, each in zip(places, rows, strict=True) if each.is_new]
        present = [(place, each) for place, each in zip(places, rows, strict=True) if not each.is_new]
        found = self.matched([each for _place, each in present])
        changed = [(place, *both) for (place, _each), both in zip(present, found, strict=True) if both[0].changed]
        self.apart |= {place for place, draft, _record in changed if self._apart & {*draft.changed}}
        self.created.add([(place, None, each.values) for place, each in new])
        self.changed.add([(place, record.pk, _values(record)) for place, _draft, record in changed])
        if self._follows or any(each.added or each.beside for each in rows):
            portion = Portion(
                new,
                [(place, record.pk, each) for (place, each), (_draft, record) in zip(present, found, strict=True)],
                {place for place, _draft, _record in changed},
                {name for _place, draft, _record in changed for name in draft.changed},
            )
            pickle.dump(portion, self._spool, protocol=pickle.HIGHEST_PROTOCOL)

    def prepared(self, places: Collection[int]) -> Iterator[list[Prepared]]:
        """Yield the rows at some places, portion by portion."""
        first = 0
        for rows in self.examination.prepared() if places else ():
            yield [each for place, each in enumerate(rows, first) if place in places]
            first += len(rows)

    @property
    def count(self) -> int:
        """How many rows are written."""
        return self.created.count + self.changed.count

    def close(self) -> None:
        """Give the temporary tables back."""
        self.created.close()
        self.changed.close()

    def matched(self, rows: Sequence[Prepared], *, lock: bool = False) -> list[tuple[Draft, Record]]:
        """Hold rows against the register once more; one that can't be written any more stops the import."""
        # Its cells aren't kept, but whoever finds something wrong looks for them.
        blank: tuple[None, ...] = (None,) * len(self.examination.table.headers)
        drafts = [
            Draft(
                Row(each.number, blank),
                each.key,
                each.by_reference,
                each.values,
                each.links,
                [],
                beside=dict(each.beside),
            )
            for each in rows
        ]
        self.matcher.match(drafts, lock=lock)
        found = []
        for draft in drafts:
            if draft.problems or draft.is_new or draft.record is None:
                raise Overtaken(draft.row.number)
            found.append((draft, draft.record))
        return found

    def portions(self) -> Iterator[Portion]:
        """Yield the rows of which more is written than values."""
        self._spool.seek(0)
        while True:
            try:
                # Nobody but this process has written to the temporary file.
                yield pickle.load(self._spool)
            except EOFError:
                return


def _values(record: Record) -> dict[str, Any]:
    """Return the values of a row that is about to change; this is one change more of it."""
    return {each.attname: getattr(record, each.attname) for each in record._meta.concrete_fields} | {
        "revision": record.revision + 1
    }
