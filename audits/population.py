"""Populations: a register's rows under a filter, each with its stratum and its weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max
from django.http import QueryDict

from audits.sampling import Entry
from registers.columns import BoundColumn
from registers.lists.rows import rows_for
from registers.register import Register
from risks.models import Risk
from risks.panels import LINKS, ORIGINS

#: Parameters of a list that say how its rows are shown, not which.
_SHOWN_HOW = ("page", "sort")


@dataclass(frozen=True)
class Member:
    """A row of the population: what is drawn from, and the record's key and revision."""

    entry: Entry
    pk: int
    revision: int


def parameters_of(query: str) -> QueryDict:
    """Return the parameters of a list's query string that decide which rows it holds."""
    parameters = QueryDict(query, mutable=True)
    for name in _SHOWN_HOW:
        parameters.pop(name, None)
    return parameters


def rows_of(register: Register, query: str) -> Any:
    """Return exactly the rows that the register's list holds under a query string.

    They have no order.
    """
    return rows_for(register, parameters_of(query)).rows.order_by()


def strata(register: Register) -> list[BoundColumn]:
    """Return the columns by which a register can be stratified.

    These are its site, and those with a fixed choice of values.
    """
    columns = (column for column in register.bound.values() if column.field is not None and column.path)
    return [column for column in columns if column.kind in ("site", "badge", "choice", "boolean")]


def is_weighable(register: Register) -> bool:
    """Say whether risks tell something about a register's rows."""
    return _has_score(register) or register.slug in LINKS or register.slug in ORIGINS


def population(register: Register, query: str, stratified_by: str = "", *, weighted: bool = False) -> list[Member]:
    """Read a population, in the order of its references.

    Args:
        register: whose rows.
        query: the list's query string.
        stratified_by: name of the column whose values are the strata; none where empty.
        weighted: give each row 1 + the highest score of its risks as weight; 1 otherwise.
    """
    rows = rows_of(register, query)
    path = register.bound[stratified_by].path if stratified_by else "pk"
    read = list(rows.values_list("pk", "reference", "revision", path).order_by("reference"))
    scores = _scores(register, rows) if weighted else {}
    return [
        Member(Entry(reference, _name(value) if stratified_by else "", 1 + scores.get(pk, 0)), pk, revision)
        for pk, reference, revision, value in read
    ]


def versions(register: Register, keys: Sequence[int]) -> dict[int, int]:
    """Return the number of the latest version of each record, by the record's key."""
    history: Any = register.model.history.model  # type: ignore[attr-defined]
    found = history.objects.filter(id__in=keys).values_list("id").annotate(latest=Max("history_id")).order_by()
    return dict(found)


def _name(value: object) -> str:
    return "" if value is None else str(value)


def _has_score(register: Register) -> bool:
    return any(field.name == "score" for field in register.model._meta.concrete_fields)


def _scores(register: Register, rows: Any) -> dict[int, int]:
    """Return the score of each row that has one, by the row's key.

    It is the row's own score, or the highest of the current risks that affect the row or arise from it.
    """
    if _has_score(register):
        found = rows.values_list("pk", "score")
    elif register.slug in LINKS:
        name = LINKS[register.slug]
        found = Risk.objects.current().filter(**{f"{name}__isnull": False}).order_by().values_list(name, "score")
    else:  # risks name what they arise from by its reference, whichever register it is in
        keys = dict(rows.values_list("reference", "pk"))
        risks = Risk.objects.current().exclude(origin="").order_by().values_list("origin", "score")
        found = [(keys[origin], score) for origin, score in risks if origin in keys]
    highest: dict[int, int] = {}
    for key, score in found:
        highest[key] = max(highest.get(key, 0), score or 0)
    return highest
