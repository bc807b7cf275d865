"""What numbers of a file mean where the file doesn't say it: asked with what is found there and a proposal, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from imports.converter import Converter
from imports.examination import Examination
from imports.feeds import Feed
from registers.columns import Numbers
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.table import Cell
from spreadsheets.values import is_nothing, parse_decimal

#: What the questions of a look through a file are kept under, as JSON.
ASKED = "asked"


def asked_of(examination: Examination) -> list[dict[str, Any]]:
    """Return all that has to be asked before rows are looked through, as JSON.

    Where a file may hold one row a person and one question a column, that goes first: the scales follow from it.
    """
    if examination.survey and examination.survey["open"]:
        return [examination.survey]
    return questions_of(examination.converter)


def questions_of(converter: Converter) -> list[dict[str, Any]]:
    """Return what has to be asked about numbers, as JSON.

    Each has the field that is asked for and how, the answers that can be chosen with what they come to (none for a number), the columns it is
    about as the file heads them, the lowest and highest number there, and what is proposed; the last three are empty where no number
    stands there.
    """
    said = {name: feed.source.value for name, feed in converter.feeds.items() if feed.source.value is not None}
    found = []
    for target in converter.asked:
        if question := _question(converter, target, said):
            found.append(question)
            # What is proposed for the ends of a scale counts for the question where on it numbers lie.
            said |= {target.name: question["proposed"]} if question["proposed"] else {}
    return found


def _question(converter: Converter, target: Target, said: dict[str, str]) -> dict[str, Any] | None:
    """Return what is asked for a field; None where the columns that it is about hold nothing in any row."""
    feeds = [converter.feeds[name] for name in target.asked_with if name in converter.feeds]
    filled = [
        (feed, cell) for row in converter.table.rows() for feed in feeds if not is_nothing(cell := feed.cell(row))
    ]
    if not filled:
        return None
    headers = tuple(header for feed in feeds for header in feed.source.headers)
    numbers = _numbers(headers, list(_read(converter, filled)), said, converter.table.beside)
    asked = target.question
    return {
        "name": target.name,
        "words": str(asked.words) if asked else "",
        "columns": list(headers),
        "low": f"{numbers.low.normalize():f}" if numbers else "",
        "high": f"{numbers.high.normalize():f}" if numbers else "",
        "proposed": asked.proposes(numbers) if asked and numbers else "",
        "choices": _answers(target, numbers),
    }


def _answers(target: Target, numbers: Numbers | None) -> dict[str, str]:
    """Return the answers that can be chosen, each in words with what the numbers come to by it."""
    asked = target.question
    answers = {code: str(words) for code, words in asked.answers.items()} if asked else {}
    if asked and asked.comes_to and numbers:
        return {code: asked.comes_to(numbers, code) or words for code, words in answers.items()}
    return answers or target.choices


def _read(converter: Converter, cells: Iterable[tuple[Feed, Cell]]) -> Iterator[Decimal]:
    for feed, cell in cells:
        try:
            # Not as the field reads them: what it refuses is told too.
            number = parse_decimal(cell, converter.made.number_styles[feed.target.name])
        except BadValue:
            # Words are asked about one by one when the rows are looked through.
            continue
        if number is not None:
            yield number


def _numbers(
    headers: tuple[str, ...], found: list[Decimal], said: dict[str, str], beside: tuple[str, ...]
) -> Numbers | None:
    if not found:
        return None
    return Numbers(headers, min(found), max(found), sum(found, Decimal(0)) / len(found), dict(said), beside)
