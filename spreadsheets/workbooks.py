"""Workbooks as records: XLSX, XLSB, XLS and ODS, opened by a bounded process.

The process runs :mod:`spreadsheets.workbook_worker`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import orjson
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets import sandbox
from spreadsheets.errors import Text, UnreadableFile
from spreadsheets.merged_cells import Merge
from spreadsheets.row_runs import RowRuns
from spreadsheets.sandbox import Folder
from spreadsheets.table import MIB, Cell, Limits, Sheet, ShownNumber


@dataclass(frozen=True, slots=True)
class SheetRecords:
    """One unpacked sheet; see `Source`."""

    path: Path
    folder: Folder  # lives as long as the sheet is in use, and is removed with it

    def records(self) -> Iterator[list[Cell]]:
        """Yield every row, blank ones as empty lists.

        Raises UnreadableFile if the unpacked file is gone.
        """
        try:
            with self.path.open("rb") as file:
                for line in file:
                    yield [_cell(cell) if type(cell) is list else cell for cell in _whole(orjson.loads(line))]
        except OSError as error:
            raise UnreadableFile(_("The unpacked workbook is no longer there. Read the file again.")) from error


@dataclass(frozen=True, slots=True)
class OpenSheet:
    """A sheet that can be read.

    Attributes:
        about: what it is.
        merged: how many merged areas it has.
        merges: the areas, at most so many as the process tells.
        failed: how many cells show an error or have no value, besides those in rows of formulas alone.
        hidden_rows: rows that are hidden, by a filter or by hand; only XLSX tells.
        formula_rows: rows in which formulas stand and nothing else; only XLSX tells.
        source: its records.
    """

    about: Sheet
    merged: int
    merges: tuple[Merge, ...]
    failed: int
    hidden_rows: RowRuns
    formula_rows: RowRuns
    source: SheetRecords


@dataclass(frozen=True, slots=True)
class Workbook:
    """An unpacked workbook: its format, its readable sheets, and the names of the others.

    The sheets are in the workbook's order.
    """

    format: str
    sheets: tuple[OpenSheet, ...]
    unreadable: tuple[str, ...]


def open_workbook(path: Path, limits: Limits) -> Workbook:
    """Unpack the workbook at `path`.

    Raises:
        UnreadableFile: it is protected, damaged, too large or not a workbook.
    """
    folder = Folder(prefix="workbook-")
    bounds = {name: getattr(limits, name) for name in ("memory_bytes", "seconds", "unpacked_bytes", "ratio", "cells")}
    index = sandbox.opened("spreadsheets.workbook_worker", path, folder.path, bounds)
    if "error" in index:
        raise UnreadableFile(_sentence(index["error"], limits))
    return Workbook(
        format=index["format"],
        sheets=tuple(
            OpenSheet(
                about=Sheet(sheet["name"], sheet["rows"], sheet["hidden"]),
                merged=sheet["merged"],
                merges=tuple(Merge(*area) for area in sheet["merges"]),
                failed=sheet["failed"],
                hidden_rows=RowRuns.from_zero(sheet["hidden_rows"]),
                formula_rows=RowRuns.from_zero(sheet["formula_rows"]),
                source=SheetRecords(folder.path / sheet["file"], folder),
            )
            for sheet in index["sheets"]
            if "error" not in sheet
        ),
        unreadable=tuple(sheet["name"] for sheet in index["sheets"] if "error" in sheet),
    )


def _whole(row: list[Any] | dict[str, Any]) -> list[Any]:
    """Return a row with its blanks, where only what stands between them was written."""
    if isinstance(row, list):
        return row
    whole: list[Any] = [None] * row["width"]
    for column, cell in row["cells"]:
        whole[column] = cell
    return whole


def _cell(tagged: list[Any]) -> Cell:
    kind, text, *shown = tagged
    if shown:
        return ShownNumber(text, shown[0], is_percent=kind == "%")
    if kind == "t":
        return time.fromisoformat(text)
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _sentence(code: str, limits: Limits) -> Text:
    sentences = {
        "password": _("The workbook is protected with a password. Save a copy without one and choose that."),
        "damaged": _(
            "The workbook is damaged or cut off. Open it in a spreadsheet program, save it again as "
            "XLSX, and choose that file."
        ),
        "word": _(
            "This is a text document, not a workbook. Copy its table into a spreadsheet and save that as XLSX or CSV."
        ),
        "slides": _(
            "This is a presentation, not a workbook. Copy its table into a spreadsheet and save that as XLSX or CSV."
        ),
        "iwork": _(
            "This is a document of Apple Numbers, Pages or Keynote, which no other program reads. Open it there, choose "
            "File, Export To, Excel or CSV, and choose the file that comes out. Tables of Pages and Keynote go into Numbers "
            "first."
        ),
        "reqif": _("This is a packed ReqIF file: requirements in XML, not a table. Export them as CSV or XLSX."),
        "archive": _("This is a ZIP archive, not a workbook. Unpack it and choose the file with the table."),
        "slow": _("The workbook took too long to open. Save the sheet with the table alone, or save it as CSV."),
        "memory": _(
            "The workbook needs more memory than is allowed. Often a stray value far below or beside "
            "the table is to blame: "
            "delete the empty rows and columns around the table, or save the sheet as CSV."
        ),
        "disk": _(
            "There is no room on this machine to unpack the workbook. Try again later; if it stays so, tell whoever runs "
            "this installation. The file may be sound."
        ),
        "wide": format_lazy(
            _(
                "The workbook has more than {limit} million cells, most of them blank: a stray value far below or beside the "
                "table is to blame. Delete the empty rows and columns around the table, or save the sheet as CSV."
            ),
            limit=limits.cells // 1_000_000,
        ),
        "large": format_lazy(
            _(
                "The workbook unpacks to more than is allowed ({limit} MiB). Save the sheet with the "
                "table alone, or save it as CSV."
            ),
            limit=limits.unpacked_bytes // MIB,
        ),
    }
    return sentences[code]
