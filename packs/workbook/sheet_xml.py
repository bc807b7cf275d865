"""Rows of a register as the XML of a sheet (ECMA-376 part 1, 18.3.1).

It holds nothing that a spreadsheet would run. Every chunk of rows is a piece of its own, named by what it was made
from, so that any worker can make any of them, and one that is there already is never made again.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import override
from xlsxwriter.utility import xl_col_to_name

from packs import chunks
from packs.chunks import Chunk
from packs.contents import PackColumn, PackInfo, RegisterRows
from packs.report.tables import local, shown
from packs.workbook.deflate import write_piece
from registers.export import FIRST_DATE
from typesetting.text import Legible

CELL_LENGTH = 32_767  # of a cell's text, in UTF-16 code units
DAY_ZERO = date(1899, 12, 30)  # from which Excel counts days
EXACT_DIGITS = 15  # of a number; longer ones stay text
DATE_STYLE, MOMENT_STYLE = 2, 3  # in the workbook's list of formats, see `packs.workbook.workbook.FORMATS`
BLOCK_ROWS = 500  # compressed at a time
#: What XML or a spreadsheet would read as more than text. Control characters don't get here, see `Legible`.
SPECIAL = re.compile(r"[&<>]|_(?=x[0-9A-Fa-f]{4}_)")
ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "_": "_x005F_"}

legible = Legible()
Cell = Callable[[Any], str]


@dataclass(frozen=True)
class Sheet:
    """All that decides how a register's rows look in a workbook, besides the rows."""

    slug: str
    columns: tuple[PackColumn, ...]
    time_zone: str
    language: str

    @classmethod
    def of(cls, register: RegisterRows, info: PackInfo) -> Sheet:
        """Return the sheet of a register in a pack."""
        return cls(register.slug, register.columns, info.time_zone, info.language)

    @classmethod
    def read(cls, data: dict[str, Any]) -> Sheet:
        """Return the sheet that `asdict` gave as plain data."""
        columns = (
            PackColumn(**(column | {"choices": tuple(map(tuple, column["choices"]))})) for column in data["columns"]
        )
        return cls(**(data | {"columns": tuple(columns)}))

    def name(self, chunk: Chunk, software: str) -> str:
        """Return the name of a chunk's piece: a digest of all that its bytes depend on."""
        known = (asdict(self), chunk.first, chunk.count, chunk.sha256, software)
        return hashlib.sha256(orjson.dumps(known)).hexdigest()


class ContentsChanged(RuntimeError):
    """A file is not what the contents say it is; the message names it."""


def write_cells(sheet: Sheet, rows: Path, chunk: Chunk, to: Path) -> None:
    """Write the rows of a chunk as a piece of a sheet, unless it is there already.

    Raises:
        ContentsChanged: the rows aren't those that were collected.
    """
    if not to.exists():
        with override(sheet.language):
            write_piece(to, _blocks(sheet, rows, chunk))


def _blocks(sheet: Sheet, rows: Path, chunk: Chunk) -> Iterator[bytes]:
    cells = _cells(sheet)
    number = chunk.first % chunks.SHEET_ROWS + 2  # a sheet's rows count from 1, which is the heading
    sha256 = hashlib.sha256()
    with rows.open("rb") as file:
        file.seek(chunk.start)
        lines = islice(file, chunk.count)
        while block := list(islice(lines, BLOCK_ROWS)):
            sha256.update(b"".join(block))
            yield "".join(_row(number + at, orjson.loads(line), cells) for at, line in enumerate(block)).encode()
            number += len(block)
    if sha256.hexdigest() != chunk.sha256:
        raise ContentsChanged(f"Rows of the register {sheet.slug} changed after they were collected.")


def _row(number: int, row: dict[str, Any], cells: list[tuple[str, str, Cell]]) -> str:
    written = [
        f'<c r="{letter}{number}"{cell(value)}</c>'
        for name, letter, cell in cells
        if (value := row.get(name)) is not None and value != ""
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _cells(sheet: Sheet) -> list[tuple[str, str, Cell]]:
    """Return for each column its name, its letter, and the function that writes a cell of it."""
    zone = ZoneInfo(sheet.time_zone)
    return [
        (column.name, xl_col_to_name(at), _cell(column, zone, sheet.slug)) for at, column in enumerate(sheet.columns)
    ]


def _cell(column: PackColumn, zone: ZoneInfo, slug: str) -> Cell:
    """Return the function that writes a value of a column as a cell.

    It writes the value as what the column says it is where a spreadsheet can hold that exactly, else as text.
    """

    def text(value: object) -> str:
        return _text(value if type(value) is str and not words else shown(value, column, zone), slug)

    words = dict(column.choices)
    if column.kind == "number":
        return lambda value: _plain(number) if (number := _number(value)) is not None else text(value)
    if column.kind == "date":
        return lambda value: _styled(DATE_STYLE, days) if (days := _days(value)) else text(value)
    if column.kind == "datetime":

        def moment(value: Any) -> str:
            found = local(value, zone)
            if found and found.date() >= FIRST_DATE:
                return _styled(MOMENT_STYLE, _serial(found))
            return _text(shown(value, column, zone), slug)

        return moment
    if words:
        known = {code: _text(label, slug) for code, label in words.items()}
        return lambda value: known.get(value) or text(value) if type(value) is str else text(value)
    return text


def _plain(number: float) -> str:
    return f"><v>{number:.16G}</v>"


def _styled(style: int, serial: float) -> str:
    return f' s="{style}"><v>{serial:.16G}</v>'


def _number(value: object) -> float | None:
    """Return a number that a spreadsheet keeps exactly, or None."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    exact = number.is_finite() and len(number.as_tuple().digits) <= EXACT_DIGITS and math.isfinite(float(number))
    return float(number) if exact else None


def _days(value: Any) -> int | None:
    """Return a date as a spreadsheet counts it, in days, or None."""
    try:
        day = date.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return (day - DAY_ZERO).days if day >= FIRST_DATE else None


def _serial(moment: datetime) -> float:
    """Return a moment as a spreadsheet counts it, in days."""
    return (moment - datetime.combine(DAY_ZERO, datetime.min.time())) / timedelta(days=1)


def _text(text: str, slug: str) -> str:
    """Return a text as a cell; one that is too long is cut, and says where the whole of it is."""
    text = legible(text)
    # A character is at most two UTF-16 code units, so only texts of half the length need to be counted in them.
    if len(text) > CELL_LENGTH // 2 and len(text.encode("utf-16-le")) // 2 > CELL_LENGTH:
        note = _("… [shortened; the whole text is in data/records/%(slug)s.jsonl]") % {"slug": slug}
        kept = text.encode("utf-16-le")[: 2 * (CELL_LENGTH - len(note))].decode("utf-16-le", "ignore")
        text = kept + note
    edges = "" if text.strip() == text else ' xml:space="preserve"'
    if SPECIAL.search(text):
        text = SPECIAL.sub(lambda found: ESCAPES[found.group()], text)
    return f' t="inlineStr"><is><t{edges}>{text}</t></is>'
