"""Cells that should name rows and hold words that name none: linked as far as they resolve, the rest kept as a comment."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any

from imports.aside import Aside
from imports.no_answers import folded
from registers.parsing.lookups import NoSuchRow
from registers.parsing.targets import Target
from spreadsheets.table import Cell, cell_text
from spreadsheets.values import is_nothing, parse_text, shown

#: What names one row by its reference or id: where it isn't here yet the row waits, rather than losing its link.
_LIKE_REFERENCE = re.compile(r"[A-Za-z]{1,6}\d*-?\d+")


class NamesNothing(Aside):
    """Words that name no row, kept beside theirs; what stands in their cell besides is linked."""


def is_like_reference(text: str) -> bool:
    """Return whether a text looks like the reference or the id of one row."""
    return bool(_LIKE_REFERENCE.fullmatch(text.strip())) or not any(map(str.isalpha, text))


def may_keep_words(target: Target) -> bool:
    """Return whether words that name no row may stand as a comment instead: not where one is needed or could be created."""
    return target.kind in ("row", "record", "records") and not target.required and target.creates is None


def linking(find: Callable[[str], Any], kept: Collection[str]) -> Callable[[Cell], Any]:
    """Return a parser of cells that name one row; ``kept`` are the texts of which somebody said that they name none."""
    as_comments = set(map(folded, kept))

    def parsed(cell: Cell) -> Any:
        if is_nothing(cell):
            return None
        text = parse_text(cell) or ""
        if folded(text) in as_comments:
            raise NamesNothing(shown(cell))
        try:
            return find(text)
        except NoSuchRow:
            if is_like_reference(text) or cell_text(cell).startswith("#"):
                raise
            raise NamesNothing(shown(cell)) from None

    return parsed


def linking_all(lookup: Any, kept: Collection[str]) -> Callable[[Cell], list[int]]:
    """Return a parser of cells that list rows: those that are known are linked, whatever else stands there."""
    find = linking(lookup.find, kept)

    def parsed(cell: Cell) -> list[int]:
        keys: dict[int, None] = {}
        words: list[str] = []
        for part in [] if is_nothing(cell) else lookup.parts(parse_text(cell) or ""):
            try:
                if (key := find(part)) is not None:
                    keys[key] = None
            except NamesNothing as unknown:
                words.append(str(unknown))
        if words:
            raise NamesNothing(", ".join(words), value=list(keys))
        return list(keys)

    return parsed
