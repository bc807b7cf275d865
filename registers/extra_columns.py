"""Columns of what stands beside the rows of every register rather than in them.

That is what was said about a row, and which files belong to it. Exports have a column of each. An import of such an
export adds what somebody wrote there, and takes nothing away: what was said or attached stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from registers.columns import BoundColumn, Column, Text
from registers.models import Record


@dataclass(frozen=True)
class NewContent:
    """What an edited cell of an export says beyond what stands beside its row.

    Attributes:
        new: what is to be added, one plain value each, as :attr:`ExtraColumn.add` takes them.
        words: the same for people.
        leaves_out: whether something that stands beside the row is missing in the cell, or worded anew.
        refused: why it can't be added and what to do; None where it can.
    """

    new: tuple[Any, ...] = ()
    words: str = ""
    leaves_out: bool = False
    refused: tuple[str, str] | None = None


@dataclass(frozen=True)
class ExtraColumn:
    """A column of texts that stand beside rows.

    Attributes:
        column: heads them in exports.
        texts: of rows with these references, the text of each that has one; a number of queries that doesn't grow with them.
        read: what cells add, each with the reference of its row ("" for one that is still to be recorded); as few queries.
        add: adds to each record what ``read`` found new for it, in the name of whoever is acting.
        stays: a sentence that says what becomes of what a cell leaves out.
        in_packs: whether the rows of packs hold them; not where packs have a list of their own.
        together: within it, what several calls of ``add`` add counts as added at once.
    """

    column: BoundColumn
    texts: Callable[[Sequence[str]], Mapping[str, str]]
    read: Callable[[Sequence[tuple[str, str]]], Sequence[NewContent]]
    add: Callable[[Sequence[tuple[Record, Sequence[Any]]]], None]
    stays: Text
    in_packs: bool = True
    together: Callable[[], AbstractContextManager[Any]] = nullcontext


def column(name: str, label: Text) -> BoundColumn:
    """Return a column of no field, which doesn't sort and fills none."""
    return BoundColumn(Column(name, label=label, kind=name, path="", sort="", importable=False), None)


#: All of them, in the order of exports; apps add theirs when they are ready.
extra_columns: list[ExtraColumn] = []
