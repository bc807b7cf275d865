"""Proposals held against what the columns hold: a column of bare numbers says nothing in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice

from imports.mapping import ImportMapping, Source
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.table import Table
from spreadsheets.values import is_nothing, parse_decimal

#: Rows that are looked at.
LOOKED_AT = 200


def without_bare_numbers(
    complete: ImportMapping, said: ImportMapping, table: Table, targets: Mapping[str, Target], title: str
) -> ImportMapping:
    """Return a mapping whose proposals fill no sentence with a column that holds numbers alone, as “Impact” 5.

    Such a column is proposed for the number that files carry under the name of this text, where nothing fills it yet; else
    it is left open. What a person said stays. Short texts may be numbers: clauses, editions, products.

    Args:
        complete: what was said and proposed.
        said: what a person said.
        table: the file.
        targets: the register's.
        title: the field that says in a line what a row is.
    """
    if complete.is_of_own_export:
        return complete
    bare = {
        name: source.headers[0]
        for name, source in complete.fields.items()
        if source
        and len(source.headers) == 1
        and name not in said.fields
        and (targets[name].kind == "longtext" or name == title)
        and _holds_numbers_alone(table, source.headers[0])
    }
    if not bare:
        return complete
    fields = {name: source for name, source in complete.fields.items() if name not in bare}
    taken = fields.keys() | said.fields.keys()
    fields |= {
        name: Source((bare[target.numbers_of],))
        for name, target in targets.items()
        if target.numbers_of in bare and name not in taken
    }
    return replace(complete, fields={name: fields[name] for name in targets if name in fields})


def _holds_numbers_alone(table: Table, header: str) -> bool:
    place = table.headers.index(header)
    cells = [cell for row in islice(table.rows(), LOOKED_AT) if not is_nothing(cell := row.cells[place])]
    return bool(cells) and all(map(_is_number, cells))


def _is_number(cell: object) -> bool:
    try:
        return parse_decimal(cell) is not None  # type: ignore[arg-type]
    except BadValue:
        return False
