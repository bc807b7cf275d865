"""Cells of a list, edited one at a time or pasted as a block.

The register's own form says what each may hold.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from organizations.models import User
from registers import services
from registers.columns import BoundColumn
from registers.form_fields import RecordField
from registers.forms import RecordForm
from registers.lists.tables import cell_of
from registers.models import Record
from registers.parsing.lookups import NamedLookup, PeopleLookup, sites
from registers.parsing.targets import EXTERNAL_ID
from registers.register import Register
from spreadsheets.dates import parse_date, parse_datetime
from spreadsheets.errors import BadValue
from spreadsheets.values import is_nothing, parse_boolean, parse_decimal

#: Kinds of columns that a cell is enough for.
_KINDS = ("badge", "choice", "boolean", "person", "site", "record", "date", "datetime", "number", "text", "longtext")
#: Rows and columns that are pasted at once, at most; more is a file, to be imported.
MOST_ROWS, MOST_COLUMNS = 200, 50
#: A cell of a copied text, and what ends it. Quotes are around a cell only if it holds what they are needed for; others are its own.
_CELL = re.compile(r"""(?:"(?P<quoted>[^"\t\n]*+(?:[\t\n]|"")(?:[^"]|"")*+)"|(?P<plain>[^\t\n]*+))(?P<end>[\t\n])""")


def editable(register: Register) -> list[str]:
    """Return the columns whose cells can be edited on a list.

    They are those of the register's form, which isn't made for it.
    """
    return [
        name
        for name, column in register.bound.items()
        if (column.custom or name in register.form.base_fields)
        and column.kind in _KINDS
        and not isinstance(column.field, models.ManyToManyField)
    ]


def as_sent(form: forms.BaseForm) -> QueryDict:
    """Return what a browser would send if nobody touched the form."""
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
    """Return the register's form as if somebody had opened it, changed fields and sent it.

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
    """Return what a form that isn't valid has against it, in sentences.

    Errors of fields that weren't edited begin with the fields' names.
    """
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
    """Return the cells of a text as spreadsheets copy it.

    There are tabs between cells, line breaks between rows and perhaps after the last. Around a cell that holds a tab,
    a line break or a quote there may be quotes, with those inside doubled.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text and not text.endswith("\n"):
        text += "\n"
    rows: list[list[str]] = [[]]
    for cell in _CELL.finditer(text):
        quoted = cell["quoted"]
        rows[-1].append((cell["plain"] if quoted is None else quoted.replace('""', '"')).strip())
        if cell["end"] == "\n":
            rows.append([])
    return rows[:-1]


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
    _refuse_equal_ids(rows)
    return rows


def _refuse_equal_ids(rows: Sequence[PastedRow]) -> None:
    """Refuse rows that get the same external id.

    Each may have it, as the register stands, but one only.
    """
    given = [
        (row, row.form.instance.external_id) for row in rows if row.form and EXTERNAL_ID in row.form.changed_values
    ]
    times = Counter(external_id for _row, external_id in given if external_id)
    for row, external_id in given:
        if times[external_id] > 1:
            row.problems.append(_("Another row has this external id."))


@transaction.atomic
def write(rows: Sequence[PastedRow], *, by: User) -> int:
    """Save the rows that change and can; return their number.

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

    @cached_property
    def _people(self) -> NamedLookup:
        return PeopleLookup()

    @cached_property
    def _sites(self) -> NamedLookup:
        return sites()

    def look_at(self, row: PastedRow) -> None:
        """Settle what changes in a row, or what is against it."""
        empty, changes = self.register.form(instance=row.record), {}
        for name, text in row.typed.items():
            column = self.register.bound[name]
            # What was copied from the list and comes back as it was changes nothing, also under columns that can't be
            # edited.
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
        """Return what the form would be sent for a text.

        Raises:
            BadValue: it can be read in two ways or in none.
        """
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
        if column.kind in ("person", "site"):
            lookup = self._people if column.kind == "person" else self._sites
            return "" if is_nothing(text) else str(lookup.find(text) or "")
        if isinstance(field, forms.ChoiceField) and not isinstance(field, RecordField):
            return _choice(field, text)
        return text


def _choice(field: forms.ChoiceField, text: str) -> str:
    """Return what a form is sent for a choice: the code of the one whose label a text is.

    The code itself may be written where no label reads so.
    """
    choices: Any = field.choices
    codes = {str(code).casefold(): str(code) for code, _label in choices}
    labels = {str(label).casefold(): str(code) for code, label in choices}
    return (codes | labels).get(text.casefold(), text)
