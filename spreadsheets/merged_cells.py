"""Merged cells of a workbook: the value of an area that reaches over several rows counts in each of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from spreadsheets.table import Cell, Source, is_blank


class Merge(NamedTuple):
    """A merged area: its first and last row and column, from 0."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Unmerged:
    """A sheet in which every row of a merged area has the area's value in its first column; see `Source`."""

    source: Source
    merges: tuple[Merge, ...]

    def records(self) -> Iterator[list[Cell]]:
        """Every row; raises UnreadableFile as the sheet does."""
        beginning: defaultdict[int, list[Merge]] = defaultdict(list)
        for merge in self.merges:
            beginning[merge.top].append(merge)
        reaching: list[tuple[Merge, Cell]] = []
        for number, record in enumerate(self.source.records()):
            reaching = [(merge, value) for merge, value in reaching if merge.bottom >= number]
            for merge, value in reaching:
                record += [None] * (merge.left + 1 - len(record))
                record[merge.left] = value
            for merge in beginning.get(number, ()):
                if merge.left < len(record) and not is_blank(record[merge.left]):
                    reaching.append((merge, record[merge.left]))
            yield record


def unmerged(source: Source, merges: Iterable[Merge]) -> Source:
    """The sheet with the areas that reach over several rows filled; itself where there are none."""
    tall = tuple(merge for merge in merges if merge.bottom > merge.top)
    return Unmerged(source, tall) if tall else source
