"""Proposals held against what columns hold: bare numbers say nothing in words, and yes is no day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice

from registers.parsing.header_words import LEVELS
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.headers import normalize_header
from spreadsheets.table import Cell, Table, cell_text
from spreadsheets.values import is_nothing, parse_boolean, parse_decimal

#: Rows that are looked at.
LOOKED_AT = 200
#: Texts that are this long on average name no choice that nobody knows; they say something.
_LONG_WORDS = 12
#: Kinds of fields that no day can fill.
_NO_DAYS = ("choice", "boolean", "person", "site", "record", "records", "integer", "decimal")


@dataclass(frozen=True)
class _Column:
    """What the first rows of a column hold."""

    cells: tuple[Cell, ...]

    @cached_property
    def numbers(self) -> bool:
        """Whether nothing but numbers stands there."""
        return bool(self.cells) and all(map(_is_number, self.cells))

    @cached_property
    def levels(self) -> bool:
        """Whether nothing but words and letters for levels stands there, as low and high, or A and B."""
        return bool(self.cells) and all(len(word) == 1 or word in LEVELS for word in self.words)

    @cached_property
    def days(self) -> bool:
        """Whether nothing but days and moments stands there, as a workbook keeps them."""
        return bool(self.cells) and all(isinstance(cell, date) for cell in self.cells)

    @cached_property
    def answers(self) -> bool:
        """Whether nothing but yes and no stands there."""
        return bool(self.cells) and all(map(_is_answer, self.cells))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The texts, folded as headers are."""
        return tuple(normalize_header(cell_text(cell)) for cell in self.cells)

    @cached_property
    def long(self) -> bool:
        """Whether the texts are sentences rather than words."""
        return bool(self.words) and sum(map(len, self.words)) > _LONG_WORDS * len(self.words)


class Contents:
    """What the columns of a file hold, against which proposals are held; what a person says isn't.

    Args:
        table: the file.
        title: the register's field that says in a line what a row is.
    """

    def __init__(self, table: Table, title: str) -> None:
        self._table, self._title = table, title
        self._seen: dict[str, _Column] = {}

    def fit(self, target: Target, header: str) -> bool:
        """Return whether what stands under a header may be a field's."""
        column = self._column(header)
        if target.kind == "longtext" or target.name == self._title:
            return not (column.numbers or column.levels)
        if target.numbers_of and not target.is_called(header):
            # It stands under the name of the text: “Impact” 5 is how grave it is; “Impact: delivery stops” is what it leads to.
            return column.numbers or column.levels
        if target.kind in _NO_DAYS and column.days:
            return False
        match target.kind:
            case "text":
                return not column.levels
            case "date" | "datetime":
                return not column.answers or normalize_header(header) in target.names
            case "choice":
                # The meaning of short words can be asked; what nobody knows and says something is a text.
                known = target.choice_words({})
                return not column.long or any(word in known for word in column.words)
        return True

    def _column(self, header: str) -> _Column:
        if header not in self._seen:
            place = self._table.headers.index(header)
            cells = (row.cells[place] for row in islice(self._table.rows(), LOOKED_AT))
            self._seen[header] = _Column(tuple(cell for cell in cells if not is_nothing(cell)))
        return self._seen[header]


def _is_number(cell: Cell) -> bool:
    try:
        return parse_decimal(cell.rstrip("% ") if isinstance(cell, str) else cell) is not None
    except BadValue:
        return False


def _is_answer(cell: Cell) -> bool:
    try:
        return isinstance(cell, str | bool) and parse_boolean(cell) is not None
    except BadValue:
        return False
