"""From a file on disk to a table: `open_table`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from math import log10
from pathlib import Path
from typing import NamedTuple

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.dialects import NONE
from spreadsheets.errors import UnreadableFile
from spreadsheets.file_types import refuse_other_kinds
from spreadsheets.headers import SHORT_NAME, Vocabulary, clean_headers, distinct, find_header, known_words, listed
from spreadsheets.layout import Ground, lay_out, survey, table_rows
from spreadsheets.legends import MOST_LINES, texts_above, texts_beside
from spreadsheets.merged_cells import Merge, unmerged
from spreadsheets.notes import notes_on_odd_rows, notes_on_sheet, notes_on_survey, notes_on_text
from spreadsheets.table import Limits, Source, Table, cell_text, is_blank
from spreadsheets.text_files import TextFile, open_text_file
from spreadsheets.two_line_headers import Header, whole_header
from spreadsheets.workbooks import OpenSheet, Workbook, open_workbook

_SAMPLE_RECORDS = 200
# The second line that a header may have, and the records below that tell which columns are in use.
_BELOW = 21
_PROSE = re.compile(r"[.:;,!?]\s|[.:;,!?]$")


def open_table(
    path: Path,
    *,
    filename: str = "",
    sheet: str | None = None,
    header_row: int | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    every_row: bool = False,
    leave_hidden: bool = False,
    vocabulary: Vocabulary = (),
    limits: Limits | None = None,
) -> Table:
    """Read the file at `path` as a table.

    It is text with any separator in any encoding, XLSX, XLSB, XLS or ODS. What a file is, is judged by its content;
    `filename` is what the user calls it. `sheet`, `header_row` (counted from 1 as a spreadsheet shows it), `encoding`
    and `delimiter` override what would be found; with `every_row`, names of groups, totals and notes below the table
    are rows like others; with `leave_hidden`, rows that a sheet hides are none. `vocabulary` are normalized header words the register knows, or a function that knows them;
    they help to find sheet, separator and header.

    The whole file is looked through once, so that what is wrong with it is known before the first row is imported.
    Raises UnreadableFile for anything that is not a table.
    """
    limits = limits or Limits()
    filename = filename or path.name
    wanted = _Wanted(header_row, every_row, leave_hidden, vocabulary, limits)
    try:
        if refuse_other_kinds(path, filename, limits):
            return _from_workbook(open_workbook(path, limits), filename, sheet, wanted)
        text = open_text_file(path, limits=limits, encoding=encoding, delimiter=delimiter, vocabulary=vocabulary)
        return _from_text(text, filename, wanted)
    except OSError as error:
        raise UnreadableFile(_("The file could not be opened. Choose it again.")) from error


class _Wanted(NamedTuple):
    """What was asked of a reading, whatever the kind of file."""

    header_row: int | None
    every_row: bool
    leave_hidden: bool
    vocabulary: Vocabulary
    limits: Limits


def _from_text(text: TextFile, filename: str, wanted: _Wanted) -> Table:
    header = _header(text, (), wanted)
    one_column = text.dialect.delimiter == NONE
    if one_column and wanted.header_row is None and not _names_one_column(text, header, wanted.vocabulary):
        raise _no_header()
    ground = Ground(
        header.last,
        header.cells,
        gridded=False,
        doubtful=bool(text.charset.undecodable),
        first=header.first,
        every_row=wanted.every_row,
    )
    table = Table(
        filename=filename,
        format="csv",
        encoding=text.charset.encoding,
        delimiter="" if one_column else text.dialect.delimiter,
        header_row=header.first + 1,
        notes=tuple(notes_on_text(text, header)),
        beside=texts_above(text, header.first),
    )
    return _filled_in(table, text, ground, text.limits)


def _from_workbook(book: Workbook, filename: str, sheet: str | None, wanted: _Wanted) -> Table:
    chosen = _named_sheet(book, sheet) if sheet else _best_sheet(book, wanted.header_row, wanted.vocabulary)
    source = unmerged(chosen.source, chosen.merges)
    header = _header(source, chosen.merges, wanted)
    ground = Ground(
        header.last,
        header.cells,
        gridded=True,
        first=header.first,
        merges=chosen.merges,
        every_row=wanted.every_row,
        hidden=chosen.hidden_rows,
        formulas=chosen.formula_rows,
        leave_hidden=wanted.leave_hidden,
        failed=chosen.failed,
    )
    table = Table(
        filename=filename,
        format=book.format,
        sheet=chosen.about.name,
        sheets=tuple(each.about for each in book.sheets),
        header_row=header.first + 1,
        notes=tuple(notes_on_sheet(book, chosen, header)),
        beside=(*texts_above(source, header.first), *_legends(book, chosen)),
    )
    return _filled_in(table, source, ground, wanted.limits)


def _legends(book: Workbook, chosen: OpenSheet) -> Iterator[str]:
    """Yield the lines of small sheets beside the one that is read."""
    for sheet in book.sheets:
        if sheet is not chosen and not sheet.about.hidden and sheet.about.rows <= MOST_LINES:
            yield from texts_beside(sheet.source)


def _filled_in(table: Table, source: Source, ground: Ground, limits: Limits) -> Table:
    """Return the table with its columns and rows, after the one walk through the file."""
    found = survey(source, ground)
    layout = lay_out(ground, found, limits)
    headers, about_headers = clean_headers(ground.cells, layout.columns)
    columns = layout.columns
    if layout.grouped:
        headers, columns = (*headers, distinct(str(_("Group")), headers)), (*columns, 0)
    return replace(
        table,
        headers=headers,
        columns=columns,
        row_count=found.rows,
        problem_count=found.damaged + found.beyond(layout.span),
        hidden_count=len(found.hidden),
        notes=(*table.notes, *notes_on_survey(found, layout), *notes_on_odd_rows(found.odd), *about_headers),
        _walk=partial(table_rows, source, layout),
    )


def _header(source: Source, merges: Sequence[Merge], wanted: _Wanted) -> Header:
    """Find the header of a source; raises UnreadableFile where there is none."""
    if (row := wanted.header_row) is not None:
        records = list(islice(source.records(), max(row + _BELOW, 0)))
        if row < 1 or len(records) < row or all(is_blank(cell) for cell in records[row - 1]):
            raise UnreadableFile(format_lazy(_("Row {row} can't be the header: nothing stands there."), row=row))
        return whole_header(records, row - 1, merges, given=True)
    sample = list(islice(source.records(), _SAMPLE_RECORDS))
    found = find_header(sample, wanted.vocabulary)
    if found is None:
        raise _no_header()
    return whole_header(sample, found[0], merges, given=False)


def _no_header() -> UnreadableFile:
    return UnreadableFile(
        _(
            "No header row was found in the first rows. A table needs one row that names its "
            "columns: add it, or say which row it is."
        )
    )


def _names_one_column(source: Source, header: Header, vocabulary: Vocabulary) -> bool:
    """Return whether a file without separators is a list under a name, and not prose."""
    name = next(cell_text(cell).strip() for cell in header.cells if not is_blank(cell))
    if known_words([name], vocabulary):
        return True
    first = all(is_blank(cell) for record in islice(source.records(), header.first) for cell in record)
    return first and len(name) <= SHORT_NAME and name[0].isalnum() and not _PROSE.search(name)


def _named_sheet(book: Workbook, name: str) -> OpenSheet:
    for sheet in book.sheets:
        if sheet.about.name == name:
            return sheet
    names = ", ".join(f"“{sheet.about.name}”" for sheet in book.sheets)
    raise UnreadableFile(
        format_lazy(_("The workbook has no readable sheet “{name}”. It has: {names}."), name=name, names=names)
    )


def _best_sheet(book: Workbook, header_row: int | None, vocabulary: Vocabulary) -> OpenSheet:
    scored = [
        (_sheet_score(sheet, vocabulary), -place, sheet) for place, sheet in enumerate(book.sheets) if sheet.about.rows
    ]
    if not scored and book.unreadable:
        names = listed([f"“{name}”" for name in book.unreadable])
        raise UnreadableFile(
            format_lazy(
                _(
                    "The workbook's sheets are damaged or hold no table: {names}. Open it in a spreadsheet program, save it "
                    "again as XLSX, and choose that file."
                ),
                names=names,
            )
        )
    if not scored:
        raise UnreadableFile(
            _("The workbook holds no values: all its sheets are empty. Check that the right file was chosen.")
        )
    # The place lets the earlier of equals win, and no two sheets are ever compared.
    best, _place, sheet = max(scored)
    if best == -1 and header_row is None:
        raise _no_header()
    return sheet


def _sheet_score(sheet: OpenSheet, vocabulary: Vocabulary) -> float:
    """Score a sheet: better headers and more rows are higher.

    -1 without a header; hidden sheets come last.
    """
    found = find_header(list(islice(sheet.source.records(), _SAMPLE_RECORDS)), vocabulary)
    if found is None:
        return -1.0
    score = found[1] + log10(sheet.about.rows)
    return score / 1000 if sheet.about.hidden else score
