"""By what rows of a file are known that brings no ids."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from spreadsheets.table import Row, Table, cell_text, is_blank


class RowKeys:
    """Ids for rows that bring none: they say what stands in a row, and which of several equal ones it is.

    Args:
        table: the file.
        who: places of the cells that say whose a row is. By these it is known again although others change, if it says somebody
            and no other row has the same there.
        when: places of the cells that tell several rows of somebody apart.
    """

    def __init__(self, table: Table, who: Sequence[int] = (), when: Sequence[int] = ()) -> None:
        self._who, self._known_by = who, (*who, *when)
        self._alike: Counter[str] = Counter(
            _digest(row.cells[place] for place in self._known_by) for row in (table.rows() if who else ())
        )
        self._given: Counter[str] = Counter()
        self._last: tuple[int, str] = (0, "")

    def of(self, row: Row) -> str:
        """Return the id of a row, which stays the same while the row is looked at."""
        if self._last[0] != row.number:
            self._last = (row.number, self._next(row))
        return self._last[1]

    def _next(self, row: Row) -> str:
        known = [row.cells[place] for place in self._known_by]
        says_who = not all(is_blank(row.cells[place]) for place in self._who)
        singled_out = says_who and self._alike[_digest(known)] == 1
        digest = _digest(known if singled_out else row.cells)
        self._given[digest] += 1
        count = self._given[digest]
        return f"row-{digest}" if count == 1 else f"row-{digest}-{count}"


def _digest(cells: Iterable[object]) -> str:
    texts = "\x1f".join(cell_text(cell) for cell in cells)  # type: ignore[arg-type]
    return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()[:24]
