"""How a list shows its rows: its columns, sorts, groups and totals.

Which columns in which order, sorted and grouped by what, with which totals, is said by the address and by nothing
else, so that an address is the list, wherever it is sent to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.db import models
from django.db.models import Aggregate, Avg, Count, Max, Min, Sum
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from registers.columns import BoundColumn
from registers.register import Register

#: The parameters that arrange rows; all others narrow them.
PARAMETERS = ("columns", "sort", "group", "total")
#: Says that the list is to be as the register has it, where it would open with a saved view.
PLAIN = "all"
#: Columns a list is sorted by at most; more tell nobody anything.
MOST_SORTS = 4
#: Kinds of columns whose values are few enough to head groups.
_GROUPING = ("badge", "choice", "boolean", "person", "site", "record")
_AGGREGATES: dict[str, type[Aggregate]] = {"count": Count, "sum": Sum, "average": Avg, "smallest": Min, "largest": Max}


class Total(models.TextChoices):
    """What is worked out of a column of numbers."""

    SUM = "sum", _("Sum")
    AVERAGE = "average", _("Average")
    SMALLEST = "smallest", _("Smallest")
    LARGEST = "largest", _("Largest")
    COUNT = "count", _("Filled in")


@dataclass(frozen=True)
class Sort:
    """One column that rows are ordered by."""

    column: BoundColumn
    descending: bool

    @property
    def name(self) -> str:
        """The name as the address has it: ``-due_on``."""
        return f"{'-' * self.descending}{self.column.name}"

    @property
    def lookup(self) -> str:
        """The lookup as the database is asked: ``-owner__name``."""
        return f"{'-' * self.descending}{self.column.sort}"


@dataclass(frozen=True)
class Arrangement:
    """What an address says about a register's list.

    What it names and can't be there is passed over.

    Attributes:
        register: whose list.
        parameters: the query string's ``QueryDict``.
        opens_with: the query string of the view that the list opens with where its address says nothing.
        page: the list's own address, for what stands on another page.
        beside: columns that a selection adds: they stand last, and the list leaves out all but the rows' names before them.
    """

    register: Register
    parameters: QueryDict
    opens_with: str = ""
    page: str = ""
    beside: tuple[BoundColumn, ...] = ()

    @cached_property
    def columns(self) -> list[BoundColumn]:
        """The columns shown, in order, those that a selection adds among them."""
        return [*self.own, *self.beside]

    @cached_property
    def own(self) -> list[BoundColumn]:
        """The register's columns shown, in order; every row keeps its reference, by which it is known."""
        chosen = [bound for name in self._names("columns") if (bound := self.register.bound.get(name))]
        reference = self.register.bound["reference"]
        if chosen:
            return [reference, *(column for column in chosen if column != reference)]
        title = self.register.bound.get(self.register.model.title_field)
        return [reference, *filter(None, [title])] if self.beside else self.register.shown

    @property
    def has_own_columns(self) -> bool:
        """Whether the address chooses columns, rather than leaving them to the register."""
        return bool(self._names("columns"))

    @cached_property
    def sorts(self) -> list[Sort]:
        """The columns that the address sorts by, the first one first."""
        found: dict[str, Sort] = {}
        for name in self._names("sort"):
            column = self.register.bound.get(name.removeprefix("-"))
            if column and column.sort:
                found.setdefault(column.name, Sort(column, name.startswith("-")))
        return list(found.values())[:MOST_SORTS]

    @cached_property
    def shown_sorts(self) -> list[Sort]:
        """The columns that the list is sorted by, also where the register says so itself."""
        own = self.register.ordering.removeprefix("-")
        column = self.register.bound.get("reference" if own == "id" else own)
        usual = [Sort(column, self.register.ordering.startswith("-"))] if column else []
        return self.sorts or usual

    @cached_property
    def group(self) -> BoundColumn | None:
        """The column whose values head groups of rows."""
        column = self.register.bound.get(self.parameters.get("group", ""))
        return column if column in self.groupable else None

    @cached_property
    def groupable(self) -> list[BoundColumn]:
        """The columns that rows can be grouped by."""
        return [c for c in self.register.bound.values() if c.kind in _GROUPING and c.field is not None and c.sort]

    @cached_property
    def total(self) -> Total | None:
        """The kind of total that is worked out of the columns of numbers."""
        wanted = self.parameters.get("total")
        return Total(wanted) if wanted in Total.values and self.numbers else None

    @cached_property
    def numbers(self) -> list[BoundColumn]:
        """The columns shown that hold numbers."""
        return [column for column in self.columns if column.kind == "number" and column.path]

    @property
    def order(self) -> tuple[str, ...]:
        """The lookups that rows are sorted by: group by group, then as the columns say."""
        return (*self._by_group(), *([sort.lookup for sort in self.sorts] or [self.register.ordering]))

    def _by_group(self) -> Iterable[str]:
        """Return the lookups that keep each group together.

        First come the group's words, the way round that its column is sorted by first; then its key, as two people may
        share a name.
        """
        if self.group is None or self.group.field is None:
            return ()
        first = self.sorts[0] if self.sorts and self.sorts[0].column == self.group else Sort(self.group, False)
        return first.lookup, self.group.field.attname

    def groups(self, rows: models.QuerySet, keys: Iterable[Any]) -> dict[Any, dict[str, Any]]:
        """Return how many rows have each of some values of the grouping column, and their totals.

        The number is under ``count``. One query.

        Args:
            rows: all rows that the list shows, over its pages.
            keys: values as the rows hold them: codes, keys of other rows.
        """
        assert self.group is not None and self.group.field is not None
        name = self.group.field.attname
        known = [key for key in keys if key is not None]
        wanted = models.Q(**{f"{name}__in": known}) | (models.Q(**{name: None}) if None in keys else models.Q())
        # In no order: what rows are sorted by would divide the groups.
        counted = rows.filter(wanted).order_by().values(name).annotate(rows_in_group=Count("pk"), **self._aggregates())
        return {row.pop(name): {"count": row.pop("rows_in_group"), "totals": _named(row)} for row in counted}

    def totals(self, rows: models.QuerySet) -> dict[str, Any]:
        """Return what is worked out of each column of numbers, by its name.

        It is worked out of all rows that the list shows: one query, or none.
        """
        aggregates = self._aggregates()
        return _named(rows.order_by().aggregate(**aggregates)) if aggregates else {}

    def _aggregates(self) -> dict[str, Aggregate]:
        if self.total is None:
            return {}
        return {f"total_of_{column.name}": _AGGREGATES[self.total](column.path) for column in self.numbers}

    def address(self, **changes: Any) -> str:
        """Return the address of the list with something changed.

        A change is a text, a list of names, or None to leave it out.
        """
        return self.page + self.query(**changes)

    def query(self, **changes: Any) -> str:
        """Return the query string of the list with something changed as in :meth:`address`.

        It begins with its question mark.
        """
        parts = [part for name, part in self._parts if name not in changes]
        for name, value in changes.items():
            said = ",".join(value) if isinstance(value, list) else value
            if said:
                parts.append(_part(name, said))
        # An address that says nothing would open the saved view.
        if self.opens_with and not parts:
            parts = [_part(PLAIN, "1")]
        return f"?{'&'.join(parts)}"

    @cached_property
    def _parts(self) -> list[tuple[str, str]]:
        """The parameters that the address has, each with its name; which page it is isn't kept."""
        return [
            (name, _part(name, value))
            for name, values in self.parameters.lists()
            for value in values
            if name not in ("page", PLAIN)
        ]

    @property
    def carried(self) -> list[tuple[str, str]]:
        """The parameters of the arrangement, for forms that change something else."""
        plain = [(PLAIN, "1")] if self.opens_with else []
        return plain + [(name, ",".join(names)) for name in PARAMETERS if (names := self._names(name))]

    def is_said_by(self, query: str) -> bool:
        """Return whether another query string says the same."""
        return _said(QueryDict(query)) == _said(self.parameters)

    def _names(self, parameter: str) -> list[str]:
        """Return what a parameter lists, given once with commas or several times."""
        said = ",".join(self.parameters.getlist(parameter))
        return list(dict.fromkeys(name for part in said.split(",") if (name := part.strip())))


def _part(name: str, value: str) -> str:
    return f"{quote(name, safe=',')}={quote(value, safe=',')}"


def _named(totals: dict[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("total_of_"): value for name, value in totals.items()}


def _said(parameters: QueryDict) -> dict[str, list[str]]:
    return {
        name: sorted(filter(None, values))
        for name, values in parameters.lists()
        if name not in ("page", PLAIN) and any(values)
    }
