"""What the XML of an XLSX workbook says of its cells beyond their values, read row by row (ECMA-376 part 1, 18.3).

The reader of workbooks gives blank cells where a formula failed, bare numbers where a format shows more, and neither formulas
nor hidden rows. The process that opens workbooks finds all of these here. Sheets are gone through as bytes, so that what has
none of it is passed over at the speed of a search.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from xml.etree import ElementTree

from spreadsheets.number_formats import BUILT_IN, Shown, shown_by

# As :mod:`spreadsheets.table` has it, which the process doesn't import.
UNCALCULATED = "#UNCALCULATED!"
_PIECE = 1024 * 1024
_STYLES = "xl/styles.xml"

_CELL = re.compile(rb"<c ([^>]*)>\s*(<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*(?:<v\s*/>|<v[^>]*>([^<]*)</v>)?\s*</c>")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ROW_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
_FORMULA = re.compile(rb"<f[ />]")
_VALUE = re.compile(rb"<v[ >]")


class RowMarks(NamedTuple):
    """What is said of a row, from 0, beyond its values.

    Errors and numbers are given with their columns, from 0: what a failed cell shows, how a number is shown.
    """

    row: int
    is_hidden: bool = False
    has_formulas_alone: bool = False
    errors: tuple[tuple[int, str], ...] = ()
    numbers: tuple[tuple[int, Shown], ...] = ()


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet (18.2)."""
    try:
        targets = {
            e.get("Id"): e.get("Target", "") for e in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
        }
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    except KeyError:
        return {}
    parts = {}
    for sheet in book.iter():
        if sheet.tag.endswith("}sheet"):
            target = next((targets.get(value, "") for key, value in sheet.items() if key.endswith("}id")), "")
            parts[sheet.get("name", "")] = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    held = set(archive.namelist())
    return {name: path for name, path in parts.items() if path in held}


def shown_numbers(archive: zipfile.ZipFile) -> dict[bytes, Shown]:
    """Return the styles whose numbers show more than they are, by the number that cells name them by (18.8.10)."""
    if _STYLES not in archive.namelist():
        return {}
    styles = ElementTree.fromstring(archive.read(_STYLES))
    codes = dict(BUILT_IN)
    shown: dict[int, Shown | None] = {}
    found = {}
    for part in styles:
        if part.tag.endswith("}numFmts"):
            codes |= {int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in part}
        elif part.tag.endswith("}cellXfs"):
            for number, each in enumerate(part):
                used = int(each.get("numFmtId", "0"))
                if used not in shown:
                    shown[used] = shown_by(codes[used]) if used in codes else None
                if how := shown[used]:
                    found[b"%d" % number] = how
    return found


def marks_of(archive: zipfile.ZipFile, path: str, styles: Mapping[bytes, Shown]) -> Iterator[RowMarks]:
    """Yield what is said of the rows of a sheet, in its order; rows of which nothing is said are left out."""
    styled = _styled(styles) if styles else None
    for rows in _pieces(archive, path):
        if not (styled or b't="e"' in rows or b"<f" in rows or b"hidden=" in rows):
            continue
        for text in rows.split(b"</row>"):
            marks = _marks(text, styles, styled)
            if marks is not None:
                yield marks


def _pieces(archive: zipfile.ZipFile, path: str) -> Iterator[bytes]:
    """Yield a sheet's XML in pieces that end with a row, so that none is torn."""
    rest: list[bytes] = []
    with archive.open(path) as part:
        while chunk := part.read(_PIECE):
            whole, cut, after = chunk.rpartition(b"</row>")
            if cut:
                yield b"".join([*rest, whole, cut])
                rest = [after]
            else:
                rest.append(chunk)
    yield b"".join(rest)


def _styled(styles: Mapping[bytes, Shown]) -> re.Pattern[bytes]:
    """Return what finds cells of numbers in one of the styles, whatever the order of their attributes."""
    numbers = b"|".join(sorted(styles))
    return re.compile(
        rb'<c (?=[^>]*?\bs="(' + numbers + rb')")(?=[^>]*?\br="([A-Z]{1,3})\d)(?![^>]*?\bt="(?!n"))[^>/]*>'
    )


def _marks(text: bytes, styles: Mapping[bytes, Shown], styled: re.Pattern[bytes] | None) -> RowMarks | None:
    start = text.rfind(b"<row")
    if start < 0:
        return None
    head = text[start : text.find(b">", start)]
    is_hidden = b"hidden=" in head and _HIDDEN.search(head) is not None
    has_formulas = b"<f" in text
    errors = tuple(_failed(text)) if has_formulas or b't="e"' in text else ()
    alone = has_formulas and _has_formulas_alone(text)
    numbers = tuple((_column(each[2]), styles[each[1]]) for each in styled.finditer(text, start)) if styled else ()
    if not (is_hidden or errors or alone or numbers):
        return None
    number = _ROW_NUMBER.search(head)
    cell = None if number else _REFERENCE.search(text, start)
    row = number[1] if number else cell[2] if cell else b"0"
    return RowMarks(int(row) - 1, is_hidden, alone, errors, numbers) if int(row) else None


def _failed(text: bytes) -> Iterator[tuple[int, str]]:
    """Yield the cells of a row that show an error or whose formula has no value, by column."""
    for attributes, formula, value in _CELL.findall(text):
        reference = _REFERENCE.search(attributes)
        if reference and b't="e"' in attributes:
            yield _column(reference[1]), value.decode("utf-8", "replace") or UNCALCULATED
        # A formula that gives an empty text has no value either.
        elif reference and formula and not value and b't="str"' not in attributes:
            yield _column(reference[1]), UNCALCULATED


def _has_formulas_alone(text: bytes) -> bool:
    """Return whether no cell of a row that has formulas holds anything else."""
    if b"<is>" in text or len(_VALUE.findall(text)) > len(_FORMULA.findall(text)):
        return False
    return not any(value and not formula for _attributes, formula, value in _CELL.findall(text))


def _column(letters: bytes) -> int:
    """Return the place of a column, from 0, by its letters."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return column - 1
