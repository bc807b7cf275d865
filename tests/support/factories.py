"""Rows of any register, made from what its model says of its fields; a new register needs nothing here.

Everything is made in the current organization, and people are taken from its members.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.forms import CheckboxInput, FileInput
from django.utils import timezone

from organizations.members import members
from organizations.models import Site, User
from organizations.scope import current_organization
from registers.models import Record
from registers.register import Child, Register
from registers.services import set_links
from requirements_registry.models import InterestedParty

#: What a field of that name has to hold where its type alone doesn't say; a function of the row's number.
BY_NAME: dict[str, Callable[[int], Any]] = {
    "stage": lambda number: "current",
    "currency": lambda number: "EUR",
    "is_key_customer": lambda number: False,
    "origin": lambda number: "",
    "wave": lambda number: None,
    "supplier": lambda number: (
        InterestedParty.objects.filter(kind="external_provider").first()
        or make(InterestedParty, 900, kind="external_provider")
    ),
}


def make(model: type[models.Model], number: int = 1, **values: Any) -> Any:
    """A saved row. ``number`` tells rows of a kind apart."""
    row = build(model, number, **values)
    with nullcontext() if isinstance(row, Record) else suppress(ValidationError):
        row.clean()  # it may fill in what was left out, as forms and imports let it; of rows below a record that is all we want
    row.save()
    return row


def build(model: type[models.Model], number: int = 1, **values: Any) -> Any:
    """An unsaved row with its required fields, people, site and other records set, as far as they aren't given."""
    fields = [
        f
        for f in model._meta.concrete_fields
        if f.editable and not f.primary_key and f.name not in values and f.attname not in values
    ]
    return model(**{field.name: value_of(field, number) for field in fields if _is_wanted(field)}, **values)


def make_many(register: Register, count: int, *, first: int = 1, link: bool = True) -> list[Any]:
    """Rows of a register numbered from ``first``, each linked in every way the register knows to a row of its own."""
    numbers = range(first, first + count)
    rows = [make(register.model, number) for number in numbers]
    for field in register.model._meta.many_to_many if link else ():
        for number, row in zip(numbers, rows, strict=True):
            set_links(
                row, field.name, [make(field.related_model, 1000 + number, external_id=f"{register.slug}-{number}")]
            )  # type: ignore[arg-type]
    return rows


def make_child(child: Child, record: Record, number: int = 1) -> Any:
    """A row that belongs to a record."""
    model = getattr(record, child.related_name).model
    return make(model, number, **{child.parent_field: record})


def value_of(field: Any, number: int) -> Any:
    """A value that the field takes."""
    if field.name in BY_NAME:
        return BY_NAME[field.name](number)
    if isinstance(field, models.ForeignKey):
        return _related(field.related_model, field.get_limit_choices_to())
    if field.choices:
        return field.choices[0][0] or field.choices[1][0]
    for kind, make_value in _BY_TYPE:
        if isinstance(field, kind):
            return make_value(field, number)
    raise TypeError(f"{field} holds {type(field).__name__}: say in tests/support/factories.py what to put there.")


def _is_wanted(field: Any) -> bool:
    """What has to be given, what there is to choose, and what joins another table, so that too many queries show."""
    if isinstance(field, models.ForeignKey):
        return field.related_model is not field.model
    if field.choices:
        return not field.has_default()
    return (
        not field.blank
        and not field.has_default()
        and not getattr(field, "auto_now", False)
        and not getattr(field, "auto_now_add", False)
    )


def _related(model: Any, limits: dict[str, Any]) -> Any:
    if model is User:
        return members().first()
    found = model.objects.filter(**limits).order_by("pk").first()
    return found or (Site.objects.create(code="N", name="North") if model is Site else make(model, **limits))


def _text(field: Any, number: int) -> str:
    if any(isinstance(validator, RegexValidator) for validator in field.validators) and not isinstance(
        field, models.URLField
    ):
        raise TypeError(f"{field} takes texts of a form of its own: say in tests/support/factories.py which.")
    if isinstance(field, models.URLField):
        return f"https://law.example/{number}"
    return f"{field.model._meta.verbose_name} {field.verbose_name} {number:04d}"[: field.max_length]


def _moment(field: Any, number: int) -> Any:
    return timezone.now() - timedelta(days=1, hours=number)


def _day(field: Any, number: int) -> Any:
    return current_organization().today() - timedelta(days=1)


_BY_TYPE: tuple[tuple[Any, Callable[[Any, int], Any]], ...] = (
    (models.BooleanField, lambda field, number: False),
    (models.DateTimeField, _moment),
    (models.DateField, _day),
    (models.DecimalField, lambda field, number: Decimal(number % 5 + 1)),
    (models.IntegerField, lambda field, number: number % 5 + 1),
    (models.JSONField, lambda field, number: {}),
    (models.CharField, _text),
    (models.TextField, _text),
)


def form_data(form: Any) -> dict[str, Any]:
    """What a browser would send if nobody touched the form."""
    data = {}
    for bound in form:
        value, widget = bound.value(), bound.field.widget
        if isinstance(widget, CheckboxInput):
            if value:
                data[bound.html_name] = "on"
        elif not isinstance(widget, FileInput):
            data[bound.html_name] = widget.format_value(value) or ""
    return data
