"""A look through a file: every row is read, mapped, parsed and validated, none is written.

What would be written is kept in a temporary file, so that memory doesn't grow with the rows.
"""

from __future__ import annotations

import pickle
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import IO, Any

from imports.converter import Converter
from imports.drafts import Draft, Prepared
from imports.drawn import fields_of_drawn
from imports.feeds import attribute
from imports.known_ids import KnownIds
from imports.mapping import ImportMapping
from imports.matcher import Matcher
from imports.new_content import Additions, label_of
from imports.new_fields import new_targets
from imports.proposals import Contents
from imports.reimport import PassedOver, by_reference
from imports.sources import Source
from imports.survey_columns import survey_of
from registers.parsing.lookups import Lookups, RecordLookup
from registers.parsing.targets import EXTERNAL_ID, keeps_source_data, targets_of
from registers.register import Register
from spreadsheets.table import Table
from trail.history import BATCH

#: Called with the rows done so far.
Progress = Callable[[int], None]
OUTCOMES = ("created", "changed", "unchanged", "refused")


@dataclass
class Examination:
    """What a look through a file found.

    Attributes:
        counts: rows by outcome.
        left: the numbers of the rows that are left for another register, by its slug.
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
    #: What is asked about a file of one row a person and one question a column, see :mod:`imports.survey_columns`.
    survey: dict[str, Any] | None = None
    known_ids: KnownIds = field(init=False)
    #: Answers that the register has, and the file gives no more: they stay.
    emptied_answers: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    left: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    changed_fields: Counter[str] = field(default_factory=Counter)
    _spool: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    _new_keys: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        self.known_ids = KnownIds(self.register.model, self.converter)

    @property
    def has_changes(self) -> bool:
        """Whether there is anything to write."""
        return bool(self.counts["created"] or self.counts["changed"])

    @property
    def writes_rows(self) -> bool:
        """Whether rows get a version; what is added beside them gives them none."""
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
            if draft.left_for:
                self.left[draft.left_for].append(draft.row.number)
            if draft.outcome == "changed":
                self.changed_fields.update(
                    (*draft.changed, *draft.added, *(["assessed"] if draft.writes_beside else ()))
                )
        written = [self._prepared(draft) for draft in drafts if draft.outcome in ("created", "changed")]
        if written:
            pickle.dump(written, self._spool, protocol=pickle.HIGHEST_PROTOCOL)

    def look_for_emptied_answers(self) -> None:
        """Count the answers that rows don't give any more, and an earlier file gave: one query where some are missing."""
        keys, self.converter.unanswered_keys = self.converter.unanswered_keys, []
        if keys:
            rows = self.register.model.objects.known_by(EXTERNAL_ID, keys)
            self.emptied_answers += sum(not row.is_archived for row in rows)

    def prepared(self) -> Iterator[list[Prepared]]:
        """Yield what is to be written, chunk by chunk."""
        self._spool.seek(0)
        while True:
            try:
                # Nobody but this process has written to the temporary file.
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
            # Negative keys stand for records that are still to be created.
            self._new_keys[target.name].update(key for key in keys if key is not None and key < 0)
        values = (
            {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields if not f.primary_key}
            if draft.is_new
            else draft.values
        )
        added = {name: addition.new for name, addition in draft.added.items()}
        return Prepared(
            draft.row.number, draft.key, draft.by_reference, draft.is_new, values, draft.links, added, draft.beside
        )


def open_examination(register: Register, table: Table, mapping: ImportMapping) -> Examination:
    """Prepare a look through a file.

    Raises:
        MappingError: the mapping doesn't fit the file, or a field that every row needs gets no value.
    """
    targets = new_targets(register, mapping.new_fields) | targets_of(register)
    questionnaire = register.questionnaire
    if mapping.drawn:
        mapping = replace(mapping, fields={**fields_of_drawn(register, mapping.drawn), **mapping.fields})
    mapping = mapping.spread(table.headers, questionnaire.fields if questionnaire else ())
    headers = [header for header in table.headers if header not in (mapping.questions or ())]
    mapping = _with_recognised(mapping, register, table)
    proposed = mapping.completed(headers, targets, Contents(table, register.model.title_field).fit)
    if questionnaire and mapping.questions:
        # Questions of a survey are answered to a survey, unless the file or somebody says what else they are.
        proposed = proposed.otherwise(*questionnaire.source)
    complete = by_reference(proposed, mapping, table, register)
    unasked = frozenset(name for name, target in targets.items() if target.creates_unasked)
    lookups = Lookups(unasked if mapping.create is None else mapping.create)
    keep = keeps_source_data(register) and mapping.keep_unmapped is not False
    converter = Converter(table, targets, complete, lookups, keep_unmapped=keep, questionnaire=questionnaire)
    passed_over = PassedOver.of(register, table, complete, targets)
    matcher, additions = Matcher(register.model, converter), Additions.of(table, complete, targets)
    survey = survey_of(table, complete, mapping, targets, questionnaire)
    return Examination(register, table, complete, converter, matcher, passed_over, additions, survey)


def _with_recognised(mapping: ImportMapping, register: Register, table: Table) -> ImportMapping:
    """Return the mapping with what a register recognises in a table by more than names, where nothing else is said."""
    if register.recognises is None or mapping.is_of_own_export:
        return mapping
    used = {header for source in mapping.fields.values() if source for header in source.headers}
    said = [name for name, source in mapping.fields.items() if source]
    found = {
        name: Source((header,)) if header else None
        for name, header in register.recognises(table, said).items()
        if name not in mapping.fields and header not in used
    }
    return replace(mapping, fields={**found, **mapping.fields})


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
        here = [draft for draft in chunk if not draft.left_for]
        examination.matcher.match(here)
        examination.passed_over.see(here)
        examination.additions.see(here)
        examination.known_ids.see(here)
        examination.look_for_emptied_answers()
        on_drafts(chunk)
        examination.take(chunk)
        done += len(chunk)
        progress(done)
