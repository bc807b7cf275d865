"""Records as rows of plain values: what exports write and packs carry."""

from __future__ import annotations

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from itertools import islice
from typing import IO, Any

import defusedcsv.csv as defused
import xlsxwriter
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.register import BoundColumn, Column, Register
from registers.table import cell_of
from registers.talk.models import Comment

#: Rows read at a time.
CHUNK = 2000
#: Characters a workbook's cell can hold.
CELL_LIMIT = 32_767


#: What was said about a row: in exports and packs only, to be read. On pages it stands in the row's timeline.
COMMENTS = BoundColumn(
    Column("comments", label=_("Comments"), kind="comments", path="", sort="", importable=False), None
)


def exported(register: Register) -> list[BoundColumn]:
    """The columns of an export: all whose value the database gives, and what was said about each row."""
    return [*(column for column in register.bound.values() if column.path or column.kind == "records"), COMMENTS]


def values(queryset: models.QuerySet, columns: Sequence[BoundColumn], *, words: bool = True) -> Iterator[list[Any]]:
    """Rows of plain values (str, int, Decimal, bool, date, aware datetime, None), read in chunks.

    People are given by mail address, records by reference, links by references joined with commas; choices in words,
    or by their codes where ``words`` is false.
    """
    paths = ["pk", *(column.path for column in columns if column.path and column.kind != "records")]
    links = [column for column in columns if column.kind == "records"]
    worked_out = [column for column in columns if not column.path and column.kind not in ("records", "comments")]
    labels = [_labeller(column, words) for column in columns]
    rows = queryset.select_related(None).prefetch_related(None).values_list(*paths).iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        keys = [row[0] for row in chunk]
        found = {column.name: _linked(column, keys) for column in links}
        if COMMENTS in columns:
            found[COMMENTS.name] = _comments(queryset.model, keys)
        if worked_out:
            found |= _worked_out(queryset, worked_out, keys)
        for row in chunk:
            plain = iter(row[1:])
            cells = [found[c.name].get(row[0], "") if c.name in found else next(plain) for c in columns]
            yield [label(cell) if label else cell for label, cell in zip(labels, cells, strict=True)]


def _worked_out(
    queryset: models.QuerySet, columns: Sequence[BoundColumn], keys: list[int]
) -> dict[str, dict[int, str]]:
    """What lists show of columns that the database doesn't hold, in words."""
    records = queryset.order_by().in_bulk(keys)
    return {
        column.name: {key: cell_of(record, column, whole=True).text for key, record in records.items()}
        for column in columns
    }


def _comments(model: Any, keys: list[int]) -> dict[int, str]:
    """What was said about each row of a chunk, oldest first, a day, who, and the words: two queries."""
    references = dict(model.objects.filter(pk__in=keys).values_list("pk", "reference"))
    said: defaultdict[str, list[str]] = defaultdict(list)
    zone = current_organization().zone
    for comment in Comment.objects.filter(subject__in=references.values()).select_related("author").order_by("pk"):
        day = comment.written_at.astimezone(zone).date()
        said[comment.subject].append(f"{day:%Y-%m-%d} {comment.author}: {comment.text}")
    return {key: "\n".join(said[reference]) for key, reference in references.items() if reference in said}


def _labeller(column: BoundColumn, words: bool) -> Callable[[Any], Any] | None:
    if column.custom:
        return partial(column.custom.exported, words=words)
    if not words or column.field is None or not column.field.choices:
        return None
    labels = {code: str(label) for code, label in column.field.flatchoices}  # type: ignore[attr-defined]
    return lambda code: labels.get(code, code)


def _linked(column: BoundColumn, keys: list[int]) -> dict[int, str]:
    """References linked to each row of a chunk, in order: one query."""
    field = column.field
    assert isinstance(field, models.ManyToManyField)
    here, there = field.m2m_field_name(), field.m2m_reverse_field_name()
    through: Any = field.remote_field.through
    pairs = (
        through._default_manager.filter(**{f"{here}_id__in": keys})
        .values_list(f"{here}_id", f"{there}__reference")
        .order_by(f"{there}_id")
    )
    found = defaultdict(list)
    for key, reference in pairs:
        found[key].append(reference)
    return {key: ", ".join(references) for key, references in found.items()}


def write_csv(register: Register, queryset: models.QuerySet, columns: Sequence[BoundColumn]) -> IO[bytes]:
    """A CSV file (RFC 4180, UTF-8 with signature, which Excel needs); cells that a spreadsheet would run as formulas are defused."""
    file = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="replace", write_through=True)
    writer = defused.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow([column.label for column in columns])
    writer.writerows([_csv_text(cell) for cell in row] for row in values(queryset, columns))
    text.flush()
    text.detach()
    file.seek(0)
    return file


def _local(moment: datetime) -> datetime:
    """A moment by the organization's clock, as an import reads it."""
    return timezone.localtime(moment, current_organization().zone)


def _csv_text(value: Any) -> Any:
    if isinstance(value, datetime):
        return _local(value).isoformat(timespec="seconds")
    return value


def write_xlsx(register: Register, queryset: models.QuerySet, columns: Sequence[BoundColumn]) -> IO[bytes]:
    """A workbook with one sheet, its head frozen and filterable; texts stay texts whatever they begin with."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(register.slug[:31])
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        for index, column in enumerate(columns):
            sheet.set_column(index, index, 50 if column.kind == "longtext" else 16)
        sheet.write_row(0, 0, [column.label for column in columns], bold)
        sheet.freeze_panes(1, 1)
        last = 0
        for last, row in enumerate(values(queryset, columns), start=1):
            for index, cell in enumerate(row):
                _write_cell(sheet, last, index, cell, moment)
        sheet.autofilter(0, 0, last, len(columns) - 1)
    file.seek(0)
    return file


def _write_cell(sheet: Any, row: int, column: int, value: Any, moment: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(row, column, _local(value).replace(tzinfo=None, microsecond=0), moment)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value)[:CELL_LIMIT])
