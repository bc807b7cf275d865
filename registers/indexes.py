"""The indexes that a register's declaration asks for, so that no list reads all of a large register to sort or narrow it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.backends.utils import names_digest
from django.db.models import Q

if TYPE_CHECKING:
    from registers.register import Register


def indexes_of(register: Register) -> list[models.Index]:
    """One for what the register is sorted by at first, for its rows' titles, and for every choice and day that it is filtered by.

    Each holds the current rows in the order of its column, and those that are alike by their id, as
    :mod:`registers.paging` sorts them: read forwards or backwards it serves both directions, and for one value of a choice
    the newest rows first. Keys of other rows have an index of their own; texts are searched, not compared.
    """
    model = register.model
    names = (register.ordering.removeprefix("-"), model.title_field, *register.filterset._meta.fields)  # type: ignore[attr-defined]
    return [_index(model, name) for name in dict.fromkeys(names) if _is_sorted_by(model, name, always=names[:2])]


def _index(model: type[models.Model], name: str) -> models.Index:
    whole = f"{model._meta.model_name}_by_{name}"
    called = f"{whole[:23]}_{names_digest(whole, length=6)}"  # a name has thirty letters
    return models.Index(fields=("organization", name, "id"), condition=Q(archived_at=None), name=called)


def _is_sorted_by(model: type[models.Model], name: str, always: tuple[str, ...]) -> bool:
    """Whether a column is short, the table's own, and one of those above."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False  # a filter that works something out
    if isinstance(field, models.DateField | models.BooleanField):
        return True
    return isinstance(field, models.CharField) and (bool(field.choices) or name in always)
