"""How far a confined auditor's questions look through links: not beyond what is in reach.

Of a linked row out of reach its reference is told, and nothing else: no word of it is found, and no row is chosen,
sorted or counted by it. See ``docs/decisions/0011-auditors-bench.md``.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce

from organizations.auditor_scope import audit_scope
from registers.models import Record

#: What the row that bears a link tells of the other one.
_TOLD = ("reference", "id", "pk")
#: The condition that no row meets.
NOTHING = Q(pk__in=[])


def reached(model: type[models.Model], path: str) -> Q:
    """Return the condition that all rows through which a lookup leads are in reach of whoever asks.

    Args:
        model: where the lookup begins.
        path: names of fields, as ``customer__segment``; lookups such as ``icontains`` may follow.
    """
    scope, condition, passed = audit_scope(), Q(), []
    names = path.split("__")
    for name, following in pairwise(names):
        related = _linked(model, name)
        if related is None or following in _TOLD:
            break
        passed.append(name)
        if not scope.includes(related.register.sub_clauses):
            return NOTHING
        if scope.sites:
            condition &= Q(**{f"{'__'.join(passed)}__site__in": scope.sites})
        model = related
    return condition


def text_in_reach(model: type[models.Model], path: str) -> Any:
    """Return the text to which a lookup leads; an empty one where there is none or a row on the way is out of reach."""
    text, condition = Coalesce(F(path), Value("")), reached(model, path)
    return Case(When(condition, then=text), default=Value("")) if condition else text


def _linked(model: type[models.Model], name: str) -> type[Record] | None:
    try:
        related = model._meta.get_field(name).related_model
    except FieldDoesNotExist:
        return None
    return related if isinstance(related, type) and issubclass(related, Record) else None
