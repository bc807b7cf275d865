"""Named sets of rows that other apps add to every list.

The exceptions of an assertion are one, the rows of a sample another. A selection is asked for in the query string
(``?assertion=a8``), so lists, exports and bulk actions understand it alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.http import QueryDict

from organizations.request import OrganizationRequest
from registers.columns import BoundColumn
from registers.register import Register


@dataclass(frozen=True)
class Remarks:
    """What a selection says about each of its rows, and above them, to whoever asks.

    Attributes:
        columns: shown behind the rows' names instead of the register's usual ones, and exported.
        needs: names of the register's columns that these look at.
        annotate: gives rows what these look at besides.
        head: the template in place of the list's own heading.
        template: the template above the rows.
        context: what both are given, as ``remarks``.
    """

    columns: tuple[BoundColumn, ...]
    needs: tuple[str, ...]
    annotate: Callable[[models.QuerySet], models.QuerySet]
    head: str
    template: str
    context: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Selection:
    """Which rows a list is narrowed to, and what to tell the reader about it."""

    title: str
    explanation: str
    narrow: Callable[[models.QuerySet], models.QuerySet]
    remarks: Callable[[OrganizationRequest], Remarks] | None = None


#: Query-string parameter → a function of the register and the request's parameters that gives a selection, or None.
selections: dict[str, Callable[[Register, Any], Selection | None]] = {}


def selection_of(register: Register, parameters: QueryDict) -> Selection | None:
    """Return the selection that the parameters ask for, or None.

    An unknown one selects nothing rather than everything.
    """
    for name, find in selections.items():
        if parameters.get(name):
            return find(register, parameters) or Selection(title="", explanation="", narrow=lambda rows: rows.none())
    return None
