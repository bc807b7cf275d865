"""Merged cells: the value of an area over several rows counts in each of them."""

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
    """A sheet in which each row of a merged area has the area's value; see `Source`.

    It stands in the first column of the area.
    """

    source: Source
    merges: tuple[Merge, ...]

    def records(self) -> Iterator[list[Cell]]:
        """Yield every row; raises UnreadableFile as the sheet does."""
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
                # An area without a value leaves nothing to fill in.
                if merge.left < len(record) and not is_blank(record[merge.left]):
                    reaching.append((merge, record[merge.left]))
            yield record


def unmerged(source: Source, merges: Iterable[Merge]) -> Source:
    """Return the sheet with areas over several rows filled in; itself where there are none."""
    # Within one row there is nothing to fill: the value stands in the first column already.
    tall = tuple(merge for merge in merges if merge.bottom > merge.top)
    return Unmerged(source, tall) if tall else source
