"""What files may tell of likelihood and consequence, in up to three stages, and the scales that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.beside import Beside
from registers.columns import Column, Numbers, Question
from risks.models.scale import scale_on
from risks.models.stages import STAGES
from risks.models.told import AXES, ENDS, TOLD_ON, TOLD_TYPE, ToldScale, ToldType, field_of, scale_field

_LABELS = {
    ("inherent", "likelihood"): _("Likelihood, inherent"), ("inherent", "consequence"): _("Consequence, inherent"),
    ("current", "likelihood"): _("Likelihood, current"), ("current", "consequence"): _("Consequence, current"),
    ("target", "likelihood"): _("Likelihood, target"), ("target", "consequence"): _("Consequence, target"),
}  # fmt: skip
_SCALE_LABELS = {"likelihood": _("Scale of likelihood"), "consequence": _("Scale of consequence")}


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
