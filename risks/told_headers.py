"""How the columns of files are recognised that tell likelihood and consequence, in up to three stages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from math import prod

from registers.parsing.choice_words import words_for
from registers.parsing.header_words import LEVELS
from risks.models.stages import INHERENT, STAGES
from risks.models.told import AXES, TOLD_TYPE, ToldType, field_of
from spreadsheets.errors import BadValue
from spreadsheets.headers import normalize_header
from spreadsheets.table import Cell, Table, cell_text
from spreadsheets.values import is_nothing, parse_decimal

_STAGE_WORDS = {
    "inherent": frozenset(
        [
            "inherent",
            "gross",
            "initial",
            "untreated",
            "unmitigated",
            "brutto",
            "before",
            "vor",
            "vorher",
            "ausgangsrisiko",
        ]
    ),
    "current": frozenset(["current", "aktuell", "aktuelle", "derzeit", "present", "heute"]),
    "target": frozenset(
        [
            "target",
            "residual",
            "after",
            "nach",
            "nachher",
            "netto",
            "net",
            "ziel",
            "zielrisiko",
            "restrisiko",
            "rest",
            "mitigated",
        ]
    ),
}
_AXIS_WORDS = {
    "likelihood": frozenset(
        [
            "p",
            "l",
            "w",
            "likelihood",
            "probability",
            "prob",
            "occurrence",
            "wahrscheinlichkeit",
            "eintrittswahrscheinlichkeit",
            "ew",
            "haeufigkeit",
            "auftreten",
        ]
    ),
    "consequence": frozenset(
        [
            "s",
            "c",
            "i",
            "a",
            "severity",
            "consequence",
            "impact",
            "auswirkung",
            "auswirkungen",
            "schwere",
            "schadensausmass",
            "schaden",
            "ausmass",
            "bedeutung",
            "tragweite",
            "benefit",
            "nutzen",
            "b",
            "n",
        ]
    ),
}
#: What the third factor of an analysis of failure modes is called, and the product of all three.
_DETECTION_WORDS = frozenset(
    [
        "d",
        "e",
        "det",
        "detection",
        "detectability",
        "entdeckung",
        "entdeckungswahrscheinlichkeit",
        "erkennung",
        "deteccao",
    ]
)
#: A column that says the scale of ratings makes them ratings.
_RATINGS_HEADERS = frozenset(["ratings", "ratings are", "rating scale", "scale of ratings", "bewertungsskala"])
#: Words that say nothing more of a likelihood or a consequence.
_FILLERS = frozenset(["rating", "score", "level", "stufe", "bewertung", "risk"])
_PRIORITY_WORDS = frozenset(["rpn", "rpz", "risikoprioritaetszahl", "priority"])
#: The ratings that assess a risk.
RATED = ("severity", "occurrence")
#: Rows that are looked at, and the longest text that is a level rather than a sentence.
_LOOKED_AT, _LONGEST = 200, 40


def recognised(table: Table, without_stage: str = "") -> Mapping[str, str]:
    """Return by field the headers of a table that name an axis and a stage, and the one that tells risks from opportunities.

    Of a stage both axes are recognised, or none.

    Args:
        table: the file.
        without_stage: the stage of columns that name none; empty: they are left to others.
    """
    found: dict[tuple[str, str], str] = {}
    bare: dict[tuple[str, str], str] = {}
    for place, header in enumerate(table.headers):
        words = set(normalize_header(header).split())
        axes = [axis for axis in AXES if words & _AXIS_WORDS[axis]]
        stages = [stage for stage in STAGES if words & _STAGE_WORDS[stage]]
        if len(axes) == 1 and len(stages) == 1 and _holds_levels(table, place):
            found.setdefault((stages[0], axes[0]), header)
        elif (
            len(axes) == 1 and not stages and words <= _AXIS_WORDS[axes[0]] | _FILLERS and _holds_numbers(table, place)
        ):
            bare.setdefault((without_stage, axes[0]), header)
    if without_stage and not any((without_stage, axis) in found for axis in AXES):
        found |= bare
    whole = [stage for stage in STAGES if all((stage, axis) in found for axis in AXES)]
    types = [(TOLD_TYPE, header) for place, header in enumerate(table.headers) if _tells_types(table, place)]
    return dict(types[:1]) | {field_of(stage, axis): found[stage, axis] for stage in whole for axis in AXES}


def recognised_risks(table: Table, said: Collection[str] = ()) -> Mapping[str, str]:
    """Return what :func:`recognised` finds in a sheet of risks, whose columns that name no stage are the inherent one.

    Not where detection is rated too, or somebody said the scale of ratings: then they are an analysis of failure modes. Where stages
    are told no column is proposed as a rating, which would assess the same once more.
    """
    if "ratings" in said or _rates_detection(table):
        return recognised(table)
    found = recognised(table, without_stage=INHERENT)
    return {**dict.fromkeys(RATED, ""), **found} if set(found) - {TOLD_TYPE} else found


def _rates_detection(table: Table) -> bool:
    """Return whether a table rates three factors: a column of the third, of the ratings' scale, or a product of more than two."""
    headers = [set(normalize_header(header).split()) for header in table.headers]
    says_scale = not _RATINGS_HEADERS.isdisjoint(map(normalize_header, table.headers))
    if says_scale or any(words & _DETECTION_WORDS for words in headers):
        return True
    priorities = [place for place, words in enumerate(headers) if words & _PRIORITY_WORDS]
    factors = [place for place, words in enumerate(headers) if any(words <= known for known in _AXIS_WORDS.values())]
    return bool(priorities) and not (len(factors) == len(AXES) and _is_product(table, priorities[0], factors))


def _is_product(table: Table, place: int, factors: Sequence[int]) -> bool:
    """Return whether a column holds the product of two others wherever all three hold numbers."""
    for row in islice(table.rows(), _LOOKED_AT):
        product, *numbers = (_number(row.cells[each]) for each in (place, *factors))
        if product is not None and None not in numbers and product != prod(filter(None, numbers)):
            return False
    return True


def _number(cell: Cell) -> Decimal | None:
    try:
        return parse_decimal(cell)
    except BadValue:
        return None


def _holds_numbers(table: Table, place: int) -> bool:
    """Return whether nothing but numbers, letters and words for levels stands in a column; so it is where nothing does."""
    cells = [row.cells[place] for row in islice(table.rows(), _LOOKED_AT)]
    words = [normalize_header(cell_text(cell).rstrip("% ")) for cell in cells if not is_nothing(cell)]
    return all(len(word) == 1 or word in LEVELS or _number(word) is not None for word in words)


def _holds_levels(table: Table, place: int) -> bool:
    cells: Sequence[str] = [cell_text(row.cells[place]) for row in islice(table.rows(), _LOOKED_AT)]
    return all(len(cell) <= _LONGEST for cell in cells)


def _tells_types(table: Table, place: int) -> bool:
    """Return whether a column says of each row that it is a risk or an opportunity, by words that can mean nothing else."""
    further = [(code, word) for code, label in ToldType.choices for word in words_for(code, str(label))]
    known = {normalize_header(str(word)) for _code, word in (*ToldType.choices, *further)} | set(ToldType.values)
    cells = {normalize_header(cell_text(row.cells[place])) for row in islice(table.rows(), _LOOKED_AT)} - {""}
    # Letters alone may be anybody's levels.
    return bool(cells) and cells <= known and any(len(cell) > 1 for cell in cells)
