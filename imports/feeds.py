"""How each field gets its value from a row: the columns, how they are joined, and how the cell is understood."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from imports.day_words import with_words
from imports.link_words import linking, linking_all, may_keep_words
from imports.mapping import COMMENT, ImportMapping
from imports.no_answers import NONE, NoAnswers
from imports.sources import MappingError, Source
from organizations.scope import current_organization
from registers.origins import OriginLookup
from registers.parsing.lookups import Lookups
from registers.parsing.targets import Target
from spreadsheets.dates import DateStyle, detect_date_style, parse_date, parse_datetime
from spreadsheets.errors import BadValue
from spreadsheets.headers import normalize_header
from spreadsheets.table import Cell, Row, Table, cell_text, is_blank
from spreadsheets.values import (
    NumberStyle,
    find_number_style,
    is_nothing,
    is_percent,
    parse_boolean,
    parse_choice,
    parse_decimal,
    parse_exported_text,
    parse_identifier,
    parse_integer,
    parse_text,
    shown,
)

KEEP = object()
Parser = Callable[[Cell], Any]


@dataclass(frozen=True, slots=True)
class Feed:
    """How one field gets its value from a row.

    That is: the columns, how they are joined, and how the cell is understood.
    """

    target: Target
    source: Source
    columns: tuple[int, ...]
    joiner: str
    means: Mapping[str, str]
    parse: Parser
    blank: Any
    constant: Any = KEEP
    no_answers: NoAnswers = NONE

    def cell(self, row: Row) -> Cell:
        """Return the cell, or several as one; nothing where it says that there is no answer."""
        cell = self.written(row)
        return None if cell in self.no_answers else cell

    def written(self, row: Row) -> Cell:
        """Return the cell as it is written, or several as one."""
        if len(self.columns) == 1:
            cell = row.cells[self.columns[0]]
        else:
            cell = _joined([row.cells[column] for column in self.columns], self.joiner)
        return self.means.get(normalize_header(cell_text(cell)), cell) if self.means else cell


class Feeds:
    """Makes the feeds of one file, and keeps how its dates and numbers are written."""

    def __init__(self, table: Table, mapping: ImportMapping, lookups: Lookups) -> None:
        self.table, self.mapping, self.lookups = table, mapping, lookups
        self.date_styles: dict[str, DateStyle] = {}
        #: Fields whose numbers can be read in two ways, with an example.
        self.doubtful_numbers: dict[str, str] = {}
        self.number_styles: dict[str, NumberStyle | None] = {}
        self._places = {header: place for place, header in enumerate(table.headers)}
        self._zone = current_organization().zone
        # Only CSV is made harmless by an export; in a workbook an apostrophe is one.
        self.is_own_export = mapping.is_of_own_export and table.format == "csv"

    def of(self, target: Target, source: Source, *, is_per_cent: bool = True) -> Feed:
        """Return how a field gets its value from a source; numbers may be per cent unless they are on another scale.

        Raises:
            MappingError: the value of a constant doesn't fit the field.
        """
        columns = tuple(self._places[header] for header in source.headers)
        joiner = (
            source.join
            if source.join is not None
            else {"id": "-", "longtext": "\n\n", "records": ", "}.get(target.kind, " ")
        )
        no_answers = NoAnswers.of(target, self.mapping)
        # Choices and days are explained where they are read.
        apart = target.kind in ("choice", "date", "datetime")
        words = {} if apart else self.mapping.values.get(target.name, {})
        # A comment is no name of a row, and a word that means itself stays as it is.
        apart_too = {COMMENT} if may_keep_words(target) else set()
        means = {
            normalize_header(word): meaning
            for word, meaning in words.items()
            if not is_nothing(meaning) and meaning not in apart_too and meaning != word
        }
        bare = Feed(target, source, columns, joiner, means, parse_text, _blank(target), no_answers=no_answers)
        parse = self._parser(target, bare)
        if target.kind in ("integer", "decimal") and not is_per_cent:
            parse = _without_per_cent(parse)
        if source.value is None:
            return replace(bare, parse=parse)
        try:
            constant = parse(source.value)
        except BadValue as bad:
            raise MappingError(f"{target.label}: {bad}") from bad
        return Feed(
            target, source, (), joiner, means, parse, bare.blank, bare.blank if constant in (None, "") else constant
        )

    def _parser(self, target: Target, feed: Feed) -> Parser:
        field: Any = target.field
        match target.kind:
            case "text" | "longtext":
                parse = parse_exported_text if self.mapping.is_of_own_export else parse_text
                return lambda cell: parse(cell, max_length=field.max_length)
            case "id":
                return lambda cell: parse_identifier(cell, max_length=field.max_length)
            case "reference":
                return parse_identifier
            case "choice":
                words = self.mapping.values.get(target.name, {})
                return _choice_parser(target, {word: code for word, code in words.items() if not is_nothing(code)})
            case "boolean":
                return parse_boolean
            case "person" | "site" | "record" | "records" | "row":
                return self._link_parser(target, feed)
            case "date" | "datetime":
                return self._date_parser(target, feed)
        return self._number_parser(target, feed)

    def _link_parser(self, target: Target, feed: Feed) -> Parser:
        """Return what finds the people, sites and rows that cells name.

        Words that name none become a comment, where that loses no row of an export its link.
        """
        lookup: Any = (
            OriginLookup(cell_text(cell) for cell in self._cells(feed) if not is_nothing(cell))
            if target.kind == "row"
            else self.lookups.of(target)
        )
        if may_keep_words(target) and not self.mapping.is_of_own_export and feed.source.value is None:
            said = self.mapping.values.get(target.name, {})
            kept = [word for word, means in said.items() if means == COMMENT]
            return linking_all(lookup, kept) if target.kind == "records" else linking(lookup.find, kept)
        if target.kind == "records":
            return lambda cell: [] if is_nothing(cell) else lookup.find_all(parse_text(cell) or "")
        return lambda cell: None if is_nothing(cell) else lookup.find(parse_text(cell) or "")

    def _date_parser(self, target: Target, feed: Feed) -> Parser:
        style = detect_date_style(self._cells(feed), self.mapping.dates.get(target.name))
        self.date_styles[target.name] = style
        words = {w: means for w, means in self.mapping.values.get(target.name, {}).items() if not is_nothing(means)}
        periods = self.mapping.periods.get(target.name, {})
        if target.kind == "date":
            return with_words(lambda cell: parse_date(cell, style, self._zone), words, periods)
        return with_words(lambda cell: self._in_zone(parse_datetime(cell, style)), words, periods)

    def _number_parser(self, target: Target, feed: Feed) -> Parser:
        chosen = self.mapping.numbers.get(target.name)
        style: NumberStyle | None
        style, doubtful = (NumberStyle(chosen), "") if chosen else find_number_style(self._cells(feed))
        if doubtful and self.is_own_export and self.table.delimiter == "," and not self._has_commas(feed):
            # As we write them: programs that write 1.234 for 1234 separate by semicolons.
            style, doubtful = NumberStyle.POINT, ""
        if doubtful:
            self.doubtful_numbers[target.name] = doubtful
        self.number_styles[target.name] = style
        if target.kind == "integer":
            return lambda cell: parse_integer(cell, style)
        places = target.field.decimal_places or 0  # type: ignore[attr-defined]
        return lambda cell: _without_zeros(parse_decimal(cell, style), places)

    def _cells(self, feed: Feed) -> Iterator[Cell]:
        if feed.source.value is not None:
            return iter((feed.source.value,))
        return (feed.cell(row) for row in self.table.rows())

    def _has_commas(self, feed: Feed) -> bool:
        return any("," in cell_text(cell) for cell in self._cells(feed))

    def _in_zone(self, moment: datetime | None) -> datetime | None:
        return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=self._zone)


def _without_per_cent(parse: Parser) -> Parser:
    """Return a parser of numbers that refuses per cent: on a scale from 1 to 10, 5 % is no 5."""

    def parsed(cell: Cell) -> Any:
        if is_percent(cell):
            raise BadValue(
                format_lazy(
                    _("“{shown}” is per cent, but the numbers of this column are on another scale."), shown=shown(cell)
                ),
                _("Say that the scale is per cent, or write a number of the scale."),
            )
        return parse(cell)

    return parsed


def _choice_parser(target: Target, meanings: Mapping[str, str]) -> Parser:
    """Return a parser of words to codes.

    Looking for what an unknown word may mean takes long, so it is done once a word.
    """
    words, offers = target.choice_words(meanings), list(target.choices.values())
    refused: dict[str, BadValue] = {}

    def parse(cell: Cell) -> Any:
        text = cell_text(cell)
        if text in refused:
            raise refused[text]
        try:
            return target.field.to_python(parse_choice(cell, words, offers))
        except BadValue as bad:
            # Memory must not grow with the rows.
            if len(refused) < 1000:
                refused[text] = bad
            raise

    return parse


def attribute(target: Target) -> str:
    """Return the attribute of a record that a target sets: of a foreign key, the key."""
    return target.field.attname if target.sets_column else target.name


def _blank(target: Target) -> Any:
    """Return what an empty cell means.

    Nothing, where a field may be empty; where it can't be, that the row keeps what it has.
    """
    if target.field.null:
        return None
    if isinstance(target.field, models.CharField | models.TextField) and target.field.blank:
        return ""
    return KEEP


def _joined(cells: list[Cell], joiner: str) -> Cell:
    """Return several cells as one; blank ones leave no trace.

    A date and a time become a moment, other things text.
    """
    filled = [cell for cell in cells if not is_blank(cell)]
    match filled:
        case []:
            return None
        case [one]:
            return one
        case [datetime() as day, time() as clock]:
            return datetime.combine(day.date(), clock)
        case [date() as day, time() as clock]:
            return datetime.combine(day, clock)
    return joiner.join(cell_text(cell).strip() for cell in filled)


def _without_zeros(number: Decimal | None, places: int) -> Decimal | None:
    """Return a number without decimals beyond ``places`` where these are zeros only."""
    if number is None or -int(number.as_tuple().exponent) <= places:  # type: ignore[arg-type]
        return number
    short = number.quantize(Decimal(1).scaleb(-places))
    return short if short == number else number
