"""Writing what a look through a file found good, in one transaction.

It is short because everything slow is over by then.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from imports.drafts import Draft, Prepared
from imports.examination import Examination, Progress
from imports.feeds import attribute
from imports.links import create_missing, write_links
from imports.new_content import add, together
from registers.custom_fields.models import fields_of
from registers.models import Record, ReferenceCounter
from registers.parsing.lookups import RecordLookup
from registers.parsing.targets import EXTERNAL_ID
from spreadsheets.table import Row
from trail.history import bulk_create, bulk_update


class Overtaken(Exception):
    """Somebody changed the register between the look through the file and the writing."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row

    def __str__(self) -> str:
        return _("Row %(row)s was recorded or changed by someone else while the file was looked through.") % {
            "row": self.row
        }


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
        # They were new at the look; somebody may have recorded one of them since.
        self._refuse_taken(new)
        present = [prepared for prepared in chunk if not prepared.is_new]
        drafts = [self._draft(prepared) for prepared in present]
        # Held against the register once more, its rows locked from now on: one that changed since the look stops the
        # import.
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
        self.model.write_beside(
            [(record, each.beside) for record, each in zip(records, (*new, *present), strict=True) if each.beside],
            reason=self.reason,
        )
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
        # Links are among what changes, but are no columns.
        fields = {columns[name] for draft in changed for name in draft.changed if name in columns}
        for row in rows:
            row.revision += 1
            # A bulk update doesn't set it, as a save does.
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
        return Draft(
            Row(prepared.number, ()),
            prepared.key,
            prepared.by_reference,
            prepared.values,
            prepared.links,
            [],
            beside=dict(prepared.beside),
        )

    def _with_real_keys(self, prepared: Prepared) -> Prepared:
        """Put the keys of the records created meanwhile in place of those that stood for them."""
        values, links = dict(prepared.values), dict(prepared.links)
        for target, real in self._real.items():
            if target.kind == "records" and target.name in links:
                links[target.name] = [real.get(key, key) for key in links[target.name]]
            elif (key := values.get(attribute(target))) is not None:
                values[attribute(target)] = real.get(key, key)
        return prepared._replace(values=values, links=links)
