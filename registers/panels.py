"""Blocks that other apps add to every record's page: attachments, actions that arise from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from registers.models import Record
from registers.register import Register


@dataclass(frozen=True)
class Panel:
    """A template and its context, included beside the record."""

    template: str
    context: dict[str, Any]


@dataclass(frozen=True)
class Use:
    """What can be done with exactly the rows that a list shows, besides exporting them."""

    label: str
    url: str


#: Functions of request and register that give a use of the list's rows, or None; without queries.
uses: list[Callable[[Any, Register], Use | None]] = []
#: Functions of request, register and record that give a panel, or None; each a fixed number of queries.
panels: list[Callable[[Any, Register, Record], Panel | None]] = []
