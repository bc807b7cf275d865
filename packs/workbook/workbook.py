"""One XLSX workbook a register: every row and column, from pieces that any worker can make."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from packs import chunks
from packs.contents import Kind, PackColumn, PackInfo, RegisterRows
from packs.workbook.deflate import Piece, piece, read_piece
from packs.workbook.sheet_xml import Sheet, legible, write_cells
from packs.workbook.zip_writer import Zip

WIDTHS: dict[Kind, int] = {
    "text": 48,
    "number": 14,
    "date": 12,
    "datetime": 19,
    "choice": 20,
    "boolean": 10,
    "reference": 16,
}
#: Texts of people stay texts: none becomes a formula, a link or a number.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
#: In the order in which `packs.workbook.sheet_xml` counts them.
FORMATS = ("yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss")
SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")


def write_workbook(register: RegisterRows, info: PackInfo, to: Path, pieces: Path) -> None:
    """Write a register as XLSX.

    The same rows give the same bytes; memory does not grow with them. Texts are texts whatever they begin with, dates
    are dates, moments are in the pack's time zone. A register with more rows than a sheet holds goes on in a second
    sheet.

    Args:
        register: what to write.
        info: the pack it is for.
        to: the file.
        pieces: a folder where pieces of rows are; those that aren't there yet are made.

    Raises:
        ContentsChanged: the rows aren't those that were collected.
    """
    sheet, rows = Sheet.of(register, info), dict[int, list[Piece]]()
    for chunk in register.chunks:
        made = pieces / sheet.name(chunk, info.software)
        write_cells(sheet, register.rows, chunk, made)
        rows.setdefault(chunk.first // chunks.SHEET_ROWS + 1, []).append(read_piece(made))
    with ZipFile(io.BytesIO(_frame(register, info))) as frame, Zip(to) as book:
        for name in frame.namelist():
            number = SHEET.fullmatch(name)
            book.add(
                name, _filled(frame.read(name), rows.get(int(number[1]), [])) if number else [piece(frame.read(name))]
            )


def _filled(sheet: bytes, rows: list[Piece]) -> list[Piece]:
    """Return a sheet of the frame with rows in it, in place of the one that stands for them."""
    head, heading, _stand_in, tail = re.fullmatch(
        rb"(.*?)(<row .*?</row>)(.*)(</sheetData>.*)", sheet, re.DOTALL
    ).groups()  # type: ignore[union-attr]
    return [piece(head + heading), *rows, piece(tail)]


def _frame(register: RegisterRows, info: PackInfo) -> bytes:
    """Return a workbook with everything but the rows.

    A stand-in in each sheet's last row says how far the sheet goes and what formats there are.
    """
    zone, out = ZoneInfo(info.time_zone), io.BytesIO()
    book = xlsxwriter.Workbook(out, OPTIONS)
    book.set_properties(_properties(register, info))
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = [book.add_format({"num_format": form, "align": "left"}) for form in FORMATS]
    for number, rows in enumerate(_sheet_sizes(register.count)):
        sheet = book.add_worksheet(_sheet_name(register.title, number))
        _head(sheet, register.columns, heading, zone, rows)
        for column, form in enumerate(formats * (rows > 0)):
            sheet.write_number(rows, column, 0, form)
    book.close()
    return out.getvalue()


def _sheet_sizes(count: int) -> Iterator[int]:
    for start in range(0, max(count, 1), chunks.SHEET_ROWS):
        yield min(count - start, chunks.SHEET_ROWS)


def _properties(register: RegisterRows, info: PackInfo) -> dict[str, Any]:
    return {
        "title": legible(f"{register.title} – {info.organization.name}"),
        "subject": legible(info.reference),
        "author": legible(info.organization.name),
        "comments": legible(info.software),
        # xlsxwriter would write its own time, and no two runs would give the same bytes.
        "created": info.as_of.astimezone(UTC).replace(tzinfo=None),
    }


def _sheet_name(title: str, number: int) -> str:
    """Return a name that Excel takes for a sheet.

    It has at most 31 characters, none of []:*?/\\, and no apostrophe at either end.
    """
    suffix = f" ({number + 1})" if number else ""
    name = re.sub(r"[\[\]:*?/\\\s]+", " ", legible(title)).strip(" '")
    return (name[: 31 - len(suffix)].strip(" '") or "Rows") + suffix


def _head(sheet: Worksheet, columns: tuple[PackColumn, ...], heading: Format, zone: ZoneInfo, rows: int) -> None:
    for at, column in enumerate(columns):
        label = f"{column.label} ({zone.key})" if column.kind == "datetime" else column.label
        sheet.write_string(0, at, legible(label), heading)
        sheet.set_column(at, at, WIDTHS[column.kind])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, rows, len(columns) - 1)
