"""What reading a file gives: a table with named columns, and rows to be walked repeatedly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, Self

from spreadsheets.errors import Text

Cell = str | int | float | Decimal | date | datetime | time | bool | None

MIB = 1024 * 1024

#: Stands in a cell whose formula was never calculated, so that it can't pass for a blank one.
UNCALCULATED = "#UNCALCULATED!"

#: Spreadsheet programs keep 15 significant digits of a number (Excel specifications and limits).
SIGNIFICANT_DIGITS = 15
EXACT_BELOW = 10**SIGNIFICANT_DIGITS


class ShownNumber(float):
    """A number of a workbook that shows more than it is, through its format: 7 as REQ-007, 0.8 as 80%."""

    __slots__ = ("is_percent", "shown")

    def __new__(cls, number: float, shown: str, *, is_percent: bool = False) -> Self:
        made = super().__new__(cls, number)
        made.shown, made.is_percent = shown, is_percent
        return made

    shown: str
    is_percent: bool

    def __reduce__(self) -> tuple[Any, ...]:
        return _shown_number, (float(self), self.shown, self.is_percent)


def _shown_number(number: float, shown: str, is_percent: bool) -> ShownNumber:
    return ShownNumber(number, shown, is_percent=is_percent)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is taken in.

    `file_bytes` and `unpacked_bytes` bound the file and what a workbook unpacks to, `ratio` how many times a large
    workbook may be compressed, `memory_bytes` and `seconds` the process that opens a workbook or a large text, `cells` those
    of a workbook, blank ones included, `columns` the width of the table, `cell_characters`, `row_characters` and `rows` a text file: one cell, one row, and how many there are.
    """

    file_bytes: int = 100 * MIB
    unpacked_bytes: int = 1024 * MIB
    ratio: int = 250
    memory_bytes: int = 1536 * MIB
    seconds: int = 120
    cells: int = 100_000_000
    columns: int = 500
    cell_characters: int = 1_000_000
    row_characters: int = 4_000_000
    rows: int = 5_000_000


class Sheet(NamedTuple):
    """A sheet of a workbook: its name, the rows that hold something, and whether it is hidden."""

    name: str
    rows: int
    hidden: bool = False


class Row(NamedTuple):
    """One row of a table.

    `number` counts from 1 as a spreadsheet program would show the row, blank rows included. `cells` has exactly as
    many members as the table has headers. A `problem` is a sentence for a row that can't be trusted as it stands;
    `extra` holds what stood beyond the last header.
    """

    number: int
    cells: tuple[Cell, ...]
    problem: Text = ""
    extra: tuple[Cell, ...] = ()


class Source(Protocol):
    """A file, or one sheet of it, as plain records."""

    def records(self) -> Iterator[list[Cell]]:
        """Yield every record from the first, blank ones included, each time it is called."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file read as a table.

    `format` is csv, xlsx, xlsb, xls or ods; `encoding` and `delimiter` are empty for workbooks, `sheet` for text.
    `header_row` counts from 1. `columns` tells for each header which column of the file it came from, from 0.
    `row_count` is the number of rows that `rows()` yields, `problem_count` how many of them carry a problem; `hidden_count` tells
    how many rows are hidden in the sheet, by a filter or by hand, whether they are among them or were left out.
    `notes` are sentences for the reader about what was found and decided. `beside` are the lines above the header and those of
    small sheets beside the table's: they may say on which scale its numbers are, or what its words mean.
    """

    filename: str
    format: str
    header_row: int
    sheet: str = ""
    sheets: tuple[Sheet, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    headers: tuple[str, ...] = ()
    columns: tuple[int, ...] = ()
    row_count: int = 0
    problem_count: int = 0
    hidden_count: int = 0
    notes: tuple[Text, ...] = ()
    beside: tuple[str, ...] = ()
    _walk: Callable[[], Iterator[Row]] = field(default=lambda: iter(()), repr=False, compare=False)

    def rows(self) -> Iterator[Row]:
        """Yield the rows below the header, from the first each time.

        Raises UnreadableFile if the file is gone.
        """
        return self._walk()


def is_blank(cell: Cell) -> bool:
    """Return whether a cell holds nothing a reader could see."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def cell_text(cell: Cell) -> str:
    """Return the text a person sees in a cell.

    223441.0 is 223441, a date at midnight has no time; a number is what its format shows.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return cell.shown if isinstance(cell, ShownNumber) else number_text(cell)
    # Before dates, because a datetime is one.
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time.min else cell.isoformat(" ", "seconds")
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return cell.isoformat() if isinstance(cell, date | time) else str(cell)


def number_text(number: float) -> str:
    """Return the digits of a number as spreadsheet programs keep them, without its format."""
    whole = number.is_integer() and abs(number) < EXACT_BELOW
    return str(int(number)) if whole else f"{number:.{SIGNIFICANT_DIGITS}g}"


def column_letters(index: int) -> str:
    """Return the letters a spreadsheet gives column `index`, from 0: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
