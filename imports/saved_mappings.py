"""How files were understood: remembered, and recognised when the same headers come again.

What a person chose about reading it (sheet, header row, encoding) is part of that, and is used where it fits the next
file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from imports.mapping import ImportMapping
from imports.models import SavedMapping
from imports.sources import MappingError
from organizations.models import User
from registers.parsing.targets import targets_of
from registers.register import Register
from spreadsheets.errors import UnreadableFile
from spreadsheets.headers import normalize_header
from spreadsheets.table import Table

#: Ways of reading that are tried on a file whose headers aren't known as they were found, the latest first.
_TRIED = 5
Read = Callable[[ImportMapping], Table]


class Understood(NamedTuple):
    """A file as it is read, how it is mapped, and the earlier one as which it was recognised."""

    table: Table
    mapping: ImportMapping
    saved: SavedMapping | None = None


def fingerprint(headers: Iterable[str]) -> str:
    """Return that by which files of one kind are known.

    It is made of their headers, whatever their spelling and order.
    """
    # Damaged files hold halves of surrogate pairs, which plain UTF-8 refuses.
    words = "\x1f".join(sorted(map(normalize_header, headers)))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def remember(
    register: Register, headers: Iterable[str], mapping: ImportMapping, *, filename: str, by: User | None
) -> None:
    """Keep how a file was read and understood, in place of what was kept for its headers."""
    # Whether ids are the same, and what becomes of hidden rows, is asked of each file that gives reason to.
    said = replace(mapping, same_ids=False, hidden_rows="", taken_from="", drawn={})
    kept: dict[str, Any] = {"mapping": said.as_json(), "filename": filename, "saved_by": by}
    SavedMapping.objects.update_or_create(register=register.slug, fingerprint=fingerprint(headers), defaults=kept)


def remembered(register: Register, headers: Iterable[str]) -> ImportMapping:
    """Return how the last file with these headers was understood; a mapping that says nothing where there was none."""
    saved = SavedMapping.objects.filter(register=register.slug, fingerprint=fingerprint(headers)).first()
    return (_mapping(saved, register) if saved else None) or ImportMapping()


def forget(register: Register, headers: Iterable[str]) -> None:
    """Forget how files with these headers were understood."""
    SavedMapping.objects.filter(register=register.slug, fingerprint=fingerprint(headers)).delete()


def recognise(register: Register, read: Read) -> Understood:
    """Read a file about which nothing was said, as the last one of its kind if there was one.

    Args:
        register: where it is to go.
        read: reads it by a mapping.

    Raises:
        UnreadableFile: it is no table, as it is found and as others were read.
    """
    try:
        table = read(ImportMapping())
    except UnreadableFile:
        if tried := next(_as_others(register, read, None), None):
            return tried
        raise
    saved = SavedMapping.objects.filter(register=register.slug, fingerprint=fingerprint(table.headers)).first()
    mapping = _mapping(saved, register) if saved else None
    if saved is None or mapping is None:
        return next(_as_others(register, read, table), Understood(table, ImportMapping()))
    said = _that_fits(mapping, table)
    if said.reading and (again := _read_as(saved, said, read)):
        return again
    return Understood(_noted(table, _ignored(saved, mapping, table)), replace(mapping, reading={}), saved)


def _as_others(register: Register, read: Read, table: Table | None) -> Iterator[Understood]:
    """Yield the file read as earlier ones were, where that finds their headers.

    They are those whose reading somebody chose.
    """
    # How a file is to be read stands among the options. More are fetched than tried, since some don't fit the register
    # any more or have other options only.
    tried = SavedMapping.objects.filter(register=register.slug, mapping__options__isnull=False)[: 4 * _TRIED]
    said = [(saved, mapping) for saved in tried if (mapping := _mapping(saved, register)) and mapping.reading]
    for saved, mapping in said[:_TRIED]:
        fitting = _that_fits(mapping, table) if table else mapping
        if fitting.reading and (found := _read_as(saved, fitting, read)):
            yield found


def _mapping(saved: SavedMapping, register: Register) -> ImportMapping | None:
    """Return what was kept; None where the register has changed since."""
    try:
        return ImportMapping.read(saved.mapping, targets_of(register))
    except MappingError:
        return None


def _that_fits(mapping: ImportMapping, table: Table) -> ImportMapping:
    """Return the mapping with what of its reading can be meant of a file.

    Never a sheet that isn't there, nor another encoding than the one that a file is in beyond doubt.
    """
    reading = dict(mapping.reading)
    if table.format == "csv":
        unfit = {"sheet"}
        if table.encoding.startswith("utf") or reading.get("encoding", "").startswith("utf"):
            unfit.add("encoding")
    else:
        there = "sheet" not in reading or reading["sheet"] in {sheet.name for sheet in table.sheets}
        unfit = {"encoding", "delimiter"} | (set() if there else {"sheet", "header_row"})
    return replace(mapping, reading={name: value for name, value in reading.items() if name not in unfit})


def _read_as(saved: SavedMapping, mapping: ImportMapping, read: Read) -> Understood | None:
    """Return the file read as an earlier one was; None where that doesn't find its headers."""
    try:
        table = read(mapping)
    except UnreadableFile:
        return None
    if fingerprint(table.headers) != saved.fingerprint:
        return None
    note = _("It is read as was chosen for %(file)s: %(what)s.") % {"file": saved.filename, "what": _said(mapping)}
    return Understood(_noted(table, [note]), mapping, saved)


def _said(mapping: ImportMapping) -> str:
    words = {
        "sheet": _("sheet “%(value)s”"),
        "header_row": _("header in row %(value)s"),
        "encoding": _("encoding %(value)s"),
        "delimiter": _("“%(value)s” between cells"),
        "every_row": _("every row taken"),
    }
    return ", ".join(text % {"value": mapping.reading[name]} for name, text in words.items() if name in mapping.reading)


def _ignored(saved: SavedMapping, mapping: ImportMapping, table: Table) -> list[str]:
    """Return what is said where a choice about the last file of its kind doesn't fit this one."""
    sheet = mapping.reading.get("sheet")
    if sheet and table.sheets and sheet not in {each.name for each in table.sheets}:
        words = _("The sheet “%(sheet)s”, chosen for %(file)s, isn't in this workbook: “%(found)s” is read.")
        return [words % {"sheet": sheet, "file": saved.filename, "found": table.sheet}]
    if row := mapping.reading.get("header_row"):
        words = _("The header isn't in row %(row)s, as was chosen for %(file)s: it was found in row %(found)s.")
        return (
            [words % {"row": row, "file": saved.filename, "found": table.header_row}] if row != table.header_row else []
        )
    return []


def _noted(table: Table, notes: Iterable[str]) -> Table:
    return replace(table, notes=(*table.notes, *notes))
