"""The columns of files that tell likelihood and consequence, in up to three stages, and how they are recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.beside import Beside
from registers.columns import Column, Numbers, Question
from registers.parsing.choice_words import words_for
from risks.models.scale import scale_on
from risks.models.stages import STAGES
from risks.models.told import AXES, ENDS, TOLD_ON, TOLD_TYPE, ToldScale, ToldType, field_of, scale_field
from spreadsheets.headers import normalize_header
from spreadsheets.table import Table, cell_text

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
_LABELS = {
    ("inherent", "likelihood"): _("Likelihood, inherent"), ("inherent", "consequence"): _("Consequence, inherent"),
    ("current", "likelihood"): _("Likelihood, current"), ("current", "consequence"): _("Consequence, current"),
    ("target", "likelihood"): _("Likelihood, target"), ("target", "consequence"): _("Consequence, target"),
}  # fmt: skip
_SCALE_LABELS = {"likelihood": _("Scale of likelihood"), "consequence": _("Scale of consequence")}
#: Rows that are looked at, and the longest text that is a level rather than a sentence.
_LOOKED_AT, _LONGEST = 200, 40


def told(grid_name: str, others: Mapping[str, str]) -> tuple[Beside, ...]:
    """Return what files may tell beside the rows of a register that is assessed on a grid.

    Args:
        grid_name: the grid.
        others: type of a row → slug of the register to which it belongs, where that is another one.
    """
    numbers = [
        Beside(
            Column(field_of(stage, axis), label=_LABELS[stage, axis]),
            models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True),
        )
        for stage in STAGES
        for axis in AXES
    ]
    scales = [
        Beside(
            Column(
                scale_field(axis),
                label=_SCALE_LABELS[axis],
                asked_with=tuple(field_of(stage, axis) for stage in STAGES),
                question=Question(_proposes(grid_name, axis)),
            ),
            models.CharField(max_length=8, choices=ToldScale, blank=True),
        )
        for axis in AXES
    ]
    day = Beside(
        Column(
            TOLD_ON,
            label=_("Assessed on, as told"),
            words=("assessed on", "last assessment", "date of assessment", "bewertet am", "datum der bewertung"),
        ),
        models.DateField(null=True, blank=True),
    )
    kind = Beside(
        Column(TOLD_TYPE, label=_("Risk or opportunity, as told")),
        models.CharField(max_length=12, choices=ToldType, blank=True),
        leads_to=others,
    )
    return (*numbers, *scales, day, kind)


def _proposes(grid_name: str, axis: str) -> Any:
    """Return what proposes the scale of an axis: the organization's own where the numbers fit it, else the shortest."""

    def proposed(numbers: Numbers) -> str:
        low, high = numbers.low, numbers.high
        whole = low % 1 == 0 and high % 1 == 0
        levels = len(getattr(getattr(scale_on(current_organization().today()), grid_name), axis))
        fits = [
            code for code, (lowest, highest) in ENDS.items()
            if lowest <= low and high <= highest and (whole or code in ("percent", "share"))
        ]  # fmt: skip
        if not whole and high <= 1:
            return "share"
        if any("%" in header for header in numbers.headers):
            return "percent" if "percent" in fits else ""
        if fits == ["percent"] and high <= 2 * ENDS["ten"][1]:
            # Likelier slips than per cent.
            return ""
        fits = [code for code in fits if code != "share"]
        return next((code for code in fits if ENDS[code] == (1, levels)), fits[0] if fits else "")

    return proposed


def recognised(table: Table, without_stage: str = "") -> Mapping[str, str]:
    """Return by field the headers of a table that name an axis and a stage, and the one that tells risks from opportunities.

    Of a stage both axes are recognised, or none.

    Args:
        table: the file.
        without_stage: the stage of columns that name none; empty: they are left to others.
    """
    found: dict[tuple[str, str], str] = {}
    for place, header in enumerate(table.headers):
        words = set(normalize_header(header).split())
        axes = [axis for axis in AXES if words & _AXIS_WORDS[axis]]
        stages = [stage for stage in STAGES if words & _STAGE_WORDS[stage]]
        if not stages and without_stage and words <= _AXIS_WORDS["likelihood"] | _AXIS_WORDS["consequence"]:
            stages = [without_stage]
        if len(axes) == 1 and len(stages) == 1 and _holds_levels(table, place):
            found.setdefault((stages[0], axes[0]), header)
    whole = [stage for stage in STAGES if all((stage, axis) in found for axis in AXES)]
    types = [(TOLD_TYPE, header) for place, header in enumerate(table.headers) if _tells_types(table, place)]
    return dict(types[:1]) | {field_of(stage, axis): found[stage, axis] for stage in whole for axis in AXES}


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
