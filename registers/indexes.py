"""The indexes that a register's declaration asks for.

With them no list reads all of a large register to sort or narrow it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.backends.utils import names_digest
from django.db.models import Q


def indexes_of(model: type[models.Model], named: Sequence[str], filtered: Iterable[str]) -> list[models.Index]:
    """Return the indexes of a register's table.

    There is one for what it is sorted by at first, one for its titles, and one for each choice and day it is filtered
    by. Each holds the current rows in the order of its column, and those that are alike by their id, as
    :mod:`registers.lists.pagination` sorts them: read forwards or backwards it serves both directions, and for one
    value of a choice the newest rows first. Keys of other rows have an index of their own; texts are searched, not
    compared.

    Args:
        model: the register's.
        named: columns that are sorted by even where they hold texts.
        filtered: fields of the register's filters.
    """
    names = dict.fromkeys((*named, *filtered))
    return [_index(model, name) for name in names if _is_sorted_by(model, name, always=named)]


def _index(model: type[models.Model], name: str) -> models.Index:
    whole = f"{model._meta.model_name}_by_{name}"
    called = f"{whole[:23]}_{names_digest(whole, length=6)}"  # a name has thirty letters
    return models.Index(fields=("organization", name, "id"), condition=Q(archived_at=None), name=called)


def _is_sorted_by(model: type[models.Model], name: str, always: Sequence[str]) -> bool:
    """Return whether a column is short, the table's own, and of a kind that gets an index."""
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return False  # a filter that works something out
    if isinstance(field, models.DateField | models.BooleanField):
        return True
    return isinstance(field, models.CharField) and (bool(field.choices) or name in always)
