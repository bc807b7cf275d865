"""How rows of a list are sorted: by which keys, and where what is empty stands.

See ``docs/decisions/0016-scale.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.expressions import OrderBy
from django.db.models.functions import NullIf


@dataclass(frozen=True)
class Key:
    """One thing that rows are sorted by.

    What is empty, no value or no text, comes last, whichever way is sorted.

    Attributes:
        path: the lookup or annotation.
        descending: whether the largest comes first.
        nullable: whether there may be no value.
        blank: whether there may be a text of no characters, which counts as no value.
        field: the model field of the values.
    """

    path: str
    descending: bool
    nullable: bool
    blank: bool
    field: models.Field

    def order(self, backwards: bool, filled: bool = False) -> OrderBy:
        """Return how to sort.

        Where no value is empty (``filled``) it is without a word about it, so that an index can be read.
        """
        value, may_be_empty = F(self.path), (self.nullable or self.blank) and not filled
        nulls = {"nulls_first" if backwards else "nulls_last": True} if may_be_empty else {}
        expression = NullIf(value, Value("")) if self.blank and not filled else value
        return OrderBy(expression, descending=self.descending != backwards, **nulls)

    def as_json(self, value: object) -> Any:
        """Return a value as the cursor holds it, for its field's ``to_python``.

        It is None where it is empty, else as JSON has it.
        """
        if value is None or (self.blank and value == ""):
            return None
        return value if isinstance(value, str | int | float) else str(value)

    @property
    def empty(self) -> Q:
        """The condition that there is no value."""
        none, no_text = Q(**{f"{self.path}__isnull": True}), Q(**{self.path: ""})
        return none | no_text if self.nullable and self.blank else no_text if self.blank else none

    @property
    def filled(self) -> Q:
        """The condition that there is a value."""
        # One stretch of an index; no value is greater than no text either.
        return Q(**{f"{self.path}__gt": ""}) if self.blank else Q(**{f"{self.path}__isnull": False})

    def equals(self, value: object) -> Q:
        """Return the condition that a row has the value; of None, that it has none."""
        return self.empty if value is None else Q(**{self.path: value})

    def beyond(self, value: object, backwards: bool) -> Iterator[tuple[Q, bool]]:
        """Yield what comes after a value, nearest first, and whether all of it is filled.

        ``backwards``, it is what comes before it.
        """
        if value is None:
            if backwards:
                yield self.filled, True
            return
        further = Q(**{f"{self.path}__{'lt' if self.descending != backwards else 'gt'}": value})
        yield further & self.filled if self.blank else further, True
        if (self.nullable or self.blank) and not backwards:
            yield self.empty, False

    def parts(self, backwards: bool) -> Iterator[tuple[Q, bool]]:
        """Yield all rows, the filled ones and the empty ones, in order."""
        if not self.nullable and not self.blank:
            yield Q(), True
            return
        parts = [(self.filled, True), (self.empty, False)]
        yield from reversed(parts) if backwards else parts


def ordered(rows: models.QuerySet, order: Sequence[str]) -> models.QuerySet:
    """Sort rows by ORM lookups or annotations, ``-`` before those that descend.

    Empty values come last either way. Rows that are alike follow each other by id, in the direction of the last key, so
    that one index serves both directions.
    """
    return rows.order_by(*(key.order(False) for key in keys_of(rows, order)))


def keys_of(rows: models.QuerySet, order: Sequence[str]) -> list[Key]:
    """Return what rows are sorted by, each once, down to the id, by which no two are alike."""
    keys: dict[str, Key] = {}
    descending = False
    for each in order:
        path, descending = each.removeprefix("-"), each.startswith("-")
        keys.setdefault(path, _key(rows, path, descending))
        if path in ("id", "pk"):
            return list(keys.values())
    return [*keys.values(), _key(rows, "id", descending)]


def _key(rows: models.QuerySet, path: str, descending: bool) -> Key:
    field = F(path).resolve_expression(rows.query.chain()).output_field
    return Key(path, descending, *_may_be_empty(rows.model, path), field)


def _may_be_empty(model: Any, path: str) -> tuple[bool, bool]:
    """Return whether a lookup can give nothing, and whether a text of no characters.

    An annotation may give the former.
    """
    nullable, field = False, None
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return path != "pk", False
        nullable = nullable or field.null
        model = field.related_model
    return nullable, isinstance(field, models.CharField | models.TextField) and field.blank
