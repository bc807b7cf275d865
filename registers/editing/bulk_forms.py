"""The form that says what many rows are changed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from registers.columns import BoundColumn
from registers.register import Register

#: Kinds of columns that many rows can have the same value of.
_KINDS = ("badge", "choice", "boolean", "person", "site", "record", "date", "datetime", "number", "text")
#: What the form's own fields are called: a prefix keeps them apart from the page's.
PREFIX = "to"


def editable(register: Register) -> list[BoundColumn]:
    """Return the columns that many rows can be given the same value of.

    They are those of the register's form that need no look at each row.
    """
    form = register.form()
    own = {register.model.title_field, "external_id"}
    return [
        column
        for name, column in register.bound.items()
        if name in form.fields
        and name not in own
        and column.kind in _KINDS
        and not isinstance(column.field, models.ManyToManyField)
        # A check of the form's own would have to be asked row by row, as would uniqueness of ids and titles.
        and not hasattr(form, f"clean_{name}")
    ]


class ChangesForm(forms.Form):
    """A value for each column that is to be changed; the rest stays as it is.

    ``empty`` names those that are to hold nothing.
    """

    empty = forms.MultipleChoiceField(required=False)
    reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=500,
        help_text=_("Kept in the history of every row."),
    )

    def __init__(self, register: Register, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, prefix=PREFIX)
        self.columns = editable(register)
        of_form = register.form().fields
        self.may_be_empty = [column.name for column in self.columns if not of_form[column.name].required]
        for column in self.columns:
            self.fields[column.name] = _choosable(of_form[column.name], column)
        self.fields["empty"].choices = [(name, name) for name in self.may_be_empty]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and not self.values:
            self.add_error(None, _("Choose what is to be changed."))
        for column in self.columns:
            self._validate(column, cleaned.get(column.name))
        return cleaned

    def _validate(self, column: BoundColumn, value: object) -> None:
        """Refuse a value that the column's field doesn't take.

        It is looked at once: the rows are many, their new value is one.
        """
        if value in (None, "") or column.field is None:
            return
        try:
            column.field.run_validators(value)
        except ValidationError as error:
            self.add_error(column.name, error)

    @property
    def values(self) -> dict[str, Any]:
        """The new values by column, as the rows will hold them."""
        emptied = set(self.cleaned_data.get("empty", ()))
        given = {
            column.name: value
            for column in self.columns
            if (value := self.cleaned_data.get(column.name)) not in (None, "")
        }
        return {**{c.name: _nothing(c) for c in self.columns if c.name in emptied}, **given}

    @property
    def said(self) -> dict[str, list[str]]:
        """The values that were sent, to be read again by whoever writes them."""
        data: QueryDict = self.data  # type: ignore[assignment]
        return {name: values for name, values in data.lists() if name.startswith(f"{PREFIX}-")}

    @property
    def unknown(self) -> list[str]:
        """The names sent of fields that aren't offered, or not any more."""
        return [name for key in self.said if (name := key.removeprefix(f"{PREFIX}-")) not in self.fields]

    @property
    def rows(self) -> list[tuple[Any, bool]]:
        """The fields as a page shows them, and whether each may be emptied."""
        return [(self[column.name], column.name in self.may_be_empty) for column in self.columns]


def changes_of(register: Register, said: dict[str, list[str]]) -> ChangesForm:
    """Return the form as it was sent."""
    data = QueryDict(mutable=True)
    for name, values in said.items():
        data.setlist(name, values)
    return ChangesForm(register, data)


def _choosable(field: forms.Field, column: BoundColumn) -> forms.Field:
    """Return a register's form field that may be left alone."""
    if isinstance(field, forms.BooleanField):
        # Of a box, one can't tell whether it was left alone or unticked.
        choices = [("", "–"), ("True", _("Yes")), ("False", _("No"))]
        field = forms.TypedChoiceField(choices=choices, coerce=lambda value: value == "True", empty_value=None)
    elif isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        offered: Any = field.choices
        field.choices = [("", "–"), *((value, label) for value, label in offered if value != "")]
    elif isinstance(field, forms.ModelChoiceField):
        field.empty_label = "–" if hasattr(field, "empty_label") else None
    field.label, field.required, field.initial, field.help_text = column.label, False, None, ""
    return field


def _nothing(column: BoundColumn) -> Any:
    """Return what stands for nothing in a column."""
    return None if column.field is not None and column.field.null else ""
