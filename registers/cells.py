"""Cells of a list, edited one at a time or pasted as a block: the register's own form says what each may hold."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from organizations.models import User
from registers import services
from registers.columns import BoundColumn
from registers.fields import RecordField
from registers.forms import RecordForm
from registers.importing.dates import parse_date, parse_datetime
from registers.importing.errors import BadValue
from registers.importing.values import parse_boolean, parse_decimal
from registers.models import Record
from registers.register import Register
from registers.table import cell_of

#: Kinds of columns that a cell is enough for.
_KINDS = ("badge", "choice", "boolean", "person", "site", "record", "date", "datetime", "number", "text", "longtext")
#: Rows and columns that are pasted at once, at most; more is a file, to be imported.
MOST_ROWS, MOST_COLUMNS = 200, 50


def editable(register: Register) -> list[str]:
    """The columns whose cells can be edited on a list: those of the register's form, which isn't made for it."""
    return [
        name
        for name, column in register.bound.items()
        if (column.custom or name in register.form.base_fields)
        and column.kind in _KINDS
        and not isinstance(column.field, models.ManyToManyField)
    ]


def as_sent(form: forms.BaseForm) -> QueryDict:
    """What a browser would send if nobody touched the form."""
    data = QueryDict(mutable=True)
    for bound in form:
        value, widget = bound.value(), bound.field.widget
        if isinstance(widget, forms.CheckboxInput):
            if value:
                data[bound.html_name] = "on"
        elif not isinstance(widget, forms.FileInput):
            sent = widget.format_value(value)
            data.setlist(bound.html_name, list(sent) if isinstance(sent, list | tuple) else [sent or ""])
    return data


def form_with(
    register: Register, record: Record, changes: Mapping[str, Any], *, revision: int, reason: str = ""
) -> RecordForm:
    """The register's form as if somebody had opened it at a revision, changed some fields, and sent it.

    Args:
        register: the record's.
        record: the row as it stands now.
        changes: what was typed by field, as a form sends it; None for a box that isn't ticked.
        revision: the one that the person saw.
        reason: why, for the history.
    """
    data = as_sent(register.form(instance=record))
    for name, value in changes.items():
        if value is None:
            data.pop(name, None)
        else:
            data[name] = value
    data["revision"], data["change_reason"] = str(revision), reason
    # Validating a form fills its row in; whoever shows the row afterwards wants it as it is.
    return register.form(data, instance=register.model.objects.get(pk=record.pk))


def problems_of(register: Register, form: RecordForm, names: Sequence[str]) -> list[str]:
    """What a form that isn't valid has against it, in sentences; of fields that weren't edited with their names."""
    said = []
    for name, errors in form.errors.items():
        label = (
            register.bound[name].label
            if name in register.bound
            else str(form.fields[name].label or "")
            if name in form.fields
            else ""
        )
        alone = name == NON_FIELD_ERRORS or (len(names) == 1 and name in names)
        said += [str(error) if alone else f"{label}: {error}" for error in errors]
    return said


@dataclass
class PastedRow:
    """A row that something is pasted into: what changes, or why it can't."""

    record: Record
    revision: int
    typed: dict[str, str]
    changes: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    form: RecordForm | None = None


def block_of(text: str) -> list[list[str]]:
    """The cells of a text as spreadsheets copy it: tabs between cells, line breaks between rows, quotes around cells that hold either."""
    rows = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), dialect="excel-tab")
    return [[cell.strip() for cell in row] for row in rows]


def pasted(
    register: Register,
    records: Sequence[Record],
    revisions: Sequence[int],
    columns: Sequence[str],
    block: Sequence[Sequence[str]],
) -> list[PastedRow]:
    """See what pasting a block of cells comes to. Nothing is written.

    Args:
        register: whose rows.
        records: the rows from the cell where it is pasted down.
        revisions: the revision at which the person saw each.
        columns: the columns from that cell to the right.
        block: the cells' texts, row by row.
    """
    reader = _Reader(register)
    rows = []
    for record, revision, texts in zip(records, revisions, block, strict=False):
        row = PastedRow(record, revision, dict(zip(columns, texts, strict=False)))
        reader.look_at(row)
        rows.append(row)
    return rows


@transaction.atomic
def write(rows: Sequence[PastedRow], *, by: User) -> int:
    """Save the rows that change and can; gives their number.

    Raises:
        Conflict: somebody saved one of them in the meantime; then nothing is written.
    """
    sound = [row for row in rows if row.changes and not row.problems and row.form is not None]
    for row in sound:
        services.save_form(row.form, by=by)  # type: ignore[arg-type]
    return len(sound)


class _Reader:
    """Reads pasted texts into a register's form."""

    def __init__(self, register: Register) -> None:
        self.register = register
        self.editable = set(editable(register))
        self._known: dict[str, dict[str, str]] = {}

    def look_at(self, row: PastedRow) -> None:
        """Settle what changes in a row, or what is against it."""
        empty, changes = self.register.form(instance=row.record), {}
        for name, text in row.typed.items():
            column = self.register.bound[name]
            if cell_of(row.record, column, whole=True).text == text:
                continue
            if name not in self.editable:
                row.problems.append(
                    _("%(column)s can't be edited in the list: leave it as it is, or open the row to change it.")
                    % {"column": column.label}
                )
                continue
            try:
                changes[name] = self._typed(empty.fields[name], column, text)
            except BadValue as error:
                row.problems.append(f"{column.label}: {error}")
        if row.record.revision != row.revision:
            row.problems.append(_("Somebody else saved this row in the meantime."))
        if changes and not row.problems:
            self._validate(row, changes)

    def _validate(self, row: PastedRow, changes: Mapping[str, Any]) -> None:
        row.form = form_with(
            self.register, row.record, changes, revision=row.revision, reason=_("Pasted into the list")
        )
        if not row.form.is_valid():
            row.problems = problems_of(self.register, row.form, list(changes))
            return
        row.changes = [
            (column.label, cell_of(row.record, column).text, cell_of(row.form.instance, column).text)
            for name in changes
            if name in row.form.changed_values
            for column in [self.register.bound[name]]
        ]

    def _typed(self, field: forms.Field, column: BoundColumn, text: str) -> str | None:
        """What the form would be sent for a text; raises BadValue for what can be read in two ways or in none."""
        if isinstance(field, forms.BooleanField):
            return "on" if parse_boolean(text) else None
        if isinstance(field, forms.DateTimeField):
            moment = parse_datetime(text)
            return f"{moment:%Y-%m-%dT%H:%M:%S}" if isinstance(moment, datetime) else ""
        if isinstance(field, forms.DateField):
            day = parse_date(text)
            return f"{day:%Y-%m-%d}" if day else ""
        if isinstance(field, forms.DecimalField | forms.IntegerField):
            number = parse_decimal(text)
            return "" if number is None else format(number.normalize(), "f")
        if isinstance(field, forms.ChoiceField) and not isinstance(field, RecordField):
            return self._choice(column.name, field).get(text.casefold(), text)
        return text

    def _choice(self, name: str, field: Any) -> dict[str, str]:
        """What a choice is called, to what a form is sent for it: its code or key; of people their mail address, too."""
        if name not in self._known:
            offered = {str(label).casefold(): str(value) for value, label in field.choices}
            offered |= {str(value).casefold(): str(value) for value, _label in field.choices}
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                offered |= {row.email.casefold(): str(row.pk) for row in field.queryset if isinstance(row, User)}
            self._known[name] = offered
        return self._known[name]
