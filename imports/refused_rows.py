"""The file of refused rows as their source has them, with reasons and remedies.

Mended, it can be imported itself.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import partial
from typing import IO, Any, Protocol

import defusedcsv.csv as defused
import xlsxwriter
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from imports.drafts import Draft
from registers.export import FIRST_DATE
from spreadsheets.headers import normalize_header
from spreadsheets.table import EXACT_BELOW, Cell, Row, Table, cell_text, column_letters

#: Rows that a sheet can hold, less some.
MOST_ROWS = 1_000_000
_LABELS = (gettext_lazy("Row"), gettext_lazy("What is wrong"), gettext_lazy("What to do"))


class Refused(Protocol):
    """Takes refused rows."""

    def write(self, draft: Draft) -> None:
        """Add a refused row."""

    def finish(self) -> None:
        """Write what is still held back; the file stays open."""


class RefusedText:
    """Refused rows as CSV."""

    def __init__(self, file: IO[bytes], table: Table) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="replace", write_through=True)
        # What a stranger wrote into a cell must not become a formula for whoever opens the file.
        self._writer = defused.writer(self._text, quoting=csv.QUOTE_MINIMAL)
        row, wrong, remedy = map(str, _LABELS)
        self._writer.writerow([row, *table.headers, wrong, remedy])

    def write(self, draft: Draft) -> None:
        """Add a refused row."""
        self._writer.writerow([draft.row.number, *map(cell_text, draft.row.cells), *_said(draft)])

    def finish(self) -> None:
        """Write what is still held back; the file stays open."""
        self._text.flush()
        # Otherwise the wrapper would close the file when it goes.
        self._text.detach()


class RefusedWorkbook:
    """Refused rows as a workbook, the cells that are to be mended marked."""

    def __init__(self, file: IO[bytes], table: Table) -> None:
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(file, options | {"strings_to_numbers": False, "nan_inf_to_errors": True})
        self._sheet = self._book.add_worksheet(_("Refused rows")[:31])
        self._table, self._written = table, 0
        head = self._book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        self._said = self._book.add_format({"text_wrap": True, "valign": "top", "font_color": "#9C0006"})
        self._marks = (self._styles(), self._styles(bg_color="#FFC7CE"))
        row, wrong, remedy = map(str, _LABELS)
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(1, len(table.headers), 18)
        self._sheet.set_column(len(table.headers) + 1, len(table.headers) + 2, 60)
        self._sheet.write_row(0, 0, [row, *table.headers, wrong, remedy], head)

    def write(self, draft: Draft) -> None:
        """Add a refused row."""
        if self._written >= MOST_ROWS:
            return
        self._written += 1
        wrong = {problem.cell for problem in draft.problems}
        self._sheet.write_number(self._written, 0, draft.row.number)
        for place, (column, cell) in enumerate(zip(self._table.columns, draft.row.cells, strict=True), 1):
            self._write_cell(place, cell, self._marks[f"{column_letters(column)}{draft.row.number}" in wrong])
        for place, text in enumerate(_said(draft), len(self._table.columns) + 1):
            self._sheet.write_string(self._written, place, text, self._said)

    def finish(self) -> None:
        """Write the workbook; the file stays open."""
        self._book.close()

    def _styles(self, **properties: Any) -> dict[type, Any]:
        forms = {date: "yyyy-mm-dd", datetime: "yyyy-mm-dd hh:mm:ss", time: "hh:mm:ss", str: "General"}
        return {kind: self._book.add_format({"num_format": form, **properties}) for kind, form in forms.items()}

    def _write_cell(self, place: int, cell: Cell, styles: dict[type, Any]) -> None:
        at = (self._written, place)
        if cell is None or cell == "":
            self._sheet.write_blank(*at, None, styles[str])
        elif isinstance(cell, bool):
            self._sheet.write_boolean(*at, cell, styles[str])
        elif isinstance(cell, date | time) and _is_countable(cell):
            self._sheet.write_datetime(*at, cell, styles[type(cell)])
        elif isinstance(cell, int | float | Decimal) and abs(cell) < EXACT_BELOW:
            self._sheet.write_number(*at, cell, styles[str])
        else:
            # No cell of Excel holds more.
            self._sheet.write_string(*at, cell_text(cell)[:32_767], styles[str])


def _is_countable(cell: date | time) -> bool:
    """Return whether every spreadsheet program counts a day or time of day alike."""
    day = cell.date() if isinstance(cell, datetime) else cell
    return isinstance(day, time) or day >= FIRST_DATE


@contextmanager
def refused_rows(file: IO[bytes] | None, table: Table, *, as_text: bool = False) -> Iterator[Refused | None]:
    """Yield what writes refused rows to an open file; None where there is no file."""
    if file is None:
        yield None
        return
    rows: Refused = RefusedText(file, table) if as_text else RefusedWorkbook(file, table)
    try:
        yield rows
    finally:
        rows.finish()


def without_reasons(table: Table) -> Table:
    """Return the table as it was before rows of it were refused, if it is such a file.

    The row numbers and reasons are no columns of it.
    """
    ends = (*table.headers[:1], *table.headers[-2:])
    if len(table.headers) < 4 or tuple(map(normalize_header, ends)) not in _labels():
        return table
    note = format_lazy(_("The columns {names} say why rows were refused and are passed over."), names=", ".join(ends))
    return replace(
        table,
        headers=table.headers[1:-2],
        columns=table.columns[1:-2],
        notes=(*table.notes, note),
        _walk=partial(_inner, table),
    )


def _inner(table: Table) -> Iterator[Row]:
    for row in table.rows():
        yield row._replace(cells=row.cells[1:-2])


def _labels() -> set[tuple[str, ...]]:
    """Return what the added columns are called, in the reader's language and in English."""
    here = tuple(normalize_header(str(label)) for label in _LABELS)
    with override(None):
        return {here, tuple(normalize_header(str(label)) for label in _LABELS)}


def _said(draft: Draft) -> tuple[str, str]:
    """Return all that is wrong with a row, and what to do."""
    reasons = [f"{problem.cell or problem.column}: {problem.reason}".removeprefix(": ") for problem in draft.problems]
    remedies = dict.fromkeys(problem.remedy for problem in draft.problems if problem.remedy)
    return "\n".join(reasons), "\n".join(remedies)
