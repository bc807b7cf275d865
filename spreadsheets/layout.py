"""How a file's records become rows of a table, decided by one walk through the whole file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.errors import Text, UnreadableFile
from spreadsheets.merged_cells import Merge
from spreadsheets.non_data_rows import GROUP, HIDDEN, Odd, OddRows
from spreadsheets.row_runs import RowRuns
from spreadsheets.table import Cell, Limits, Row, Source, cell_text, column_letters, is_blank
from spreadsheets.text_worker import Torn, Unclosed

_EXAMPLES = 3
_SHOWN = 80
_UNREADABLE = "\ufffd"
# Besides tabs and line breaks.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|_x000B_")


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known before the walk: the header, and what kind of file it is.

    `header` is its place (from 0), `cells` are its cells. A header of two lines begins in `first`. `gridded` files are
    workbooks, where a cell's column is certain; `doubtful` ones are texts that could not wholly be decoded.
    `every_row`: whether all rows count, those of groups and totals too. `hidden` and `formulas` are the rows that the sheet
    hides, and those that hold formulas alone; with `leave_hidden` the former don't count. `failed` counts the cells elsewhere that
    show an error or have no value.
    """

    header: int
    cells: Sequence[Cell]
    gridded: bool
    doubtful: bool = False
    first: int = 0
    merges: Sequence[Merge] = ()
    every_row: bool = False
    hidden: RowRuns = field(default_factory=RowRuns)
    formulas: RowRuns = field(default_factory=RowRuns)
    leave_hidden: bool = False
    failed: int = 0

    @property
    def named(self) -> int:
        """How many columns there are up to the last one with a name."""
        return max((column + 1 for column, cell in enumerate(self.cells) if not is_blank(cell)), default=0)


@dataclass(slots=True)
class Survey:
    """What a walk through the rows below the header found.

    `filled` counts the cells that hold something, by column; `reach` the rows by their last such column, with the
    first row numbers in `examples`; `short` are rows with fewer cells than the header, `hidden` those that the sheet hides;
    `failed` counts cells that show an error or have no value, `torn` are rows in which something follows a closing quotation mark,
    `controls` rows with control characters in them. `odd` are the rows that are none of the table's, and `outline` tells that rows leave their first column to the names of groups.
    """

    above: int = 0
    rows: int = 0
    damaged: int = 0
    filled: Counter[int] = field(default_factory=Counter)
    reach: Counter[int] = field(default_factory=Counter)
    examples: dict[int, list[int]] = field(default_factory=dict)
    short: list[int] = field(default_factory=list)
    hidden: list[int] = field(default_factory=list)
    failed: int = 0
    torn: list[int] = field(default_factory=list)
    controls: list[int] = field(default_factory=list)
    odd: dict[int, Odd] = field(default_factory=dict)
    outline: int | None = None

    def beyond(self, span: int) -> int:
        """Count the rows that hold something in or beyond column `span`."""
        return sum(count for column, count in self.reach.items() if column >= span)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of a file that a table has.

    Whatever stands in or beyond column `span` is reported with its row.
    """

    ground: Ground
    columns: tuple[int, ...]
    span: int
    odd: Mapping[int, Odd] = field(default_factory=dict)
    outline: int | None = None

    @property
    def grouped(self) -> bool:
        """Whether a column of its own says in which group a row stands."""
        return self.outline is None and any(odd.kind == GROUP for odd in self.odd.values())

    @property
    def blank(self) -> Cell:
        """What stands in for a missing cell: text files give text, workbooks nothing."""
        return None if self.ground.gridded else ""


def survey(source: Source, ground: Ground) -> Survey:
    """Walk through the whole source once, and count what stands below the header.

    Raises UnreadableFile where it can't be read to its end.
    """
    found, named = Survey(), ground.named
    odd = OddRows(ground.cells, ground.merges, ground.formulas)
    drawn: Counter[int] = Counter()
    for number, record in enumerate(source.records(), 1):
        filled = [column for column, cell in enumerate(record) if cell is not None and not is_blank(cell)]
        # Rows count from 1, the header's lines from 0.
        if not filled or ground.first < number <= ground.header + 1:
            continue
        if number <= ground.first:
            found.above += 1
            continue
        found.rows += 1
        if number in ground.hidden:
            found.hidden.append(number)
            if ground.leave_hidden:
                continue
        found.filled.update(filled)
        if any(type(cell) is str and not cell.isprintable() and _CONTROLS.search(cell) for cell in record):
            found.controls.append(number)
        if number in ground.formulas:
            drawn[number] = sum(1 for column in filled if cell_text(record[column]).startswith("#"))
        if filled[-1] >= named or _is_damaged(record, ground):
            odd.pass_over()
        elif not ground.every_row:
            odd.see(number, record, filled)
        _measure(found, number, record, filled[-1], ground, named)
    found.odd = odd.settle()
    found.failed = ground.failed + sum(count for number, count in drawn.items() if number not in found.odd)
    found.hidden = [number for number in found.hidden if number not in found.odd]
    if ground.leave_hidden:
        found.odd |= dict.fromkeys(found.hidden, Odd(HIDDEN, ""))
    found.rows -= len(found.odd)
    found.short = [number for number in found.short if number not in found.odd]
    if odd.is_outline and any(each.kind == GROUP for each in found.odd.values()):
        found.outline = odd.lead
    return found


def _measure(found: Survey, number: int, record: Sequence[Cell], last: int, ground: Ground, named: int) -> None:
    """Count a row that is damaged, too short or too long."""
    if len(record) < named and not ground.gridded:
        found.short.append(number)
    if isinstance(record, Torn) and not _holds_others(record):
        found.torn.append(number)
    if _is_damaged(record, ground):
        found.damaged += 1
    elif last >= named:
        found.reach[last] += 1
        found.examples.setdefault(last, [])
        if len(found.examples[last]) < _EXAMPLES:
            found.examples[last].append(number)


def lay_out(ground: Ground, found: Survey, limits: Limits) -> Layout:
    """Decide which columns the table has; raises UnreadableFile where they are too many.

    A text's columns are those of its header record: a cell too many means that the row is torn. In a workbook a column
    without a header is kept when most rows use it. Columns with neither header nor content are left out.
    """
    span = ground.named
    if ground.gridded:
        span = max([span, *(column + 1 for column, count in found.filled.items() if 2 * count > found.rows)])
    else:
        span = max(span, len(ground.cells))
    columns = tuple(
        column
        for column in range(span)
        if found.filled[column] or (column < len(ground.cells) and not is_blank(ground.cells[column]))
    )
    if len(columns) > limits.columns:
        raise UnreadableFile(
            format_lazy(
                _(
                    "The table has {count} columns; at most {limit} are read. Is this the right "
                    "separator, or the right sheet?"
                ),
                count=len(columns),
                limit=limits.columns,
            )
        )
    return Layout(ground, columns, span, found.odd, found.outline)


def table_rows(source: Source, layout: Layout) -> Iterator[Row]:
    """Yield the rows below the header that hold something.

    Each has exactly the table's columns.
    """
    ground, columns, blank, odd = layout.ground, layout.columns, layout.blank, layout.odd
    plain = columns == tuple(range(layout.span))
    group: Cell = blank
    grouped = layout.grouped
    for number, record in enumerate(source.records(), 1):
        if number <= ground.header + 1 or all(is_blank(cell) for cell in record):
            continue
        if number in odd:
            group = odd[number].text if odd[number].kind == GROUP else group
            continue
        # Most rows of most files: there is nothing to choose or to fill up.
        if plain and len(record) == layout.span:
            cells = tuple(record)
        else:
            cells = tuple(record[column] if column < len(record) else blank for column in columns)
        if layout.outline is not None:
            place = columns.index(layout.outline)
            cells = (*cells[:place], group, *cells[place + 1 :])
        elif grouped:
            cells = (*cells, group)
        extra = tuple(record[layout.span :])
        if not all(is_blank(cell) for cell in extra) or _is_damaged(record, ground):
            yield Row(number, cells, _problem(number, record, layout), extra)
        else:
            yield Row(number, cells)


def _is_damaged(record: Sequence[Cell], ground: Ground) -> bool:
    if isinstance(record, Unclosed) or _holds_others(record):
        return True
    return ground.doubtful and any(isinstance(cell, str) and _UNREADABLE in cell for cell in record)


def _holds_others(record: Sequence[Cell]) -> bool:
    """Return whether a row has others in its cells: a quotation mark opened in it was closed by one of theirs."""
    return isinstance(record, Torn) and any("\n" in cell_text(cell) or "\r" in cell_text(cell) for cell in record)


def _problem(number: int, record: Sequence[Cell], layout: Layout) -> Text:
    if isinstance(record, Unclosed):
        lines = len(cell_text(record[-1]).splitlines()) - 1
        return format_lazy(
            _(
                "A quotation mark opened in row {row} is never closed, so the {lines} lines after it "
                "became part of one cell. "
                "Close it, or cut the file off before it."
            ),
            row=number,
            lines=lines,
        )
    if _holds_others(record):
        lines = max(len(cell_text(cell).splitlines()) for cell in record) - 1
        return format_lazy(
            _(
                "A quotation mark opened in row {row} isn't closed there, so that {lines} lines after it became part of one "
                "cell. Close it, or double the quotation marks that belong to the text."
            ),
            row=number,
            lines=lines,
        )
    if _is_damaged(record, layout.ground):
        return format_lazy(
            _(
                "A character in row {row} could not be read and shows as �. Save the file again as "
                "UTF-8, or choose its encoding."
            ),
            row=number,
        )
    column = next(column for column in range(layout.span, len(record)) if not is_blank(record[column]))
    shown = cell_text(record[column]).strip()[:_SHOWN]
    if layout.ground.gridded:
        return format_lazy(
            _("Cell {cell} (“{shown}”) stands beside the table. Give its column a header, or clear the cell."),
            cell=f"{column_letters(column)}{number}",
            shown=shown,
        )
    return format_lazy(
        _(
            "Row {row} has {cells} cells where the header has {headers}. Put cells that hold a "
            "separator in quotation marks."
        ),
        row=number,
        cells=len(record),
        headers=layout.span,
    )
