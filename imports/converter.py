"""From rows of cells to drafts of records.

Everything that can be said about a row without asking the register for it is said here.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from imports.drafts import Draft, Problem
from imports.mapping import ImportMapping, MappingError, Source
from organizations.scope import current_organization
from registers.export import undefused
from registers.origins import OriginLookup
from registers.parsing.lookups import Lookups
from registers.parsing.targets import EXTERNAL_ID, REFERENCE, SOURCE_DATA, Target
from spreadsheets.dates import DateStyle, detect_date_style, parse_date, parse_datetime
from spreadsheets.errors import BadValue
from spreadsheets.headers import looks_like_name, normalize_header
from spreadsheets.table import Cell, Row, Table, cell_text, column_letters, is_blank
from spreadsheets.values import (
    NumberStyle,
    find_number_style,
    is_nothing,
    parse_boolean,
    parse_choice,
    parse_decimal,
    parse_exported_text,
    parse_identifier,
    parse_integer,
    parse_text,
    shown,
)

#: Different unknown words of a column that are remembered, to ask what they mean.
MOST_WORDS = 40
_KEEP = object()
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
    constant: Any = _KEEP

    def cell(self, row: Row) -> Cell:
        """Return the cell, or several as one."""
        if len(self.columns) == 1:
            cell = row.cells[self.columns[0]]
        else:
            cell = _joined([row.cells[column] for column in self.columns], self.joiner)
        return self.means.get(normalize_header(cell_text(cell)), cell) if self.means else cell


class Converter:
    """The way from the rows of one file to drafts, by a mapping that fits it.

    Raises:
        MappingError: a constant doesn't fit its field, or a field that every row needs gets no value.
    """

    def __init__(
        self,
        table: Table,
        targets: Mapping[str, Target],
        mapping: ImportMapping,
        lookups: Lookups,
        *,
        keep_unmapped: bool,
    ) -> None:
        self.table, self.targets, self.mapping, self.lookups = table, targets, mapping, lookups
        self.date_styles: dict[str, DateStyle] = {}
        #: Fields whose numbers can be read in two ways, with an example.
        self.doubtful_numbers: dict[str, str] = {}
        self.number_styles: dict[str, NumberStyle | None] = {}
        self.unknown_words: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._places = {header: place for place, header in enumerate(table.headers)}
        self._zone = current_organization().zone
        # Only CSV is made harmless by an export; in a workbook an apostrophe is one.
        self._own_export = mapping.is_of_own_export and table.format == "csv"
        self.feeds = {
            name: self._feed(targets[name], source) for name, source in mapping.fields.items() if source is not None
        }
        # An export of this register has columns that are only read: comments, what is worked out, what was kept before.
        keeps = keep_unmapped and not mapping.is_of_own_export
        self.kept = [(header, self._places[header]) for header in mapping.unmapped(table.headers)] if keeps else []
        self._seen: dict[tuple[bool, str], int] = {}
        self._digests: Counter[str] = Counter()

    @property
    def missing(self) -> list[Target]:
        """Fields that every row needs and no column or constant fills."""
        return [target for target in self.targets.values() if target.required and target.name not in self.feeds]

    @property
    def asked(self) -> list[Target]:
        """Fields that say how others are to be read, where a file fills these and nothing says it: asked, never guessed.

        The rows of an export have their own already.
        """
        return [
            target
            for target in self.targets.values()
            if target.name not in self.feeds
            and self.feeds.keys() & set(target.asked_with)
            and not self.mapping.is_of_own_export
        ]

    @property
    def only_new(self) -> frozenset[str]:
        """Attributes that are set in new rows only."""
        return frozenset(attribute(feed.target) for feed in self.feeds.values() if feed.source.only_new)

    def drafts(self) -> Iterator[Draft]:
        """Yield a draft of every row, in the file's order."""
        for row in self.table.rows():
            yield self.draft(row)

    def draft(self, row: Row) -> Draft:
        """Return the draft of a row: its values and all that is wrong with them."""
        values: dict[str, Any] = {}
        links: dict[str, list[int]] = {}
        emptied: list[str] = []
        problems = [Problem(row.number, "", "", "", str(row.problem), "")] if row.problem else []
        for feed in self.feeds.values():
            try:
                value = self._value(feed, row)
            except BadValue as bad:
                problems.append(self.problem(row, feed.target.name, str(bad.message), str(bad.remedy)))
                continue
            if feed.target.kind == "records":
                links[feed.target.name] = [] if value is _KEEP else value
            elif value is not _KEEP:
                values[attribute(feed.target)] = value
            elif not feed.source.only_new:
                emptied.append(feed.target.name)
        if self.kept:
            values[SOURCE_DATA] = self._leftovers(row)
        draft = self._identified(Draft(row, "", False, values, links, problems))
        if draft.by_reference:
            # In an export a cell that is empty was emptied; in other files it says nothing about a field that can't be.
            draft.problems += (self.problem(row, name, *_not_emptied()) for name in emptied)
        return draft

    def problem(self, row: Row, field: str, reason: str, remedy: str = "") -> Problem:
        """Return a problem with the cell that fills a field; with the row where no cell does."""
        feed = self.feeds.get(field)
        if feed is None or not feed.columns:
            label = self.targets[field].label if field in self.targets else ""
            return Problem(row.number, "", label, feed.source.value or "" if feed else "", reason, remedy)
        place = f"{column_letters(self.table.columns[feed.columns[0]])}{row.number}"
        return Problem(row.number, place, " + ".join(feed.source.headers), shown(feed.cell(row)), reason, remedy)

    def _value(self, feed: Feed, row: Row) -> Any:
        if feed.constant is not _KEEP:
            return feed.constant
        cell = self._undefused(feed.cell(row))
        try:
            value = feed.parse(cell)
        except BadValue:
            if _is_a_word(feed.target, cell) and len(self.unknown_words[feed.target.name]) < MOST_WORDS:
                self.unknown_words[feed.target.name][shown(cell)] += 1
            raise
        if value is not None and value != "" and value != []:
            return value
        if feed.target.required:
            raise BadValue(_("The cell is empty, but every row needs this."), _("Fill it in."))
        return feed.blank

    def _feed(self, target: Target, source: Source) -> Feed:
        columns = tuple(self._places[header] for header in source.headers)
        joiner = (
            source.join
            if source.join is not None
            else {"id": "-", "longtext": "\n\n", "records": ", "}.get(target.kind, " ")
        )
        words = {} if target.kind == "choice" else self.mapping.values.get(target.name, {})
        means = {normalize_header(word): meaning for word, meaning in words.items()}
        bare = Feed(target, source, columns, joiner, means, parse_text, _blank(target))
        parse = self._parser(target, bare)
        if source.value is None:
            return Feed(target, source, columns, joiner, means, parse, bare.blank)
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
                return _choice_parser(target, self.mapping.values.get(target.name, {}))
            case "boolean":
                return parse_boolean
            case "person" | "site" | "record":
                find = self.lookups.of(target).find
                return lambda cell: None if is_nothing(cell) else find(parse_text(cell) or "")
            case "records":
                find_all = self.lookups.of(target).find_all
                return lambda cell: [] if is_nothing(cell) else find_all(parse_text(cell) or "")
            case "row":
                find_row = OriginLookup(cell_text(cell) for cell in self._cells(feed) if not is_nothing(cell)).find
                return lambda cell: None if is_nothing(cell) else find_row(parse_text(cell) or "")
            case "date" | "datetime":
                return self._date_parser(target, feed)
        return self._number_parser(target, feed)

    def _date_parser(self, target: Target, feed: Feed) -> Parser:
        style = detect_date_style(self._cells(feed), self.mapping.dates.get(target.name))
        self.date_styles[target.name] = style
        if target.kind == "date":
            return lambda cell: parse_date(cell, style, self._zone)
        return lambda cell: self._in_zone(parse_datetime(cell, style))

    def _number_parser(self, target: Target, feed: Feed) -> Parser:
        chosen = self.mapping.numbers.get(target.name)
        style: NumberStyle | None
        style, doubtful = (NumberStyle(chosen), "") if chosen else find_number_style(self._cells(feed))
        if doubtful and self._own_export and self.table.delimiter == "," and not self._has_commas(feed):
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

    def _undefused(self, cell: Cell) -> Cell:
        """Return the text as it was before our own CSV export made it harmless for spreadsheets."""
        return undefused(cell) if self._own_export and isinstance(cell, str) else cell

    def _leftovers(self, row: Row) -> str:
        """Return the columns that fill no field, one ``heading: value`` a line.

        Further lines of a value are set in.
        """
        texts = ((header, _plain_text(row.cells[place])) for header, place in self.kept)
        return "\n".join(f"{header}: {text}" for header, text in texts if text)

    def _identified(self, draft: Draft) -> Draft:
        """Give a draft its key; two rows of one key are both named, the second is refused."""
        reference = draft.values.pop(REFERENCE, None)
        if reference:
            draft.key, draft.by_reference = str(reference).upper(), True
        else:
            draft.key = draft.values.get(EXTERNAL_ID) or self._derived_key(draft.row)
            draft.values[EXTERNAL_ID] = draft.key
        first = self._seen.setdefault((draft.by_reference, draft.key), draft.row.number)
        if first != draft.row.number:
            field = REFERENCE if draft.by_reference else EXTERNAL_ID
            reason = _("Row %(number)s has the same id.") % {"number": first}
            draft.problems.append(
                self.problem(draft.row, field, reason, _("Give each row an id of its own, or take one of them out."))
            )
        return draft

    def _derived_key(self, row: Row) -> str:
        """Return an id for a row that brings none.

        It says what stands in the row, and which of several equal ones it is.
        """
        digest = hashlib.sha256("\x1f".join(map(cell_text, row.cells)).encode("utf-8", "surrogatepass")).hexdigest()[
            :24
        ]
        self._digests[digest] += 1
        count = self._digests[digest]
        return f"row-{digest}" if count == 1 else f"row-{digest}-{count}"


def _not_emptied() -> tuple[str, str]:
    """Say why an emptied cell of an export is refused, and what to do.

    It is refused where the field can't be empty.
    """
    remedy = _("Fill it in, or take the column out of the file to leave it as it is.")
    return _("The cell was emptied, but this can't be empty."), remedy


def _is_a_word(target: Target, cell: Cell) -> bool:
    """Return whether a cell that wasn't understood is a word that somebody may explain.

    “hoch” can mean 4, “Meier” a member.
    """
    if target.kind in ("integer", "decimal"):
        return isinstance(cell, str) and looks_like_name(cell) and not cell.startswith("#")
    return target.kind in ("choice", "boolean", "person", "site", "record", "row") and not shown(cell).startswith("#")


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
    return _KEEP


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


def _plain_text(cell: Cell) -> str:
    try:
        return (parse_text(cell) or "").replace("\n", "\n  ")
    except BadValue:  # a formula that failed: it is kept as the file shows it
        return cell_text(cell)
