"""Writing what was made ready (:mod:`imports.ready`), in one transaction.

The database copies it from temporary tables: on SQLite others wait for seconds, and nobody ever sees a part of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from django.db import connection, transaction

from imports.drafts import Prepared
from imports.feeds import attribute
from imports.links import create_missing, write_links
from imports.new_content import add, together
from imports.ready import Overtaken, Portion, Ready
from organizations.scope import current_organization
from registers.custom_fields.models import fields_of
from registers.lists.search_later import indexed_later
from registers.models import Record, ReferenceCounter
from registers.parsing.lookups import RecordLookup
from trail.history import bulk_update
from trail.transaction_time import written_at

#: Up to so many rows come into the search's index as they are written.
FEW = 500
#: The keys of records that were created because cells name them, by the negative ones that stood for them.
Real = Mapping[RecordLookup, Mapping[int, int]]


@transaction.atomic
def write(ready: Ready) -> None:
    """Write all of it with history, in one transaction.

    Raises:
        Overtaken: somebody recorded or put away one of the rows in between; nothing is written.
    """
    _refuse_taken(ready)
    # Somebody has edited them since they were made ready: they are held against the register once more.
    edited = _edited(ready) | ready.apart
    ready.changed.drop(edited)
    creates = ready.examination.creates.items()
    writer = _Writer(ready, {lookup: create_missing(lookup, names, ready.reason) for lookup, names in creates})
    writer.complete()
    with indexed_later(ready.examination.register) if ready.count > FEW else nullcontext():
        ready.created.insert(reason=ready.reason)
        ready.changed.update(reason=ready.reason)
    with together():
        for portion in ready.portions():
            writer.follow(portion, edited)
        for rows in ready.prepared(edited):
            writer.write_again(rows)


def _refuse_taken(ready: Ready) -> None:
    """Refuse rows of which somebody has recorded one since the look."""
    table = connection.ops.quote_name(ready.model._meta.db_table)
    ((first,),) = ready.created.run(
        f"SELECT min(staged.number) FROM {ready.created.name} AS staged JOIN {table} AS present "
        "ON present.organization_id = %s AND present.external_id = staged.external_id "
        "WHERE NOT (present.external_id = '')",
        current_organization().pk,
    )
    for rows in ready.prepared([first] if first is not None else ()):
        for each in rows:
            raise Overtaken(each.number)


def _edited(ready: Ready) -> set[int]:
    """Return the places of rows that somebody has edited since, all rows locked from now on."""
    table = connection.ops.quote_name(ready.model._meta.db_table)
    lock = " FOR UPDATE OF present" if connection.vendor == "postgresql" else ""
    rows = ready.changed.run(
        f"SELECT staged.number, staged.revision - present.revision FROM {ready.changed.name} AS staged "
        f"JOIN {table} AS present ON present.id = staged.key ORDER BY staged.key{lock}"
    )
    return {number for number, ahead in rows if ahead != 1}


class _Writer:
    """Writes what only can be written, or is only known, inside the transaction."""

    def __init__(self, ready: Ready, real: Real) -> None:
        self.ready, self.model, self.reason = ready, ready.model, ready.reason
        self.targets = ready.matcher.targets
        lookups = ready.examination.converter.lookups
        #: By target, the keys of records by those that stood for them.
        self.real = {
            target: real.get(lookups.of(target), {}) for target in self.targets if target.kind in ("record", "records")
        }

    def complete(self) -> None:
        """Put in what is only known now: references, keys of records created along, and the date."""
        for staged in (self.ready.created, self.ready.changed):
            for target, real in self.real.items():
                if target.kind == "record" and target.field in staged.fields:
                    staged.replace_keys(target.field, real)
            staged.give("changed_at", "%s", _moment())
        if self.ready.created.count:
            self.ready.created.give("created_at", "%s", _moment())
            first = ReferenceCounter.take(self.model.prefix, self.ready.created.count)[0]
            number = f"CAST({int(first.rpartition('-')[2])} + position - 1 AS varchar)"
            # Four digits, or as many as it has.
            self.ready.created.give(
                "reference", f"%s || substr('000', length({number})) || {number}", f"{self.model.prefix}-"
            )

    def follow(self, portion: Portion, edited: set[int]) -> None:
        """Write what goes with rows whose values are written."""
        keys = self.ready.created.keys_of([place for place, _each in portion.new])
        present = [(key, place, each) for place, key, each in portion.present if place not in edited]
        records = self.model.objects.in_bulk([*keys.values(), *(key for key, _place, _each in present)])
        for key, _place, each in present:
            if records[key].is_archived:
                raise Overtaken(each.number)
        self._write_beside(
            [(records[keys[place]], _with_real_links(each, self.real)) for place, each in portion.new],
            [(records[key], _with_real_links(each, self.real)) for key, _place, each in present],
            {key for key, place, _each in present if place in portion.changed},
            portion.fields,
        )

    def _write_beside(
        self,
        new: Sequence[tuple[Record, Prepared]],
        present: Sequence[tuple[Record, Prepared]],
        changed: set[int],
        fields: set[str],
    ) -> None:
        updated = [(record, each) for record, each in present if record.pk in changed]
        links = [[(record, each.links) for record, each in rows] for rows in (new, updated)]
        write_links(self.targets, links[0], self.reason)
        write_links(self.targets, links[1], self.reason, replace=True)
        self.model.after_bulk_save([record for record, _each in new], [record for record, _each in updated], fields)
        self.model.write_beside(
            [(record, each.beside) for record, each in (*new, *present) if each.beside], reason=self.reason
        )
        add([(record, each.added) for record, each in (*new, *present)])

    def write_again(self, rows: Sequence[Prepared]) -> None:
        """Write rows that somebody has edited meanwhile, one by one with what they are now."""
        if not rows:
            return
        rows = [_with_real_keys(each, self.real) for each in rows]
        found = self.ready.matched(rows, lock=True)
        changed = [(draft, record) for draft, record in found if draft.changed]
        columns = {each.attname: each.name for each in self.model._meta.concrete_fields}
        columns |= {definition.key: definition.LEAF for definition in fields_of(self.model.register_slug)}
        # Links are among what changes, but are no columns.
        names = {columns[name] for draft, _record in changed for name in draft.changed if name in columns}
        for _draft, record in changed:
            record.revision += 1
            record.changed_at = written_at()
        if changed:
            bulk_update(self.model, [record for _draft, record in changed], sorted({*names, "revision", "changed_at"}), reason=self.reason)  # fmt: skip
        self._write_beside(
            [],
            [(record, each) for (_draft, record), each in zip(found, rows, strict=True)],
            {record.pk for _draft, record in changed},
            {name for draft, _record in changed for name in draft.changed},
        )


def _moment() -> Any:
    return connection.ops.adapt_datetimefield_value(written_at())


def _with_real_links(prepared: Prepared, made: Mapping[Any, Mapping[int, int]]) -> Prepared:
    """Put the keys of the records created meanwhile in place of those that stood for them, in links."""
    links = {
        target.name: [real.get(key, key) for key in prepared.links[target.name]]
        for target, real in made.items()
        if target.kind == "records" and target.name in prepared.links
    }
    return prepared._replace(links=dict(prepared.links) | links)


def _with_real_keys(prepared: Prepared, made: Mapping[Any, Mapping[int, int]]) -> Prepared:
    """The same, in values too."""
    values = dict(prepared.values)
    for target, real in made.items():
        if target.kind == "record" and (key := values.get(attribute(target))) is not None:
            values[attribute(target)] = real.get(key, key)
    return _with_real_links(prepared._replace(values=values), made)
