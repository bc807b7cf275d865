"""Columns that look like the questions of a survey: offered with the scales that are proposed for them, never assumed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from imports.mapping import ImportMapping
from registers.columns import Numbers
from registers.parsing.targets import Target
from registers.questionnaire import Questionnaire
from spreadsheets.errors import BadValue
from spreadsheets.headers import normalize_header
from spreadsheets.table import Table
from spreadsheets.values import is_nothing, parse_decimal

#: What a survey is kept under among the questions about a file.
QUESTIONS = "questions"
LOOKED_AT = 1000
#: Numbers of answers lie between these.
_LOWEST, _HIGHEST = 0, 100
#: Of the filled cells, those that may be words all the same.
_WORDS = 0.2
#: Columns of numbers that make a file one of a row a person.
_FEWEST = 2
_NUMBERED = re.compile(r"(q|f|frage|question|item)\s?\d")
_NO_QUESTION = frozenset(
    (*("id", "nr", "no", "number", "year", "jahr", "month", "monat", "age", "alter", "zip", "plz", "phone", "telefon"),
     *("quantity", "menge", "amount", "betrag", "count", "anzahl", "price", "preis", "cost", "kosten", "weight", "gewicht"))
)  # fmt: skip
_RECOMMENDATION = ("recommend", "weiterempf", "empfehl")


@dataclass
class _Column:
    """A column that may be a question's: what it is proposed as, and the numbers there."""

    header: str
    numbers: bool
    low: str = ""
    high: str = ""
    #: Proposed: an answer in words, or on which of the scales, from 1; neither: no question.
    words: bool = False
    scale: int = 0


def survey_of(
    table: Table, complete: ImportMapping, said: ImportMapping, targets: Mapping[str, Target], of: Questionnaire | None
) -> dict[str, Any] | None:
    """Return what is asked about a file that seems to hold one row a person and one question a column, as JSON.

    None where nothing speaks for it. It is open where nobody has said what the columns of numbers are.
    """
    if of is None or complete.is_of_own_export:
        return None
    columns = list(_candidates(table, complete, said, targets, of))
    scored = [column for column in columns if column.numbers]
    numbered = [column for column in columns if column.words]
    is_long = any(complete.fields.get(name) for name in (of.question, of.low)) or said.fields.get(of.score)
    if complete.questions is None and (is_long or (len(scored) < _FEWEST and len(numbered) < _FEWEST)):
        return None
    scales = _scales(scored, targets, of, table.beside)
    return {
        "name": QUESTIONS,
        "open": complete.questions is None and len(scored) >= _FEWEST,
        "columns": [asdict(column) for column in columns],
        "scales": scales,
        "recommendation": next((each.header for each in scored if _recommends(each.header)), ""),
    }


def _candidates(
    table: Table, complete: ImportMapping, said: ImportMapping, targets: Mapping[str, Target], of: Questionnaire
) -> Iterator[_Column]:
    fills = {h: name for name, s in complete.fields.items() if s for h in s.headers}
    fixed = {h for s in said.fields.values() if s for h in s.headers}
    rows = list(islice(table.rows(), LOOKED_AT))
    for place, header in enumerate(table.headers):
        asked = header in (complete.questions or ())
        field = fills.get(header, "")
        # What is proposed for a name, a day or a customer is none; a rating may stand under the name of a product.
        if not asked and (
            header in fixed or (field not in ("", of.score) and targets[field].kind not in ("text", "longtext"))
        ):
            continue
        if field == of.respondent or set(normalize_header(header).split()) & _NO_QUESTION:
            continue
        cells = [row.cells[place] for row in rows if not is_nothing(row.cells[place])]
        numbers = [number for cell in cells if (number := _number(cell)) is not None]
        if (
            numbers
            and len(cells) - len(numbers) <= _WORDS * len(cells)
            and _LOWEST <= min(numbers)
            and max(numbers) <= _HIGHEST
        ):
            yield _Column(header, True, f"{min(numbers).normalize():f}", f"{max(numbers).normalize():f}")
        elif cells and not numbers:
            yield _Column(header, False, words=field == of.text or _is_question(header))


def _number(cell: Any) -> Decimal | None:
    try:
        return parse_decimal(cell)
    except BadValue:
        return None


def _is_question(header: str) -> bool:
    return header.rstrip().endswith("?") or bool(_NUMBERED.match(normalize_header(header)))


def _recommends(header: str) -> bool:
    words = normalize_header(header).split()
    return "nps" in words or any(word.startswith(_RECOMMENDATION) for word in words)


def _scales(
    scored: list[_Column], targets: Mapping[str, Target], of: Questionnaire, beside: tuple[str, ...]
) -> list[dict[str, str]]:
    """Return the scales that are proposed, and give each column its own: alike columns are asked about together."""
    scales: list[dict[str, str]] = []
    for column in scored:
        low, high = Decimal(column.low), Decimal(column.high)
        numbers = Numbers((column.header,), low, high, (low + high) / 2, {}, beside)
        scale = {
            end: question.proposes(numbers) if (question := targets[name].question) else ""
            for end, name in (("low", of.low), ("high", of.high), ("best", of.higher_is_better))
        }
        if scale not in scales:
            scales.append(scale)
        column.scale = scales.index(scale) + 1
    return scales
