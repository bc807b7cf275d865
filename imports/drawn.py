"""Rows that stand beside the rows of another register's sheet: measures beside risks. Found, counted, and drawn out of it as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.drafts import Draft
from imports.feeds import Feeds
from imports.mapping import ImportMapping
from imports.row_keys import RowKeys
from imports.sources import MappingError, Source
from registers.formatting import rows_named
from registers.parsing.header_words import forms_of, same_as
from registers.parsing.lookups import Lookups
from registers.parsing.targets import EXTERNAL_ID, keeps_source_data, targets_of
from registers.register import Register, registry
from spreadsheets.errors import BadValue
from spreadsheets.headers import normalize_header
from spreadsheets.table import Cell, Row, Table, cell_text
from spreadsheets.values import is_nothing

#: Columns that a table of drawn rows has besides those of the sheet.
_ID, _ORIGIN = "External id", "Arises from"
#: What is found beside rows is kept under, as JSON.
BESIDE = "beside"
#: Ids that one query asks for.
_BATCH = 1000


def columns_beside(register: Register, table: Table, mapping: ImportMapping, title_field: str) -> dict[str, str]:
    """Return the columns of a sheet that tell rows of a register beside its own: field → header; none where too little is told.

    Args:
        register: the one whose rows may stand there.
        table: the sheet.
        mapping: how it is understood for the register to which it belongs.
        title_field: what says in a line what a row of that one is.
    """
    beside = register.found_beside
    assert beside is not None
    own = mapping.fields.get(title_field)
    free = [header for header in table.headers if not (own and header in own.headers)]
    words = {normalize_header(word) for word in beside.title_words}
    words |= set(same_as(words))
    title = next((header for header in free if words & set(forms_of(header))), None)
    if title is None:
        return {}
    unfilled = [header for header in mapping.unmapped(table.headers) if header != title]
    targets, found = targets_of(register), {register.model.title_field: title}
    for name in beside.fields:
        if header := next((each for each in unfilled if targets[name].is_called(each)), None):
            found[name] = header
        elif name in mapping.fields and (source := mapping.fields[name]) and len(source.headers) == 1:
            # Who answers for the row answers for the measure, where nobody else is named.
            found.setdefault(name, source.headers[0])
    return found if any(found.get(name) in unfilled for name in beside.tell) else {}


@dataclass
class Found:
    """Rows of a sheet beside which rows of another register stand."""

    register: Register
    columns: Mapping[str, str]
    rows: list[int] = field(default_factory=list)
    not_yet: list[int] = field(default_factory=list)


class FoundRows:
    """What stands beside the rows of a sheet for other registers, counted while it is looked through."""

    def __init__(self, register: Register, table: Table, mapping: ImportMapping) -> None:
        self._mapping, self._keeps = mapping, keeps_source_data(register) and mapping.keep_unmapped is not False
        self._places = {header: place for place, header in enumerate(table.headers)}
        title = register.model.title_field
        known = () if mapping.is_of_own_export or mapping.drawn else registry
        others = [each for each in known if each.found_beside and register.slug in each.found_beside.registers]
        columns = [(each, columns_beside(each, table, mapping, title)) for each in others]
        self.found = [Found(each, headers) for each, headers in columns if headers]

    def see(self, drafts: Sequence[Draft]) -> None:
        """Take in settled drafts: beside those that another register takes, or that can't go in, nothing is offered."""
        for found in self.found:
            for draft in drafts:
                if not draft.left_for and not draft.problems:
                    told = _told(found.register, found.columns, self._places, draft.row)
                    if told is not None:
                        (found.rows if told else found.not_yet).append(draft.row.number)

    def as_json(self) -> dict[str, Any]:
        """Return by register how many rows it would get, from which columns, and how they are drawn."""
        fields = self._mapping.fields
        ids = fields.get(EXTERNAL_ID)
        return {
            found.register.slug: {
                "count": len(found.rows),
                "rows": rows_named(found.rows),
                "not_yet": rows_named(found.not_yet),
                "lost": [h for n, h in found.columns.items() if not self._is_filled(h)],
                "drawn": {
                    "ids": list(ids.headers) if ids else [],
                    "source": self._mapping.source,
                    "columns": dict(found.columns),
                },
            }
            for found in self.found
            if found.rows
        }

    def _is_filled(self, header: str) -> bool:
        return self._keeps or any(source and header in source.headers for source in self._mapping.fields.values())


def _told(register: Register, columns: Mapping[str, str], places: Mapping[str, int], row: Row) -> bool | None:
    """Return whether a row says what stands beside it; None where nothing does, or a remark alone."""
    beside = register.found_beside
    assert beside is not None
    title = row.cells[places[columns[register.model.title_field]]]
    tell = [row.cells[places[columns[name]]] for name in beside.tell if name in columns]
    if is_nothing(title) or all(map(is_nothing, tell)):
        return None
    return normalize_header(cell_text(title)) not in set(map(normalize_header, beside.not_yet)) | {""}


def fields_of_drawn(register: Register, drawn: Mapping[str, Any]) -> dict[str, Source | None]:
    """Return what fills the fields of a register whose rows are drawn out of another one's sheet."""
    beside = register.found_beside
    assert beside is not None
    return {
        EXTERNAL_ID: Source((_ID,)),
        beside.origin: Source((_ORIGIN,)),
        **{name: Source((header,)) for name, header in drawn["columns"].items()},
    }


def headers_of_drawn(drawn: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the headers of a table of drawn rows."""
    return (_ID, _ORIGIN, *dict.fromkeys(drawn["columns"].values()))


def drawn_from(table: Table, register: Register, mapping: ImportMapping) -> Table:
    """Return the rows of a register that stand beside those of another one's sheet, as a table of their own.

    Each has an id that follows from that of the row beside which it stands, and arises from that row, which the other register has.

    Raises:
        MappingError: the sheet hasn't these columns, or the register's rows stand beside no others.
    """
    other, drawn = registry.get(mapping.taken_from), mapping.drawn
    wanted = dict.fromkeys((*drawn["ids"], *drawn["columns"].values()))
    title = drawn["columns"].get(register.model.title_field, "")
    if other is None or register.found_beside is None or not title or not wanted.keys() <= set(table.headers):
        raise MappingError(_("These rows can't be drawn out of the sheet: its columns are others than they were."))
    places = {header: place for place, header in enumerate(table.headers)}
    told = {row.number: _told(register, drawn["columns"], places, row) for row in table.rows()}
    keys = {number: key for number, key in _keys(table, other, drawn) if told[number]}
    known = _references(other, list(keys.values()))
    kept = {number: (f"{title}: {key}", known[key]) for number, key in keys.items() if key in known}
    columns = [places[header] for header in headers_of_drawn(drawn)[2:]]
    first = table.columns[places[drawn["ids"][0] if drawn["ids"] else title]]

    def rows() -> Iterator[Row]:
        for row in table.rows():
            if row.number in kept:
                cells: tuple[Cell, ...] = (*kept[row.number], *(row.cells[place] for place in columns))
                yield row._replace(cells=cells, extra=())

    return replace(
        table,
        headers=headers_of_drawn(drawn),
        columns=(first, first, *(table.columns[place] for place in columns)),
        row_count=len(kept),
        notes=(*table.notes, *_notes(register, other, told, {n for n in keys if n not in kept})),
        _walk=rows,
    )


def _keys(table: Table, other: Register, drawn: Mapping[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield by row number the id that a row got when the sheet was imported for its own register."""
    made = RowKeys(table)
    source = f"{drawn['source']}: " if drawn["source"] else ""
    target = targets_of(other)[EXTERNAL_ID]
    feed = Feeds(table, ImportMapping(), Lookups(frozenset())).of(target, Source(tuple(drawn["ids"])))
    for row in table.rows():
        try:
            given = feed.parse(feed.cell(row)) if drawn["ids"] else None
        except BadValue:
            continue
        yield row.number, f"{source}{given}" if given else made.of(row)


def _references(other: Register, keys: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for first in range(0, len(keys), _BATCH):
        rows = other.rows().current().known_by(EXTERNAL_ID, keys[first : first + _BATCH])
        found.update(rows.values_list(EXTERNAL_ID, "reference"))
    return found


def _notes(register: Register, other: Register, told: Mapping[int, bool | None], unknown: set[int]) -> Iterator[str]:
    """Yield what is said of rows out of which none is drawn."""
    options = register.model._meta
    yield _("These are the %(kind)s that stand beside rows of “%(register)s” in the sheet.") % {
        "kind": options.verbose_name_plural, "register": other.title,
    }  # fmt: skip
    if not_yet := [number for number, says in told.items() if says is False]:
        yield ngettext(
            "Row %(rows)s doesn't say yet what is to be done: nothing is made of it.",
            "Rows %(rows)s don't say yet what is to be done: nothing is made of them.",
            len(not_yet),
        ) % {"rows": rows_named(not_yet)}
    if unknown:
        yield _("Rows %(rows)s aren't in “%(register)s”, so that nothing can arise from them: import them there first.") % {
            "rows": rows_named(sorted(unknown)), "register": other.title,
        }  # fmt: skip
