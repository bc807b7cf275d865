"""The menus of a list: a panel each, that says only where to find what it offers until somebody opens it.

Most lists are read without any of them, and drawing them all would take longer than drawing the rows
(``docs/decisions/0016-scale.md``).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from registers.filters import Offered, offered
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
    """Views, columns and order."""
    return [
        Menu("views", _("Views"), _("All views")),
        Menu("columns", _("Columns"), _("Choose columns")),
        Menu("arrange", _("Arrange"), _("Sort, group and add up")),
    ]


def filters(register: Register, parameters: QueryDict) -> list[Menu]:
    """The filters, each with what the address says of it."""
    found = offered(register.filterset, register.slug)
    first = [_menu(f"filter-{each.name}", each.label, [each], parameters) for each in found[:_FIRST]]
    further = found[_FIRST:]
    return [*first, _menu("further-filters", _("Filter"), further, parameters)] if further else first


def _menu(name: str, label: str, filters: list[Offered], parameters: QueryDict) -> Menu:
    said = [key for each in filters for key in each.parameters]
    kept = tuple((key, value) for key in said for value in parameters.getlist(key) if value)
    return Menu(name, label, _("All filters"), tuple(each.name for each in filters), kept)
