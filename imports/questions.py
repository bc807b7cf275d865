"""What numbers of a file mean where the file doesn't say it: asked with what is found there and a proposal, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from imports.converter import Converter
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.table import Cell
from spreadsheets.values import is_nothing, parse_decimal

#: What the questions of a look through a file are kept under, as JSON.
ASKED = "asked"


def questions_of(converter: Converter) -> list[dict[str, Any]]:
    """Return what has to be asked before rows are looked through, as JSON.

    Each has the field that is asked for, its choices, the columns it is about as the file heads them, the lowest and highest number
    there, and what is proposed; the last three are empty where no number stands there.
    """
    return [question for target in converter.asked if (question := _question(converter, target))]


def _question(converter: Converter, target: Target) -> dict[str, Any] | None:
    """Return what is asked for a field; None where the columns that it is about hold nothing in any row."""
    feeds = [converter.feeds[name] for name in target.asked_with if name in converter.feeds]
    filled = [
        cell
        for row in converter.table.rows()
        for feed in feeds
        for place in feed.columns
        if not is_nothing(cell := row.cells[place])
    ]
    if not filled:
        return None
    numbers = list(_numbers(filled))
    low, high = (min(numbers), max(numbers)) if numbers else (None, None)
    proposed = target.proposes(low, high) if target.proposes and low is not None and high is not None else ""
    return {
        "name": target.name,
        "columns": [header for feed in feeds for header in feed.source.headers],
        "low": "" if low is None else f"{low.normalize():f}",
        "high": "" if high is None else f"{high.normalize():f}",
        "proposed": proposed,
        "choices": list(target.choices),
    }


def _numbers(cells: Iterable[Cell]) -> Iterator[Decimal]:
    for cell in cells:
        try:
            number = parse_decimal(cell)
        except BadValue:
            # Words are asked about one by one when the rows are looked through.
            continue
        if number is not None:
            yield number
