"""What an import knows about a row, from its cells to its fate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from registers.extra_columns import NewContent
from registers.models import Record
from spreadsheets.table import Row

#: The outcome of rows that another register takes.
LEFT = "left"


class Problem(NamedTuple):
    """Why a row is refused: the cell, what is wrong with it, and what to do.

    ``cell`` and ``column`` are empty where it is the row.
    """

    row: int
    cell: str
    column: str
    value: str
    reason: str
    remedy: str


@dataclass(slots=True)
class Draft:
    """A row of the file on its way into the register.

    Attributes:
        row: the row as read.
        key: its external id, given or derived; or the reference, where the file names this register's own rows.
        by_reference: whether ``key`` is a reference.
        values: model attribute → value, of the fields that the mapping fills.
        links: many-to-many field → keys.
        problems: why it can't go in.
        record: the record as it would be written.
        changed: what differs from the register's row, by field; empty for new and for unchanged rows.
        before: what the register's row holds now, of the fields that change; of links, keys.
        added: what its cells add beside the row, by column.
        is_new: whether the register doesn't have it yet.
        beside: field → value, of what is kept beside the row.
        writes_beside: whether that writes something.
        aside: cells whose words are kept beside the row, each after its header.
        question: the header of the question that it answers, where a row holds several answers.
        left_for: the slug of the register to which the row says it belongs, where it is another one: it is left alone here.
    """

    row: Row
    key: str
    by_reference: bool
    values: dict[str, Any]
    links: dict[str, list[int]]
    problems: list[Problem]
    record: Record | None = None
    changed: list[str] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    added: dict[str, NewContent] = field(default_factory=dict)
    is_new: bool = False
    beside: dict[str, Any] = field(default_factory=dict)
    writes_beside: bool = False
    aside: list[str] = field(default_factory=list)
    question: str = ""
    left_for: str = ""

    @property
    def outcome(self) -> str:
        """One of created, changed, unchanged, refused and left."""
        if self.left_for:
            return LEFT
        if self.problems:
            return "refused"
        return (
            "created" if self.is_new else "changed" if self.changed or self.added or self.writes_beside else "unchanged"
        )


class Prepared(NamedTuple):
    """What of a draft is kept until it is written: plain values only."""

    number: int
    key: str
    by_reference: bool
    is_new: bool
    values: dict[str, Any]
    links: dict[str, list[int]]
    added: Mapping[str, Sequence[Any]]
    beside: Mapping[str, Any] = {}
