"""The one way from a file into a register, for pages, workers and the command line: look through, then write.

``examine`` reads, maps, parses and validates every row without writing anything, and keeps what would be written in a
temporary file, so that memory doesn't grow with the rows. ``write`` puts that into the register in one transaction: short,
because everything slow is over by then, and complete, because it counts whole or not at all.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _

from registers.custom.models import fields_of
from registers.importing.additions import Additions, add, label_of, together
from registers.importing.converting import Converter, attribute
from registers.importing.lookups import Lookups, RecordLookup
from registers.importing.mapping import ImportMapping
from registers.importing.matching import Matcher
from registers.importing.ownexport import PassedOver, by_reference
from registers.importing.rows import Draft, Prepared
from registers.importing.targets import EXTERNAL_ID, keeps_source_data, targets_of
from registers.importing.writing import create_missing, write_links
from registers.models import Record, ReferenceCounter
from registers.register import Register
from spreadsheets.table import Row, Table
from trail.history import BATCH, bulk_create, bulk_update

#: Called with the rows done so far.
Progress = Callable[[int], None]
OUTCOMES = ("created", "changed", "unchanged", "refused")


class Overtaken(Exception):
    """Somebody changed the register between the look through the file and the writing."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row

    def __str__(self) -> str:
        return _("Row %(row)s was recorded or changed by someone else while the file was looked through.") % {
            "row": self.row
        }


@dataclass
class Examination:
    """What a look through a file found.

    Attributes:
        counts: rows by outcome.
        changed_fields: how many rows change, by field.
        creates: records that cells name and that will be created, by lookup.
        passed_over: cells of an export that were edited and that an import doesn't change.
        additions: what an edited export adds beside its rows.
    """

    register: Register
    table: Table
    mapping: ImportMapping
    converter: Converter
    matcher: Matcher
    passed_over: PassedOver
    additions: Additions
    counts: Counter[str] = field(default_factory=Counter)
    changed_fields: Counter[str] = field(default_factory=Counter)
    _spool: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _new_keys: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.counts["created"] or self.counts["changed"])

    @property
    def writes_rows(self) -> bool:
        """Whether rows get a version: not of what is added beside them."""
        return bool(self.counts["created"] or any(not label_of(name) for name in self.changed_fields))

    @property
    def unmapped(self) -> list[str]:
        """The file's columns that fill no field and add nothing."""
        return [header for header in self.mapping.unmapped(self.table.headers) if header not in self.additions.headers]

    @property
    def creates(self) -> dict[RecordLookup, dict[int, str]]:
        """Records to be created because sound rows name them: lookup → key → name."""
        found = {}
        for lookup in self.converter.lookups.creating:
            targets = [
                target.name
                for target in self.matcher.targets
                if target.kind in ("record", "records") and self.converter.lookups.of(target) is lookup
            ]
            used = set().union(*(self._new_keys[name] for name in targets))
            found[lookup] = {key: name for name, key in lookup.missing.items() if key in used}
        return {lookup: names for lookup, names in found.items() if names}

    def take(self, drafts: Sequence[Draft]) -> None:
        """Count settled drafts, and keep those that are to be written."""
        for draft in drafts:
            self.counts[draft.outcome] += 1
            if draft.outcome == "changed":
                self.changed_fields.update((*draft.changed, *draft.added))
        written = [self._prepared(draft) for draft in drafts if draft.outcome in ("created", "changed")]
        if written:
            pickle.dump(written, self._spool, protocol=pickle.HIGHEST_PROTOCOL)

    def prepared(self) -> Iterator[list[Prepared]]:
        """What is to be written, chunk by chunk."""
        self._spool.seek(0)
        while True:
            try:
                yield pickle.load(self._spool)
            except EOFError:
                return

    def close(self) -> None:
        """Give the temporary file back."""
        self._spool.close()

    def _prepared(self, draft: Draft) -> Prepared:
        record = draft.record
        assert record is not None
        for target in self.matcher.targets:
            keys = (
                draft.links.get(target.name, ())
                if target.kind == "records"
                else (draft.values.get(attribute(target)),)
                if target.kind == "record"
                else ()
            )
            self._new_keys[target.name].update(key for key in keys if key is not None and key < 0)
        values = (
            {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields if not f.primary_key}
            if draft.is_new
            else draft.values
        )
        added = {name: addition.new for name, addition in draft.added.items()}
        return Prepared(draft.row.number, draft.key, draft.by_reference, draft.is_new, values, draft.links, added)


def open_examination(register: Register, table: Table, mapping: ImportMapping) -> Examination:
    """Prepare a look through a file.

    Raises:
        MappingError: the mapping doesn't fit the file, or a field that every row needs gets no value.
    """
    targets = targets_of(register)
    complete = by_reference(mapping.completed(table.headers, targets), mapping, table, register)
    unasked = frozenset(name for name, target in targets.items() if target.creates_unasked)
    lookups = Lookups(unasked if mapping.create is None else mapping.create)
    keep = keeps_source_data(register) and mapping.keep_unmapped is not False
    converter = Converter(table, targets, complete, lookups, keep_unmapped=keep)
    passed_over = PassedOver.of(register, table, complete, targets)
    matcher, additions = Matcher(register.model, converter), Additions.of(table, complete, targets)
    return Examination(register, table, complete, converter, matcher, passed_over, additions)


def examine(
    examination: Examination,
    *,
    on_drafts: Callable[[Sequence[Draft]], None] = lambda drafts: None,
    progress: Progress = lambda done: None,
) -> None:
    """Look through all rows of a file. Nothing is written.

    Args:
        examination: from :func:`open_examination`.
        on_drafts: sees each chunk of settled drafts: for previews and reports.
        progress: told how many rows are done.
    """
    drafts = examination.converter.drafts()
    done = 0
    while chunk := list(islice(drafts, BATCH)):
        examination.matcher.match(chunk)
        examination.passed_over.see(chunk)
        examination.additions.see(chunk)
        on_drafts(chunk)
        examination.take(chunk)
        done += len(chunk)
        progress(done)


@transaction.atomic
def write(examination: Examination, *, reason: str, progress: Progress = lambda done: None) -> None:
    """Write everything that a look through a file found good, with history, in one transaction.

    Raises:
        Overtaken: somebody changed one of the rows in between; nothing is written.
    """
    real = {lookup: create_missing(lookup, names, reason) for lookup, names in examination.creates.items()}
    writer = _Writer(examination, real, reason)
    done = 0
    with together():
        for chunk in examination.prepared():
            writer.write(chunk)
            done += len(chunk)
            progress(done)


class _Writer:
    """Writes chunks of prepared rows inside the one transaction."""

    def __init__(self, examination: Examination, real: dict[RecordLookup, dict[int, int]], reason: str) -> None:
        self.examination, self.reason = examination, reason
        self.model: type[Record] = examination.register.model
        lookups = examination.converter.lookups
        self._real = {
            target: real.get(lookups.of(target), {})
            for target in examination.matcher.targets
            if target.kind in ("record", "records")
        }

    def write(self, chunk: Sequence[Prepared]) -> None:
        chunk = [self._with_real_keys(prepared) for prepared in chunk]
        new = [prepared for prepared in chunk if prepared.is_new]
        self._refuse_taken(new)
        present = [prepared for prepared in chunk if not prepared.is_new]
        drafts = [self._draft(prepared) for prepared in present]
        self.examination.matcher.match(drafts, lock=True)
        for draft in drafts:
            if draft.problems or draft.is_new:
                raise Overtaken(draft.row.number)
        changed = [draft for draft in drafts if draft.changed]
        created, updated = self._create(new), self._update(changed)
        fields = {name for draft in changed for name in draft.changed}
        write_links(self.examination.matcher.targets, [*zip(created, (p.links for p in new), strict=True)], self.reason)
        write_links(
            self.examination.matcher.targets,
            [*zip(updated, (d.links for d in changed), strict=True)],
            self.reason,
            replace=True,
        )
        self.model.after_bulk_save(created, updated, fields)
        records = [*created, *(draft.record for draft in drafts if draft.record is not None)]
        add([(record, prepared.added) for record, prepared in zip(records, (*new, *present), strict=True)])

    def _create(self, new: Sequence[Prepared]) -> list[Record]:
        if not new:
            return []
        references = ReferenceCounter.take(self.model.prefix, len(new))
        rows = [
            self.model(**{**prepared.values, "reference": reference})
            for prepared, reference in zip(new, references, strict=True)
        ]
        return bulk_create(self.model, rows, reason=self.reason)

    def _update(self, changed: Sequence[Draft]) -> list[Record]:
        rows = [draft.record for draft in changed if draft.record is not None]
        if not rows:
            return []
        columns = {f.attname: f.name for f in self.model._meta.concrete_fields}
        columns |= {definition.key: definition.LEAF for definition in fields_of(self.model.register_slug)}
        fields = {columns[name] for draft in changed for name in draft.changed if name in columns}
        for row in rows:
            row.revision += 1
            row._meta.get_field("changed_at").pre_save(row, add=False)  # type: ignore[union-attr]
        bulk_update(self.model, rows, sorted({*fields, "revision", "changed_at"}), reason=self.reason)
        return rows

    def _refuse_taken(self, new: Sequence[Prepared]) -> None:
        keys = {prepared.key: prepared.number for prepared in new}
        taken = (
            self.model.objects.known_by(EXTERNAL_ID, keys).values_list("external_id", flat=True).first()
            if keys
            else None
        )
        if taken is not None:
            raise Overtaken(keys[taken])

    def _draft(self, prepared: Prepared) -> Draft:
        return Draft(Row(prepared.number, ()), prepared.key, prepared.by_reference, prepared.values, prepared.links, [])

    def _with_real_keys(self, prepared: Prepared) -> Prepared:
        """Put the keys of the records created meanwhile in place of those that stood for them."""
        values, links = dict(prepared.values), dict(prepared.links)
        for target, real in self._real.items():
            if target.kind == "records" and target.name in links:
                links[target.name] = [real.get(key, key) for key in links[target.name]]
            elif (key := values.get(attribute(target))) is not None:
                values[attribute(target)] = real.get(key, key)
        return prepared._replace(values=values, links=links)
