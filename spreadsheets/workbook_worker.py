"""The worker that opens one workbook in a process of its own and writes out its cells.

A workbook is a program's input that strangers made: one far-off cell makes a reader ask for terabytes and die. So this
module is run by itself (`python -m spreadsheets.workbook_worker WORKBOOK FOLDER LIMITS`, see
:mod:`spreadsheets.sandbox`) under limits on memory and time. It writes `index.json`: format, sheets, or the code of
what is wrong; and for each sheet a file of JSON lines, one row a line, trailing blanks left out, a row of little else but
blanks as {"width": …, "cells": [[column, cell], …]}, with dates and times as ["d" or "t", ISO 8601], and numbers that show more than they are as ["n" or, for per cent, "%", number, what it shows].

The workbook reader gives blank cells where a formula failed or was never calculated. In XLSX such cells are looked up
in the sheet's XML (:mod:`spreadsheets.sheet_xml`) and written as the error they show, so that they can't pass for blank ones.
"""

from __future__ import annotations

import datetime as dt
import errno
import json
import sys
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
import python_calamine

from spreadsheets.room import Refused, Room
from spreadsheets.sandbox import INDEX, bound_process
from spreadsheets.sheet_xml import RowMarks, marks_of, sheet_parts, shown_numbers
from spreadsheets.workbook_kinds import check_size, is_encrypted, zip_kind

# The rows of a sheet of Excel.
MAX_ROWS = 2**20
MAX_MERGES = 20_000
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


def main(workbook: str, folder: str, limits: str) -> None:
    """Unpack `workbook` into `folder` under `limits`.

    The limits are JSON: memory_bytes, seconds, unpacked_bytes, ratio, cells.
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
    except DAMAGED as error:
        if getattr(error, "errno", None) == errno.ENOSPC:
            sys.exit(errno.ENOSPC)
        index = {"error": "damaged"}
    (Path(folder) / INDEX).write_bytes(orjson.dumps(index))


def unpack(workbook: Path, folder: Path, bounds: dict[str, int]) -> dict[str, Any]:
    """Write every sheet of the workbook to `folder` and say what there is."""
    if zipfile.is_zipfile(workbook):
        with zipfile.ZipFile(workbook) as archive:
            check_size(archive, bounds)
            kind = zip_kind(archive)
            marks = marks_by_sheet(archive) if kind == "xlsx" else {}
            return write_sheets(workbook, kind, folder, marks, Room.of(workbook, bounds))
    elif is_encrypted(workbook):
        raise Refused("password")
    return write_sheets(workbook, "xls", folder, {}, Room.of(workbook, bounds))


def marks_by_sheet(archive: zipfile.ZipFile) -> dict[str, Iterator[RowMarks]]:
    """Return what the workbook's XML says of the rows of each sheet."""
    styles = shown_numbers(archive)
    return {name: marks_of(archive, path, styles) for name, path in sheet_parts(archive).items()}


def write_sheets(
    workbook: Path, kind: str, folder: Path, marks: Mapping[str, Iterator[RowMarks]], room: Room
) -> dict[str, Any]:
    """Write every sheet to `folder`, and say what there is."""
    book = python_calamine.CalamineWorkbook.from_path(workbook)
    sheets = [
        write_sheet(book, meta, folder / f"{number}.jsonl", marks.get(meta.name, iter(())), room)
        for number, meta in enumerate(book.sheets_metadata)
    ]
    return {"format": kind, "sheets": sheets}


def write_sheet(book: Any, meta: Any, path: Path, marks: Iterator[RowMarks], room: Room) -> dict[str, Any]:
    """Write one sheet's rows to `path` and describe it."""
    hidden = meta.visible != python_calamine.SheetVisibleEnum.Visible
    described = {"name": meta.name, "hidden": hidden, "file": path.name}
    if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
        return described | {"error": "chart"}
    try:
        sheet = book.get_sheet_by_name(meta.name)
    except python_calamine.CalamineError:
        return described | {"error": "damaged"}
    rows, seen = 0, Seen()
    with path.open("wb") as file:
        for cells in absolute_rows(sheet, seen.watch(marks)):
            rows += bool(cells)
            file.write(room.line(cells))
    merges = sheet.merged_cell_ranges or []
    return described | {
        "rows": rows,
        "failed": seen.failed,
        "hidden_rows": seen.hidden,
        "formula_rows": seen.formulas,
        "merged": len(merges),
        "merges": [[*first, *last] for first, last in merges[:MAX_MERGES]],
    }


class Seen:
    """What the marks of a sheet's rows come to: how many cells failed, which rows are hidden or hold formulas alone.

    Rows are given as the first and the last of each run, from 0; failed cells of rows of formulas alone don't count.
    """

    def __init__(self) -> None:
        self.failed = 0
        self.hidden: list[list[int]] = []
        self.formulas: list[list[int]] = []

    def watch(self, marks: Iterator[RowMarks]) -> Iterator[RowMarks]:
        """Yield the marks on."""
        for each in marks:
            if each.has_formulas_alone:
                append_to_runs(self.formulas, each.row)
            else:
                self.failed += len(each.errors)
            if each.is_hidden:
                append_to_runs(self.hidden, each.row)
            yield each


def append_to_runs(runs: list[list[int]], row: int) -> None:
    """Put a row to the runs of rows."""
    if runs and row == runs[-1][1] + 1:
        runs[-1][1] = row
    elif len(runs) < MAX_ROWS // 2:
        runs.append([row, row])


def absolute_rows(sheet: Any, marks: Iterator[RowMarks]) -> Iterator[list[Any]]:
    """Yield the sheet's rows from its first row and column on.

    Failed cells and what numbers show are filled in, trailing blanks left out.
    """
    # iter_rows counts from the sheet's first row but from the first column that is used.
    _first_row, first_column = sheet.start or (0, 0)
    number, mark = -1, next(marks, None)
    for number, cells in enumerate(sheet.iter_rows()):
        line = [None] * first_column + [as_json(cell) for cell in cells]
        # Sheets have their rows in order; what is said of one that comes late is passed over.
        while mark is not None and mark.row < number:
            mark = next(marks, None)
        if mark is not None and mark.row == number:
            line, mark = marked(line, mark), next(marks, None)
        yield without_blanks(line)
    while mark is not None:
        # A place below the last row of a sheet would have blank rows written all the way to it.
        if mark.errors and number < mark.row < MAX_ROWS:
            yield from ([] for _blank in range(number + 1, mark.row))
            yield marked([], mark)
            number = mark.row
        mark = next(marks, None)


def marked(line: list[Any], mark: RowMarks) -> list[Any]:
    """Return the row with errors put where it has blanks, and numbers with what they show."""
    for column, error in mark.errors:
        line += [None] * (column + 1 - len(line))
        line[column] = error if line[column] is None else line[column]
    for column, how in mark.numbers:
        cell = line[column] if column < len(line) else None
        if isinstance(cell, int | float) and not isinstance(cell, bool) and (shown := how.render(cell)) is not None:
            line[column] = ["%" if how.is_percent else "n", float(cell), shown]
    return line


def without_blanks(line: list[Any]) -> list[Any]:
    """Return the row without its trailing blanks."""
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
