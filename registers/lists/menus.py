"""The menus of a list: a panel each, unopened at first, and what each offers.

Until somebody opens it, a panel says only where to find what it offers. Most lists are read without any of them, and
drawing them all would take longer than drawing the rows (``docs/decisions/0016-scale.md``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from registers.columns import BoundColumn
from registers.lists.arrangement import MOST_SORTS, Arrangement, Sort, Total
from registers.lists.filters import Offered, offered
from registers.register import Register

#: Names the panel from which a request comes.
HEADER = "List-Menu"
#: Filters that have a menu of their own; the others share one.
_FIRST = 6


@dataclass(frozen=True)
class Menu:
    """One menu.

    Attributes:
        name: the id of its panel.
        label: what is written on it.
        link: the words of the link to the page with all menus.
        fields: the filters in it, by name.
        kept: what its filters say, as names and values that a form sends along until the menu is opened.
    """

    name: str
    label: str
    link: str
    fields: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @property
    def is_tool(self) -> bool:
        """Whether it arranges rows, and changes with every other arrangement; else it narrows them."""
        return not self.fields

    @property
    def is_shared(self) -> bool:
        """Whether several filters share it."""
        return len(self.fields) > 1


def tools() -> list[Menu]:
    """Return the menus of views, columns and order."""
    return [
        Menu("views", _("Views"), _("All views")),
        Menu("columns", _("Columns"), _("Choose columns")),
        Menu("arrange", _("Arrange"), _("Sort, group and add up")),
    ]


def filters(register: Register, parameters: QueryDict) -> list[Menu]:
    """Return the menus of filters, each with what the address says of it."""
    found = offered(register.filterset, register.slug)
    first = [_menu(f"filter-{each.name}", each.label, [each], parameters) for each in found[:_FIRST]]
    further = found[_FIRST:]
    return [*first, _menu("further-filters", _("Filter"), further, parameters)] if further else first


def _menu(name: str, label: str, filters: list[Offered], parameters: QueryDict) -> Menu:
    said = [key for each in filters for key in each.parameters]
    kept = tuple((key, value) for key in said for value in parameters.getlist(key) if value)
    return Menu(name, label, _("All filters"), tuple(each.name for each in filters), kept)


@dataclass(frozen=True)
class Choice:
    """A choice in a menu: by a parameter's value, or by the address of the list with it."""

    value: str
    label: str
    chosen: bool = False
    url: str = ""


@dataclass(frozen=True)
class ShownColumn:
    """A column that is shown, with the addresses that move it or leave it out.

    An address is empty where that can't be.
    """

    name: str
    label: str
    earlier: str
    later: str
    without: str


@dataclass(frozen=True)
class SortStep:
    """A column that is sorted by, with the addresses that turn it round or leave it out."""

    label: str
    descending: bool
    turned: str
    without: str


def arrangement_menu(arrangement: Arrangement) -> dict[str, Any]:
    """Return what a list's menus offer."""
    return {
        "columns": _shown(arrangement),
        "further": _further(arrangement),
        "usual_columns": arrangement.address(columns=None) if arrangement.has_own_columns else "",
        "sorts": [_step(arrangement, sort) for sort in arrangement.sorts],
        "sortable": _sortable(arrangement),
        "groups": _groups(arrangement),
        "totals": _totals(arrangement),
        "kept": _kept(arrangement),
    }


def _shown(arrangement: Arrangement) -> list[ShownColumn]:
    names = [column.name for column in arrangement.own]

    def swapped(first: int, second: int) -> str:
        if first < 1 or second >= len(names):  # the reference stays in front
            return ""
        moved = list(names)
        moved[first], moved[second] = moved[second], moved[first]
        return arrangement.address(columns=moved)

    def without(name: str) -> str:
        left = [each for each in names if each != name]
        return arrangement.address(columns=left) if name != "reference" else ""

    return [
        ShownColumn(c.name, c.label, swapped(place - 1, place), swapped(place, place + 1), without(c.name))
        for place, c in enumerate(arrangement.own)
    ]


def _further(arrangement: Arrangement) -> list[Choice]:
    names = [column.name for column in arrangement.own]
    hidden = [column for name, column in arrangement.register.bound.items() if name not in names]
    return [Choice(c.name, c.label, url=arrangement.address(columns=[*names, c.name])) for c in hidden]


def _step(arrangement: Arrangement, sort: Sort) -> SortStep:
    names = [each.name for each in arrangement.sorts]
    turned = Sort(sort.column, not sort.descending).name
    return SortStep(
        sort.column.label,
        sort.descending,
        turned=arrangement.address(sort=[turned if name == sort.name else name for name in names]),
        without=arrangement.address(sort=[name for name in names if name != sort.name]),
    )


def _sortable(arrangement: Arrangement) -> list[BoundColumn]:
    """Return the columns that may be sorted by as well."""
    used = {sort.column.name for sort in arrangement.sorts}
    free = [c for c in arrangement.register.bound.values() if c.sort and c.name not in used]
    return free if len(used) < MOST_SORTS else []


def _groups(arrangement: Arrangement) -> list[Choice]:
    return [
        Choice("", _("Nothing"), arrangement.group is None),
        *(Choice(c.name, c.label, c == arrangement.group) for c in arrangement.groupable),
    ]


def _totals(arrangement: Arrangement) -> list[Choice]:
    if not arrangement.numbers:
        return []
    nothing = Choice("", _("Nothing"), arrangement.total is None)
    return [nothing, *(Choice(total.value, str(total.label), total == arrangement.total) for total in Total)]


def _kept(arrangement: Arrangement) -> list[tuple[str, str]]:
    """Return what else the address says, as names and values of the form's hidden fields.

    A further sort comes after those there are.
    """
    changed = {"group", "total", "page"}
    return [(name, value) for name, values in arrangement.parameters.lists() for value in values if name not in changed]
