"""Headers of two lines: titles over several columns, words that go on, units below names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from spreadsheets.headers import SHORT_NAME, header_text, looks_like_name
from spreadsheets.merged_cells import Merge
from spreadsheets.table import Cell, is_blank

Record = Sequence[Cell]

#: Records below the header that tell which columns are in use.
_BODY = 20
_UNIT_WORDS = (
    "% ‰ ° °c k mm cm m km mm² cm² m² m³ ml l µm mg g kg t n nm bar pa kpa mpa v mv a ma w kw kwh hz s ms min h d days tage "
    "weeks wochen months monate years jahre eur € usd $ gbp £ chf pcs stk stück ppm db yes/no ja/nein"
)
_UNITS = frozenset(_UNIT_WORDS.split())
_BRACKETED = {("(", ")"), ("[", "]"), ("<", ">")}


class Header(NamedTuple):
    """The header of a table: its first and last record, from 0, and each column's name cell."""

    first: int
    last: int
    cells: list[Cell]


def whole_header(records: Sequence[Record], index: int, merges: Collection[Merge], *, given: bool) -> Header:
    """Return the header found at `index`, with the second line that belongs to it.

    Args:
        records: the file's first records.
        index: the record that was found to be the header.
        merges: merged areas.
        given: whether a person has said that the header begins there, so that no line above it counts.
    """
    pairs = [(index, index + 1)] if given else [(index, index + 1), (index - 1, index)]
    for first, last in pairs:
        if first >= 0 and last < len(records) and _belong_together(records, first, last, merges):
            return Header(first, last, list(_combined(records[first], records[last], first, merges)))
    return Header(index, index, list(records[index]))


def _belong_together(records: Sequence[Record], first: int, last: int, merges: Collection[Merge]) -> bool:
    upper, lower = _named(records[first]), _named(records[last])
    if not upper or not lower or not _are_names(records[first]):
        return False
    if _are_units(records[last], upper):
        return True
    if not _are_names(records[last]) or _is_title(records[first], lower, first, merges):
        return False
    if any(merge.top == first and merge.bottom == last for merge in merges) and lower - upper:
        return True
    spread = {column for merge in merges if merge.top == merge.bottom == first for column in _width(merge)}
    if len(spread & lower) >= 2:
        return True
    body = records[last + 1 : last + 1 + _BODY]
    if _names_a_group(lower, body):
        return False
    used = {column for column in upper | lower if 2 * sum(map(_filled, body, [column] * len(body))) > len(body)}
    return bool(body) and bool((upper - lower) & used) and bool((lower - upper) & used)


def _named(record: Record) -> set[int]:
    return {column for column, cell in enumerate(record) if not is_blank(cell)}


def _is_title(record: Record, lower: Collection[int], first: int, merges: Collection[Merge]) -> bool:
    """Return whether a line is a title over the whole table: one cell alone, merged from the table's first column on."""
    named = _named(record)
    if len(named) != 1:
        return False
    (column,) = named
    return column <= min(lower) and any(merge.top == first and merge.left == column for merge in merges)


def _names_a_group(lower: Collection[int], body: Sequence[Record]) -> bool:
    """Return whether a line of one cell is the name of a group: others like it stand among the rows below."""
    return len(lower) == 1 and any(_named(record) == lower for record in body)


def _filled(record: Record, column: int) -> bool:
    return column < len(record) and not is_blank(record[column])


def _width(merge: Merge) -> range:
    return range(merge.left, merge.right + 1)


def _are_names(record: Record) -> bool:
    cells = [cell for cell in record if not is_blank(cell)]
    return all(looks_like_name(cell) and len(str(cell)) <= SHORT_NAME for cell in cells)


def _are_units(record: Record, upper: Collection[int]) -> bool:
    """Return whether a record holds nothing but units, and not one in every column.

    Columns of ids and texts have none.
    """
    texts = [str(record[column]).strip() for column in sorted(_named(record))]
    if not all(isinstance(cell, str) for cell in record if not is_blank(cell)) or not len(texts) < len(upper):
        return False
    return all(
        text.casefold() in _UNITS or (len(text) > 2 and len(text) <= 12 and (text[0], text[-1]) in _BRACKETED)
        for text in texts
    )


def _combined(upper: Record, lower: Record, first: int, merges: Collection[Merge]) -> Iterator[Cell]:
    """Yield names from two lines.

    They are “below (above)” under a title over several columns, otherwise “above (below)”.
    """
    merged = {column: merge for merge in merges if merge.top == merge.bottom == first for column in _width(merge)}
    title, start = "", -1
    for column in range(max(len(upper), len(lower))):
        above = header_text(upper[column]) if column < len(upper) else ""
        below = header_text(lower[column]) if column < len(lower) else ""
        if above:
            title, start = (above, column) if below else ("", column)
        over = column in merged or (column > start and not _ends(column, start, merged))
        spreads = column in merged or _spreads(upper, lower, column)
        if not above and below and over and title:
            yield f"{below} ({title})"
        elif above and below and above != below:
            yield f"{below} ({above})" if spreads else f"{above} ({below.strip('()[]<>')})"
        else:
            yield above or below or None


def _ends(column: int, start: int, merged: dict[int, Merge]) -> bool:
    """Return whether the title begun at `start` is known to end before `column`.

    Its merged area says so.
    """
    return start in merged and merged[start].right < column


def _spreads(upper: Record, lower: Record, column: int) -> bool:
    """Return whether a title above also stands over the next column.

    That column has a name below and none above.
    """
    return not _filled(upper, column + 1) and _filled(lower, column + 1)
