"""A model's check constraints, held against rows in memory.

Asking the database costs a query a row and constraint. What SQL would say is worked out here for the comparisons that
constraints are made of, with its three-valued logic; a constraint that compares in another way is left to the
database, which has the last word on all of them anyhow.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, F, Q

#: A condition of a row: true, false, or None where SQL says unknown.
Condition = Callable[[Any], bool | None]

_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "exact": operator.eq,
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "in": lambda value, several: value in several,
}


class NotComparable(Exception):
    """A condition that isn't worked out here."""


def violations(record: models.Model) -> Iterator[str]:
    """Yield what a record's values violate, in words."""
    for constraint, condition in _conditions(type(record)):
        if condition is None:
            try:
                constraint.validate(type(record), record)
            except ValidationError as error:
                yield from error.messages
        elif condition(record) is False:
            yield str(constraint.get_violation_error_message())


@cache
def _conditions(model: type[models.Model]) -> list[tuple[CheckConstraint, Condition | None]]:
    return [
        (constraint, compiled(constraint.condition, model))
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
    ]


def compiled(condition: object, model: type[models.Model]) -> Condition | None:
    """Return the condition as a function of a row; None where it takes the database to know."""
    try:
        return _node(condition, model, negated=False)
    except NotComparable:
        return None


def _node(condition: object, model: type[models.Model], negated: bool) -> Condition:
    if not isinstance(condition, Q) or condition.connector not in (Q.AND, Q.OR):
        raise NotComparable
    negated ^= condition.negated
    parts = [
        _leaf(child, model, negated) if isinstance(child, tuple) else _node(child, model, negated)
        for child in condition.children
    ]
    decisive = condition.connector == Q.OR

    def decide(row: models.Model) -> bool | None:
        # One true part settles an OR and one false part an AND, whatever is unknown of the others.
        results = [part(row) for part in parts]
        if decisive in results:
            return decisive
        return None if None in results else not decisive

    if not condition.negated:
        return decide
    return lambda row: None if (result := decide(row)) is None else not result


def _leaf(child: tuple[str, Any], model: type[models.Model], negated: bool) -> Condition:
    path, wanted = child
    name, _separator, lookup = path.partition("__")
    lookup = lookup or "exact"
    attribute = _attribute(name, model)
    if lookup == "isnull" or (lookup == "exact" and wanted is None):
        is_null = wanted is True or wanted is None
        return lambda row: (getattr(row, attribute) is None) is is_null
    if lookup not in _COMPARISONS:
        raise NotComparable
    compare, other = _COMPARISONS[lookup], _operand(wanted, lookup, model, name)
    # Django writes NOT (a = b AND a IS NOT NULL), so that rows without a value are among those that differ.
    unknown = False if negated else None

    def decide(row: models.Model) -> bool | None:
        left, right = getattr(row, attribute), other(row)
        return unknown if left is None or right is None else compare(left, right)

    return decide


def _operand(wanted: Any, lookup: str, model: type[models.Model], name: str) -> Callable[[Any], Any]:
    if isinstance(wanted, F):
        return operator.attrgetter(_attribute(wanted.name, model))  # type: ignore[attr-defined]
    if hasattr(wanted, "resolve_expression") or isinstance(wanted, models.Model):
        raise NotComparable
    field = model._meta.get_field(name)
    value = tuple(field.to_python(each) for each in wanted) if lookup == "in" else field.to_python(wanted)  # type: ignore[union-attr]
    return lambda row: value


def _attribute(name: str, model: type[models.Model]) -> str:
    if "__" in name:
        raise NotComparable
    return model._meta.get_field(name).attname  # type: ignore[union-attr]
