"""One XLSX workbook a register: every row, every column, nothing that a spreadsheet would run."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from evidence.pack.contents import Kind, PackColumn, PackInfo, RegisterRows, Row, read_rows
from evidence.pack.tables import local, shown
from registers.typesetting.legible import Legible

SHEET_ROWS = 1_048_575  # a sheet's rows without the heading (Excel specifications and limits)
CELL_LENGTH = 32_767  # of a cell's text, in UTF-16 code units
FIRST_DATE = date(1900, 3, 1)  # Excel counts 29 February 1900, which never was; dates before stay text
EXACT_DIGITS = 15  # of a number; longer ones stay text
WIDTHS: dict[Kind, int] = {
    "text": 48,
    "number": 14,
    "date": 12,
    "datetime": 19,
    "choice": 20,
    "boolean": 10,
    "reference": 16,
}
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
DATE, MOMENT = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"

legible = Legible()


def write_workbook(register: RegisterRows, info: PackInfo, to: Path) -> None:
    """Write a register as XLSX. The same rows give the same bytes; memory does not grow with them.

    Texts are texts whatever they begin with, dates are dates, moments are in the pack's time zone. A register with
    more rows than a sheet holds goes on in a second sheet.
    """
    zone = ZoneInfo(info.time_zone)
    book = xlsxwriter.Workbook(str(to), OPTIONS | {"tmpdir": str(to.parent)})
    book.set_properties(_properties(register, info))
    heading = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    formats = {form: book.add_format({"num_format": form, "align": "left"}) for form in (DATE, MOMENT)}
    rows = read_rows(register.rows)
    for start in range(0, max(register.count, 1), SHEET_ROWS):
        sheet = book.add_worksheet(_sheet_name(register.title, start // SHEET_ROWS))
        _head(sheet, register.columns, heading, zone, min(register.count - start, SHEET_ROWS))
        cells = _Cells(sheet, formats, zone, register)
        for at, row in enumerate(islice(rows, SHEET_ROWS), start=1):
            cells.write_row(at, row)
    book.close()


def _properties(register: RegisterRows, info: PackInfo) -> dict[str, Any]:
    return {
        "title": legible(f"{register.title} – {info.organization.name}"),
        "subject": legible(info.reference),
        "author": legible(info.organization.name),
        "comments": legible(info.software),
        "created": info.as_of.astimezone(UTC).replace(tzinfo=None),
    }


def _sheet_name(title: str, number: int) -> str:
    """Return a name that Excel takes: at most 31 characters, none of []:*?/\\, no apostrophe at either end."""
    suffix = f" ({number + 1})" if number else ""
    name = re.sub(r"[\[\]:*?/\\\s]+", " ", legible(title)).strip(" '")
    return (name[: 31 - len(suffix)].strip(" '") or "Rows") + suffix


def _head(sheet: Worksheet, columns: tuple[PackColumn, ...], heading: Format, zone: ZoneInfo, rows: int) -> None:
    for at, column in enumerate(columns):
        label = f"{column.label} ({zone.key})" if column.kind == "datetime" else column.label
        sheet.write_string(0, at, _text(label, ""), heading)
        sheet.set_column(at, at, WIDTHS[column.kind])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, rows, len(columns) - 1)


@dataclass(frozen=True)
class _Cells:
    """Writes the cells of one sheet, each as what its column says it is."""

    sheet: Worksheet
    formats: Mapping[str, Format]
    zone: ZoneInfo
    register: RegisterRows

    def write_row(self, at: int, row: Row) -> None:
        for place, column in enumerate(self.register.columns):
            value = row.get(column.name)
            if value is not None and value != "" and not self._special(at, place, column.kind, value):
                self.sheet.write_string(at, place, _text(shown(value, column, self.zone), self.register.slug))

    def _special(self, at: int, place: int, kind: Kind, value: Any) -> bool:
        """Write a number, date or moment as such. Return False where it has to be a text after all."""
        if kind == "number":
            number = _number(value)
            return number is not None and not self.sheet.write_number(at, place, number)
        if kind == "date" and (day := _date(value)):
            return not self.sheet.write_datetime(at, place, day, self.formats[DATE])
        if kind == "datetime" and (moment := local(value, self.zone)) and moment.date() >= FIRST_DATE:
            return not self.sheet.write_datetime(at, place, moment, self.formats[MOMENT])
        return False


def _number(value: Any) -> float | None:
    """Return a number that a spreadsheet keeps exactly, or None."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    exact = number.is_finite() and len(number.as_tuple().digits) <= EXACT_DIGITS and math.isfinite(float(number))
    return float(number) if exact else None


def _date(value: Any) -> date | None:
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return day if day >= FIRST_DATE else None


def _text(text: str, slug: str) -> str:
    """Return a text as a cell can hold it; a longer one is cut, and says where the whole of it is."""
    text = legible(text)
    if text.startswith("<r>"):
        text = " " + text  # xlsxwriter would pass on "<r>…</r>" as markup of its own
    if len(text) > CELL_LENGTH // 2 and len(text.encode("utf-16-le")) // 2 > CELL_LENGTH:
        note = _("… [shortened; the whole text is in data/records/%(slug)s.jsonl]") % {"slug": slug}
        kept = text.encode("utf-16-le")[: 2 * (CELL_LENGTH - len(note))].decode("utf-16-le", "ignore")
        return kept + note
    return text
