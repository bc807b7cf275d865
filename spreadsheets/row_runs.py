"""Sets of rows that stand together mostly, as hidden ones do."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowRuns:
    """Rows, counted from 1, as the first and the last of each run in ascending order."""

    runs: tuple[tuple[int, int], ...] = ()

    @classmethod
    def from_zero(cls, runs: Sequence[Sequence[int]]) -> RowRuns:
        """Return the rows of runs that count from 0."""
        return cls(tuple((first + 1, last + 1) for first, last in runs))

    def __contains__(self, row: object) -> bool:
        assert isinstance(row, int)
        place = bisect_right(self.runs, row, key=lambda run: run[0])
        return place > 0 and row <= self.runs[place - 1][1]

    def __bool__(self) -> bool:
        return bool(self.runs)
