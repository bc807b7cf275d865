"""Records as cells: the same values for lists, pages and small tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import models
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from registers.columns import BoundColumn, Column
from registers.formatting import text_of
from registers.lists.arrangement import Arrangement
from registers.models import Record
from registers.tags import tags_of

#: Characters of a long text that a list shows.
EXCERPT = 160


class Part(NamedTuple):
    """One of several things that a cell says.

    Attributes:
        text: what it says.
        label: what it is about.
        tone: as in :class:`Cell`.
        url: where something can be done about it; what begins with a question mark opens in the list itself.
        action: what is done there, as the link says it.
        about: what tells the link from those of other rows, for whoever doesn't see where it stands.
        form: HTML of a form in place of the text and the link.
    """

    text: str
    label: str = ""
    tone: str = ""
    url: str = ""
    action: str = ""
    about: str = ""
    form: str = ""


class Cell(NamedTuple):
    """One value as a page shows it.

    It is a tuple, and so is a row, as a page has hundreds. Where it says several things, ``parts`` holds them.
    """

    kind: str
    text: str
    url: str = ""
    tone: str = ""
    title: str = ""
    label: str = ""
    align: str = "start"
    parts: tuple[Part, ...] = ()

    @property
    def tags(self) -> list[str]:
        """The tags, in a cell of tags."""
        return tags_of(self.text)


@dataclass(frozen=True)
class MadeColumn(BoundColumn):
    """A column that no field holds, and that makes its cells itself."""

    make: Callable[[Any], Cell] = lambda record: Cell("text", "")

    @classmethod
    def of(cls, name: str, label: str, make: Callable[[Any], Cell]) -> MadeColumn:
        """Return a column of a kind of its own, which doesn't sort."""
        column = Column(name, label=label, kind=name, path="", sort="", importable=False)
        return cls(column, None, make=make)


@dataclass(frozen=True)
class Group:
    """What heads the rows that have a value in common.

    Attributes:
        cell: the value.
        count: how many rows have it.
        span: how many columns its head takes, before those that have a cell each.
        cells: what is worked out of the group's rows, under each column from the first that has something.
        totals: the same in words, where there is no place under the columns.
    """

    cell: Cell
    count: int
    span: int
    cells: tuple[Cell, ...] = ()
    totals: tuple[str, ...] = ()


class Row(NamedTuple):
    """One record as a list shows it.

    Attributes:
        group: heads the group that begins with it.
        revision: there where it may be edited.
        pick: the id of the form that it can be picked for, by a box in front; empty where there is none.
    """

    record: models.Model
    url: str
    reference: str
    archived: bool
    cells: tuple[Cell, ...]
    group: Group | None = None
    revision: int | None = None
    pick: str = ""


@dataclass(frozen=True)
class Heading:
    """A column's head, with the address that sorts by it, and the one that adds it to the sort.

    It has a rank where there are several sorts.
    """

    name: str
    label: str
    kind: str
    align: str
    sort_url: str = ""
    add_url: str = ""
    sorted: str = ""
    rank: int = 0


@dataclass(frozen=True)
class Table:
    """Headings, rows, and what is worked out of all rows: a cell a column, or none.

    ``pick``: see :class:`Row`.
    """

    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]
    totals: tuple[Cell, ...] = ()
    pick: str = ""


def cell_of(record: Record, column: BoundColumn, *, whole: bool = False) -> Cell:
    """Return a record's value under a column.

    Args:
        record: the row.
        column: what is shown of it.
        whole: show long texts unshortened.
    """
    return _cells_of(column, column.label, whole)(record)


def _cells_of(column: BoundColumn, label: str, whole: bool = False) -> Callable[[Any], Cell]:
    """Return a function that gives a record's cell under a column.

    What is the same for every row is worked out once.
    """
    if isinstance(column, MadeColumn):
        return column.make
    kind = column.kind
    if kind == "records":
        return lambda record: _records_cell(column.value_of(record), label)
    if kind == "record":
        return lambda record: _record_cell(column.value_of(record), label)
    if kind in ("badge", "choice"):
        return _choices_of(column, label)
    if kind == "badge_of":  # a (text, tone) pair that the model works out
        return lambda record: _badge_cell(column.value_of(record), label)
    align = align_of(column)
    return lambda record: _text_cell(kind, text_of(column.value_of(record)), whole, label, align)


def _choices_of(column: BoundColumn, label: str) -> Callable[[Any], Cell]:
    """Return what :func:`_cells_of` does, of a choice: each is put into words once."""
    made: dict[Any, Cell] = {}

    def cell(record: Record) -> Cell:
        value = column.value_of(record)
        if value not in made:
            text = column.words_of(record) if value not in (None, "") else ""
            made[value] = Cell(
                column.kind, text, tone=(column.column.tones or {}).get(str(value), "neutral"), label=label
            )
        return made[value]

    return cell


def _records_cell(linked: models.QuerySet, label: str) -> Cell:
    rows = [] if linked is None else list(linked.all())
    title = ", ".join(str(item) if item.is_visible else item.reference for item in rows)
    return Cell("records", ", ".join(item.reference for item in rows), title=title, label=label)


def _record_cell(record: Record, label: str) -> Cell:
    if record is None:
        return Cell("record", "", label=label)
    if not record.is_visible:
        return Cell("record", record.reference, label=label)
    text, url = record.title_text or record.reference, record.get_absolute_url()
    return Cell("record", text, url=url, title=record.reference, label=label)


def _badge_cell(badge: tuple[str, str] | None, label: str) -> Cell:
    return Cell("badge", str(badge[0]), tone=badge[1], label=label) if badge else Cell("badge", "", label=label)


def _text_cell(kind: str, text: str, whole: bool, label: str, align: str) -> Cell:
    if kind == "longtext" and not whole and len(text) > EXCERPT:
        return Cell(kind, Truncator(" ".join(text.split())).chars(EXCERPT), title=text, label=label)
    return Cell(kind, text, align=align, label=label)


def table_of(columns: list[BoundColumn], records: Any, headings: tuple[Heading, ...] | None = None) -> Table:
    """Return a table of any rows under any columns."""
    heads = headings or tuple(Heading(c.name, c.label, c.kind, align_of(c)) for c in columns)
    makers = [_cells_of(column, head.label) for column, head in zip(columns, heads, strict=True)]
    rows = tuple(
        Row(
            record=record,
            url=record.get_absolute_url() if isinstance(record, Record) else "",
            reference=getattr(record, "reference", ""),
            archived=bool(getattr(record, "archived_at", None)),
            cells=tuple(make(record) for make in makers),
        )
        for record in records
    )
    return Table(heads, rows)


def revisable(table: Table, may_change: Callable[[Any], bool], *, pick: str) -> Table:
    """Return the table with its rows ready to be picked, and edited in place.

    Before each row stands a box that picks it for a form; a row that may be edited has its revision.
    """

    def revised(row: Row) -> Row:
        may = not row.archived and may_change(row.record)
        return row._replace(pick=pick, revision=getattr(row.record, "revision", None) if may else None)

    return replace(table, rows=tuple(map(revised, table.rows)), pick=pick)


def align_of(column: BoundColumn) -> str:
    """Return the end of its cells that a column's values stand at."""
    return "end" if column.kind in ("number", "date", "datetime") else "start"


def headings_of(arrangement: Arrangement) -> tuple[Heading, ...]:
    """Return a list's headings, with the addresses that sort by each."""
    places = {sort.column.name: place for place, sort in enumerate(arrangement.shown_sorts, start=1)}
    return tuple(
        _heading(arrangement, column, places.get(column.name, 0) if column.sort else 0)
        for column in arrangement.columns
    )


def _heading(arrangement: Arrangement, column: BoundColumn, place: int) -> Heading:
    sorts = arrangement.shown_sorts
    descending = bool(place) and sorts[place - 1].descending
    return Heading(
        column.name,
        column.label,
        column.kind,
        align_of(column),
        sort_url=arrangement.address(sort=column.name if descending or not place else f"-{column.name}")
        if column.sort
        else "",
        add_url=arrangement.address(sort=_added([sort.name for sort in arrangement.sorts], column.name))
        if column.sort
        else "",
        sorted=("desc" if descending else "asc") if place else "",
        rank=place if len(sorts) > 1 else 0,
    )


def _added(names: list[str], name: str) -> list[str]:
    """Return what is sorted by, with one column more.

    Where the column is there already, it is turned round, or left out.
    """
    if name in names:
        return [f"-{each}" if each == name else each for each in names]
    return [each for each in names if each != f"-{name}"] if f"-{name}" in names else [*names, name]


def grouped(table: Table, arrangement: Arrangement, rows: models.QuerySet) -> Table:
    """Return a page's table with a head on each group of rows, and totals of all rows.

    The totals, at its foot, are what is worked out of the columns of numbers.

    Args:
        table: from :func:`table_of`.
        arrangement: says what heads the groups and what is worked out.
        rows: all rows that the list shows, over its pages.
    """
    totals = tuple(_total_cells(arrangement, arrangement.totals(rows))) if arrangement.total else ()
    return replace(table, rows=_with_heads(table.rows, arrangement, rows), totals=totals)


def _with_heads(shown: tuple[Row, ...], arrangement: Arrangement, rows: models.QuerySet) -> tuple[Row, ...]:
    column = arrangement.group
    if column is None or column.field is None or not shown:
        return shown
    keys = [getattr(row.record, column.field.attname) for row in shown]
    groups = arrangement.groups(rows, set(keys))
    return tuple(
        row._replace(group=_group(row.record, column, groups[key], arrangement))
        if place == 0 or keys[place - 1] != key
        else row
        for place, (row, key) in enumerate(zip(shown, keys, strict=True))
    )


def _group(record: Any, column: BoundColumn, found: dict[str, Any], arrangement: Arrangement) -> Group:
    totals, width = found["totals"], len(arrangement.columns)
    # The reference is always the first column, so the group's own name has a place.
    first = next((place for place, each in enumerate(arrangement.columns) if each.name in totals), width)
    cells = tuple(_total_cells(arrangement, totals))[first:]
    return Group(
        cell_of(record, column), found["count"], width - len(cells), cells, tuple(_in_words(arrangement, totals))
    )


def _in_words(arrangement: Arrangement, totals: dict[str, Any]) -> Iterator[str]:
    for number in arrangement.numbers:
        if arrangement.total and number.name in totals:
            value = text_of(_rounded(totals[number.name])) or "–"
            words = {"total": arrangement.total.label, "column": number.label, "value": value}
            yield _("%(total)s of %(column)s: %(value)s") % words


def _total_cells(arrangement: Arrangement, totals: dict[str, Any]) -> Iterator[Cell]:
    for place, column in enumerate(arrangement.columns):
        label = str(arrangement.total.label) if place == 0 and arrangement.total else ""
        text = text_of(_rounded(totals[column.name])) or "–" if column.name in totals else label
        yield Cell(column.kind, text, align=align_of(column), label=column.label)


def _rounded(value: object) -> Any:
    """Return a number as people read one: averages to two places."""
    return round(Decimal(str(value)), 2) if isinstance(value, float | Decimal) else value
