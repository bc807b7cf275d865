"""The worker that opens one workbook in a process of its own and writes out its cells.

A workbook is a program's input that strangers made: one far-off cell makes a reader ask for terabytes and die. So this
module is run by itself (`python -m spreadsheets.workbook_worker WORKBOOK FOLDER LIMITS`, see
:mod:`spreadsheets.sandbox`) under limits on memory and time. It writes `index.json`: format, sheets, or the code of
what is wrong; and for each sheet a file of JSON lines, one row a line, trailing blanks left out, with dates and times
as ["d" or "t", ISO 8601].

The workbook reader gives blank cells where a formula failed or was never calculated. In XLSX such cells are looked up
in the sheet's XML and written as the error they show, so that they can't pass for blank ones.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import python_calamine

from spreadsheets.sandbox import INDEX, bound_process

# As :mod:`spreadsheets.table` has it, which this process doesn't import.
UNCALCULATED = "#UNCALCULATED!"
MAX_PARTS = 10_000
# The rows of a sheet of Excel.
MAX_ROWS = 2**20
MAX_MERGES = 20_000
# What unpacks to no more than this may be packed as tightly as it likes.
SMALL = 20 * 1024 * 1024
OOXML = {
    "xl/workbook.xml": "xlsx",
    "xl/workbook.bin": "xlsb",
    "word/document.xml": "word",
    "ppt/presentation.xml": "slides",
}
ODF = {"spreadsheet": "ods", "text": "word", "presentation": "slides"}

_CELL = re.compile(rb"<c ([^>]*)>\s*(<f[^>]*/>|<f[^>]*>[^<]*</f>)?\s*(?:<v\s*/>|<v[^>]*>([^<]*)</v>)?\s*</c>")
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


DAMAGED = (
    python_calamine.CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    ElementTree.ParseError,
    ValueError,
    NotImplementedError,
    OSError,
    EOFError,
    RuntimeError,
)


class Refused(Exception):
    """Why a workbook is not opened, as a code the importer words."""


def main(workbook: str, folder: str, limits: str) -> None:
    """Unpack `workbook` into `folder` under `limits`.

    The limits are JSON: memory_bytes, seconds, unpacked_bytes, ratio.
    """
    bounds = json.loads(limits)
    bound_process(bounds)
    try:
        index = unpack(Path(workbook), Path(folder), bounds)
    except Refused as refused:
        index = {"error": refused.args[0]}
    except python_calamine.PasswordError:
        index = {"error": "password"}
    except MemoryError:
        index = {"error": "memory"}
    except DAMAGED:
        index = {"error": "damaged"}
    (Path(folder) / INDEX).write_bytes(orjson.dumps(index))


def unpack(workbook: Path, folder: Path, bounds: dict[str, int]) -> dict[str, Any]:
    """Write every sheet of the workbook to `folder` and say what there is."""
    kind, failed = "xls", {}
    if zipfile.is_zipfile(workbook):
        with zipfile.ZipFile(workbook) as archive:
            check_size(archive, bounds)
            kind = zip_kind(archive)
            failed = failed_cells(archive) if kind == "xlsx" else {}
    elif is_encrypted(workbook):
        raise Refused("password")
    book = python_calamine.CalamineWorkbook.from_path(workbook)
    sheets = [
        write_sheet(book, meta, folder / f"{number}.jsonl", failed.get(meta.name, {}))
        for number, meta in enumerate(book.sheets_metadata)
    ]
    return {"format": kind, "sheets": sheets}


def check_size(archive: zipfile.ZipFile, bounds: dict[str, int]) -> None:
    """Refuse archives that are encrypted, of too many parts, or that unpack to too much."""
    parts = archive.infolist()
    unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("password")
    if len(parts) > MAX_PARTS or unpacked > bounds["unpacked_bytes"]:
        raise Refused("large")
    if unpacked > SMALL and unpacked > bounds["ratio"] * max(packed, 1):
        raise Refused("large")


def zip_kind(archive: zipfile.ZipFile) -> str:
    """Tell the kind of workbook a zip archive is; refuse other archives by what they are."""
    names = set(archive.namelist())
    kind = next((kind for name, kind in OOXML.items() if name in names), None)
    if kind is None and "mimetype" in names:
        mimetype = archive.read("mimetype")[:100].decode("ascii", "replace")
        kind = next((kind for word, kind in ODF.items() if f"opendocument.{word}" in mimetype), None)
    if any(name.lower().endswith(".reqif") for name in names):
        kind = "reqif"
    if kind is None or kind in ("word", "slides", "reqif"):
        raise Refused(kind or "archive")
    return kind


def is_encrypted(workbook: Path) -> bool:
    """Return whether an OLE file is an encrypted package rather than an old workbook.

    See MS-OFFCRYPTO 1.3.2.
    """
    content = workbook.read_bytes()
    return "EncryptedPackage".encode("utf-16-le") in content and "Workbook".encode("utf-16-le") not in content


def failed_cells(archive: zipfile.ZipFile) -> dict[str, dict[tuple[int, int], str]]:
    """Return the cells of each sheet that show an error or whose formula has no value.

    They are known by row and column, from 0.
    """
    return {
        name: dict(failed_in_sheet(archive, path))
        for name, path in sheet_parts(archive).items()
        if path in archive.namelist()
    }


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet (ECMA-376 part 1, 18.2)."""
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
    return parts


def failed_in_sheet(archive: zipfile.ZipFile, path: str) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the failed cells of one sheet.

    What has neither errors nor formulas is passed over without being searched cell by cell.
    """
    rest = b""
    with archive.open(path) as part:
        while chunk := part.read(1024 * 1024):
            # Cut between cells, so that none is torn; what is left goes before the next piece.
            text, _cut, rest = (rest + chunk).rpartition(b"</c>")
            if b't="e"' in text or b"<f" in text:
                yield from failed_in_text(text + b"</c>")


def failed_in_text(text: bytes) -> Iterator[tuple[tuple[int, int], str]]:
    """Yield the failed cells in a piece of a sheet's XML."""
    for attributes, formula, value in _CELL.findall(text):
        reference = _REFERENCE.search(attributes)
        if reference and b't="e"' in attributes:
            yield position(*reference.groups()), value.decode("utf-8", "replace") or UNCALCULATED
        # A formula that gives an empty text has no value either.
        elif reference and formula and not value and b't="str"' not in attributes:
            yield position(*reference.groups()), UNCALCULATED


def position(letters: bytes, digits: bytes) -> tuple[int, int]:
    """Return row and column, from 0, of a reference such as B7."""
    column = 0
    for letter in letters:
        column = column * 26 + letter - ord("A") + 1
    return int(digits) - 1, column - 1


def write_sheet(book: Any, meta: Any, path: Path, failed: dict[tuple[int, int], str]) -> dict[str, Any]:
    """Write one sheet's rows to `path` and describe it."""
    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    described = {"name": meta.name, "hidden": hidden, "file": path.name, "failed": len(failed)}
    if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
        return described | {"error": "chart"}
    try:
        sheet = book.get_sheet_by_name(meta.name)
    except python_calamine.CalamineError:
        return described | {"error": "damaged"}
    rows = 0
    with path.open("wb") as file:
        for cells in absolute_rows(sheet, failed):
            rows += bool(cells)
            file.write(orjson.dumps(cells) + b"\n")
    merges = sheet.merged_cell_ranges or []
    return described | {
        "rows": rows,
        "merged": len(merges),
        "merges": [[*first, *last] for first, last in merges[:MAX_MERGES]],
    }


def absolute_rows(sheet: Any, failed: dict[tuple[int, int], str]) -> Iterator[list[Any]]:
    """Yield the sheet's rows from its first row and column on.

    Failed cells are filled in, trailing blanks left out.
    """
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), error in failed.items():
        # A place below the last row would have blank rows written all the way to it.
        if row < MAX_ROWS:
            by_row.setdefault(row, []).append((column, error))
    # iter_rows counts from the sheet's first row but from the first column that is used.
    _first_row, first_column = sheet.start or (0, 0)
    number = -1
    for number, cells in enumerate(sheet.iter_rows()):
        yield merged([None] * first_column + [as_json(cell) for cell in cells], by_row.pop(number, ()))
    for row in sorted(by_row):
        yield from ([] for _blank in range(number + 1, row))
        yield merged([], by_row[row])
        number = row


def merged(line: list[Any], errors: Iterable[tuple[int, str]]) -> list[Any]:
    """Return the row with errors put where it has blanks, without its trailing blanks."""
    for column, error in errors:
        line += [None] * (column + 1 - len(line))
        line[column] = error if line[column] is None else line[column]
    while line and line[-1] is None:
        line.pop()
    return line


def as_json(cell: Any) -> Any:
    """Return a cell as JSON can hold it."""
    if isinstance(cell, str):
        return cell if cell else None
    # A duration, as spreadsheet programs show it in hours, minutes and seconds.
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(cell, dt.time):
        return ["t", cell.isoformat()]
    if isinstance(cell, dt.date):
        return ["d", cell.isoformat()]
    return cell


if __name__ == "__main__":
    main(*sys.argv[1:4])
