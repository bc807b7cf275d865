"""What other apps add to every record's page and list: blocks, and actions on rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from organizations.models import User
from organizations.request import OrganizationRequest
from registers.models import Record
from registers.register import Register


class Place(StrEnum):
    """Where on a record's page a block stands."""

    #: Beside the content, below the links.
    SIDE = "side"
    #: Among the buttons on top.
    BUTTONS = "buttons"
    #: In the heading of what happened.
    TIMELINE_LINKS = "timeline_links"
    #: Above what happened.
    TIMELINE = "timeline"


@dataclass(frozen=True)
class Panel:
    """A template and its context, included in a record's page."""

    template: str
    context: Any
    place: Place = Place.SIDE


@dataclass(frozen=True)
class ListAction:
    """An action on exactly the rows that a list shows, besides exporting them."""

    label: str
    url: str


#: Functions of request and register that give an action on the list's rows, or None; without queries.
list_actions: list[Callable[[OrganizationRequest, Register], ListAction | None]] = []
#: Functions of request, register and record that give panels; each a fixed number of queries.
panels: list[Callable[[OrganizationRequest, Register, Record], Sequence[Panel]]] = []
#: Called with a record and a person who opens its page in the present.
record_opened: list[Callable[[Record, User], None]] = []


def panels_of(request: OrganizationRequest, register: Register, record: Record) -> dict[Place, list[Panel]]:
    """Return the panels of a record's page by their places."""
    found: dict[Place, list[Panel]] = {place: [] for place in Place}
    for give in panels:
        for panel in give(request, register, record):
            found[panel.place].append(panel)
    return found
