"""Records as rows of plain values: what exports write and packs carry."""

from __future__ import annotations

import csv
import io
import re
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

from organizations.scope import current_organization
from registers.columns import BoundColumn
from registers.extra_columns import ExtraColumn, extra_columns
from registers.lists.tables import cell_of
from registers.register import Register

#: Rows read at a time.
CHUNK = 2000
#: Characters a workbook's cell can hold, those beyond the basic plane counted twice.
CELL_LIMIT = 32_767
#: Spreadsheets count days from here on alike: 29 February 1900, which never was, is one of Excel's. Earlier days stay text.
FIRST_DATE = date(1900, 3, 1)
#: How a cell of a CSV file begins that would be a formula otherwise.
DEFUSED = re.compile(r"'+(?:[=+\-@%]|\\*\|)")


def exported(register: Register) -> list[BoundColumn]:
    """Return the columns of an export.

    These are all whose value the database gives, and what stands beside each row.
    """
    return [*_held(register), *(each.column for each in extra_columns)]


def packed(register: Register) -> list[BoundColumn]:
    """Return the columns of a pack: those of an export, but for what packs list elsewhere."""
    return [*_held(register), *(each.column for each in extra_columns if each.in_packs)]


def _held(register: Register) -> list[BoundColumn]:
    return [column for column in register.bound.values() if column.path or column.kind == "records"]


def values(queryset: models.QuerySet, columns: Sequence[BoundColumn], *, words: bool = True) -> Iterator[list[Any]]:
    """Yield rows of plain values, read in chunks.

    Values are str, int, Decimal, bool, date, aware datetime, or None. People are given by mail address, records by
    reference, links by references joined with commas; choices in words, or by their codes where ``words`` is false.
    """
    paths = ["pk", *(column.path for column in columns if column.path and column.kind != "records")]
    links = [column for column in columns if column.kind == "records"]
    beside = [each for each in extra_columns if each.column in columns]
    apart = [*links, *(each.column for each in beside)]
    worked_out = [column for column in columns if not column.path and column not in apart]
    labels = [_labeller(column, words) for column in columns]
    rows = queryset.select_related(None).prefetch_related(None).values_list(*paths).iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        keys = [row[0] for row in chunk]
        found = {column.name: _linked(column, keys) for column in links}
        if beside:
            found |= _beside(queryset.model, beside, keys)
        if worked_out:
            found |= _worked_out(queryset, worked_out, keys)
        for row in chunk:
            plain = iter(row[1:])
            cells = [found[c.name].get(row[0], "") if c.name in found else next(plain) for c in columns]
            yield [label(cell) if label else cell for label, cell in zip(labels, cells, strict=True)]


def _worked_out(
    queryset: models.QuerySet, columns: Sequence[BoundColumn], keys: list[int]
) -> dict[str, dict[int, str]]:
    """Return what lists show of columns that the database doesn't hold, in words."""
    records = queryset.order_by().in_bulk(keys)
    return {
        column.name: {key: cell_of(record, column, whole=True).text for key, record in records.items()}
        for column in columns
    }


def _beside(model: Any, beside: Sequence[ExtraColumn], keys: list[int]) -> dict[str, dict[int, str]]:
    """Return what stands beside each row of a chunk: a query more than they take."""
    references = dict(model.objects.filter(pk__in=keys).values_list("pk", "reference"))
    found = {}
    for each in beside:
        texts = each.texts(list(references.values()))
        found[each.column.name] = {key: texts[reference] for key, reference in references.items() if reference in texts}
    return found


def _labeller(column: BoundColumn, words: bool) -> Callable[[Any], Any] | None:
    if column.custom:
        return partial(column.custom.exported, words=words)
    if not words or column.field is None or not column.field.choices:
        return None
    labels = {code: str(label) for code, label in column.field.flatchoices}  # type: ignore[attr-defined]
    return lambda code: labels.get(code, code)


def _linked(column: BoundColumn, keys: list[int]) -> dict[int, str]:
    """Return the references linked to each row of a chunk, in order: one query."""
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
    """Write a CSV file (RFC 4180, UTF-8 with signature, which Excel needs).

    Cells that a spreadsheet would run as formulas are defused.
    """
    file = tempfile.SpooledTemporaryFile(max_size=4 * 1024 * 1024)  # noqa: SIM115 - the response closes it
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="replace", write_through=True)
    writer = defused.writer(text, quoting=csv.QUOTE_MINIMAL)
    writer.writerow([column.label for column in columns])
    writer.writerows([_csv_value(cell) for cell in row] for row in values(queryset, columns))
    text.flush()
    # Else the wrapper would close the file when it is thrown away.
    text.detach()
    file.seek(0)
    return file


def _local(moment: datetime) -> datetime:
    """Return a moment by the organization's clock, as an import reads it."""
    return timezone.localtime(moment, current_organization().zone)


def _csv_value(value: object) -> Any:
    if isinstance(value, datetime):
        return _local(value).isoformat(timespec="seconds")
    # A text that looks defused already is defused as well: else an import could not tell the two apart.
    return "'" + value.replace("|", "\\|") if isinstance(value, str) and DEFUSED.match(value) else value


def undefused(text: str) -> str:
    """Return a cell of our CSV as the register has it.

    Formulas stand there behind an apostrophe (see ``defusedcsv``).
    """
    return text[1:].replace("\\|", "|") if DEFUSED.match(text) else text


def write_xlsx(register: Register, queryset: models.QuerySet, columns: Sequence[BoundColumn]) -> IO[bytes]:
    """Write a workbook with one sheet, its head frozen and filterable.

    Texts stay texts whatever they begin with.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {
        # Each row is put out when the next begins, so that a large register takes no more memory.
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    with xlsxwriter.Workbook(file, options) as book:
        # Workbooks allow 31 characters for the name of a sheet.
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
        local = _local(value).replace(tzinfo=None, microsecond=0)
        if local.date() < FIRST_DATE:
            sheet.write_string(row, column, local.isoformat(" "))
        else:
            sheet.write_datetime(row, column, local, moment)
    elif isinstance(value, date) and value >= FIRST_DATE:
        sheet.write_datetime(row, column, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, fitting(str(value)))


def fitting(text: str) -> str:
    """Return as much of a text as a workbook's cell can hold."""
    # It fits even if every character counts twice.
    if len(text) <= CELL_LIMIT // 2:
        return text
    # Two bytes a unit; half a character at the cut is dropped.
    return text.encode("utf-16-le", "surrogatepass")[: 2 * CELL_LIMIT].decode("utf-16-le", "ignore")
