"""Records as cells: the same values for lists, pages and small tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import formats, timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from registers.models import Record
from registers.register import BoundColumn, Register

#: Characters of a long text that a list shows.
EXCERPT = 160


@dataclass(frozen=True)
class Cell:
    """One value as a page shows it."""

    kind: str
    text: str
    url: str = ""
    tone: str = ""
    title: str = ""
    label: str = ""
    align: str = "start"


@dataclass(frozen=True)
class Row:
    """One record as a list shows it."""

    record: models.Model
    url: str
    reference: str
    archived: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Heading:
    """A column's head, with the address that sorts by it."""

    name: str
    label: str
    kind: str
    align: str
    sort_url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Table:
    """Headings and rows."""

    columns: tuple[Heading, ...]
    rows: tuple[Row, ...]


def text_of(value: Any) -> str:
    """A value in words, in the reader's locale and the organization's zone."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("Yes")) if value else str(_("No"))
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "j M Y, H:i")
    if isinstance(value, date):
        return formats.date_format(value, "j M Y")
    if isinstance(value, Decimal):
        return formats.number_format(_shortest(value), use_l10n=True)
    return str(value)


def _shortest(value: Decimal) -> Decimal:
    """The same number without zeros at its end, and never with an exponent."""
    normal = value.normalize()
    exponent = normal.as_tuple().exponent
    return normal.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else normal


def cell_of(record: Any, column: BoundColumn, *, whole: bool = False, label: str | None = None) -> Cell:
    """A record's value under a column.

    Args:
        record: the row.
        column: what is shown of it.
        whole: show long texts unshortened.
        label: the column's label, for callers that show many rows and know it.
    """
    label = column.label if label is None else label
    value = getattr(record, column.name, None)
    kind = column.kind
    if kind == "records":
        linked = [] if value is None else list(value.all())
        title = ", ".join(str(item) if item.is_in_reach else item.reference for item in linked)
        return Cell(kind, ", ".join(item.reference for item in linked), title=title, label=label)
    if kind == "record" and value is not None:
        if not value.is_in_reach:
            return Cell(kind, value.reference, label=label)
        return Cell(
            kind, value.title_text or value.reference, url=value.get_absolute_url(), title=value.reference, label=label
        )
    if kind in ("badge", "choice"):
        text = str(getattr(record, f"get_{column.name}_display")()) if value not in (None, "") else ""
        return Cell(kind, text, tone=(column.column.tones or {}).get(str(value), "neutral"), label=label)
    if kind == "badge_of":  # a (text, tone) pair that the model works out
        return Cell("badge", str(value[0]), tone=value[1], label=label) if value else Cell("badge", "", label=label)
    return _text_cell(kind, text_of(value), whole, label, _align(column))


def _text_cell(kind: str, text: str, whole: bool, label: str, align: str) -> Cell:
    if kind == "longtext" and not whole and len(text) > EXCERPT:
        return Cell(kind, Truncator(" ".join(text.split())).chars(EXCERPT), title=text, label=label)
    return Cell(kind, text, align=align, label=label)


def table_of(columns: list[BoundColumn], records: Any, headings: tuple[Heading, ...] | None = None) -> Table:
    """Any rows under any columns."""
    heads = headings or tuple(Heading(c.name, c.label, c.kind, _align(c)) for c in columns)
    labelled = [(column, head.label) for column, head in zip(columns, heads, strict=True)]
    rows = tuple(
        Row(
            record=record,
            url=record.get_absolute_url() if isinstance(record, Record) else "",
            reference=getattr(record, "reference", ""),
            archived=bool(getattr(record, "archived_at", None)),
            cells=tuple(cell_of(record, column, label=label) for column, label in labelled),
        )
        for record in records
    )
    return Table(heads, rows)


def _align(column: BoundColumn) -> str:
    return "end" if column.kind in ("number", "date", "datetime") else "start"


def headings_of(register: Register, columns: list[BoundColumn], ordering: str, query: Any) -> tuple[Heading, ...]:
    """Headings with addresses that sort; ``query`` is the page's QueryDict."""
    current = ordering.removeprefix("-")
    heads = []
    for column in columns:
        is_current = bool(column.sort) and column.name == current
        descending = ordering.startswith("-")
        turned = column.name if is_current and descending else f"-{column.name}" if is_current else column.name
        parameters = query.copy()
        parameters.pop("page", None)
        parameters["sort"] = turned
        heads.append(
            Heading(
                column.name, column.label, column.kind, _align(column),
                sort_url=f"?{parameters.urlencode()}" if column.sort else "",
                sorted=("desc" if descending else "asc") if is_current else "",
            )
        )  # fmt: skip
    return tuple(heads)
