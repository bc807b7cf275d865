"""What a file tells of likelihood and consequence, stage by stage, and the assessments that come of it.

Kept apart from the analysis of failure modes, whose ratings stand in the risk itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registers.models import ImportOutcome
from risks.models.scale import Grid, Scale, scales_for
from risks.models.stages import STAGES, today
from trail.actor import actor

if TYPE_CHECKING:
    from risks.models.assessable import Assessable
    from risks.models.assessment import Assessment

AXES = ("likelihood", "consequence")
#: The day of all that a row tells.
TOLD_ON = "told_on"
#: Whether a row says that it is a risk or an opportunity: sheets of both have a column for that.
TOLD_TYPE = "told_type"


class ToldType(models.TextChoices):
    """What a row of a sheet of risks and opportunities is."""

    RISK = "risk", gettext_lazy("Risk")
    OPPORTUNITY = "opportunity", gettext_lazy("Opportunity")


class ToldScale(models.TextChoices):
    """The scale on which a file tells one axis: its lowest number is always the least."""

    OWN = "own", gettext_lazy("the levels of your own scale, 1 the lowest")
    THREE = "three", gettext_lazy("1 to 3")
    FOUR = "four", gettext_lazy("1 to 4")
    FIVE = "five", gettext_lazy("1 to 5")
    SIX = "six", gettext_lazy("1 to 6")
    TEN = "ten", gettext_lazy("1 to 10")
    PERCENT = "percent", gettext_lazy("per cent, 0 to 100")
    SHARE = "share", gettext_lazy("shares, 0 to 1")


#: Scale → its lowest and highest number; the organization's own has as many levels as it has.
ENDS = {"three": (1, 3), "four": (1, 4), "five": (1, 5), "six": (1, 6), "ten": (1, 10), "percent": (0, 100), "share": (0, 1)}  # fmt: skip


def field_of(stage: str, axis: str) -> str:
    """Return what a stage's number on an axis is called in imports."""
    return f"{stage}_{axis}"


def tells(told: Mapping[str, Any], stage: str) -> bool:
    """Return whether a row tells both numbers of a stage."""
    return all(told.get(field_of(stage, axis)) is not None for axis in AXES)


def scale_field(axis: str) -> str:
    """Return what the scale of an axis is called in imports."""
    return f"{axis}_scale"


class _Told(NamedTuple):
    stage: str
    likelihood: int
    consequence: int
    words: str


def errors_of(record: Assessable, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wrong with what a row tells, by field: what lies off its scale, days to come."""
    found: dict[str, Any] = {}
    day = told.get(TOLD_ON)
    if day and day > today():
        return {TOLD_ON: _("This lies in the future. Check day and month.")}
    grid = record.grid_of(scales_for([day or today()])[day or today()])
    for stage in STAGES:
        for axis in AXES:
            value, scale = told.get(field_of(stage, axis)), told.get(scale_field(axis))
            if value is None or not scale:
                continue
            low, high = _ends(grid, axis, scale)
            if not low <= value <= high or (scale not in ("percent", "share") and value % 1):
                found[field_of(stage, axis)] = _("%(value)s is not on the scale: %(scale)s.") % {
                    "value": f"{value.normalize():f}",
                    "scale": _("%(low)s to %(high)s") % {"low": low, "high": high},
                }
    return found


def new_assessments(rows: Sequence[tuple[Assessable, Mapping[str, Any]]]) -> list[list[Assessment]]:
    """Return for each row the assessments, not saved, that come of what it tells; none that says what is held already."""
    days = {told.get(TOLD_ON) or today() for _row, told in rows if told}
    if not days:
        return [[] for _row in rows]
    scales = scales_for(days)
    meta: Any = rows[0][0]._meta
    model: Any = meta.get_field("assessments").related_model
    held = model.objects.in_bulk(
        {key for row, _told in rows for stage in STAGES if (key := getattr(row, f"{stage}_id")) is not None}
    )
    found = []
    for row, told in rows:
        day = told.get(TOLD_ON) or today()
        each = [_assessment(model, row, one, scales[day], day) for one in _stages(row.grid_of(scales[day]), told)]
        found.append([one for one in each if not _says_what(one, held.get(getattr(row, f"{one.stage}_id")))])
    return found


def outcomes_of(rows: Sequence[tuple[Assessable, Mapping[str, Any]]]) -> list[list[ImportOutcome]]:
    """Return what the preview says of each row: its assessments, and stages of which one number is missing."""
    found = []
    for (_row, told), assessments in zip(rows, new_assessments(rows), strict=True):
        said = [
            ImportOutcome(f"{one.get_stage_display()}: {one.level[0]}", one.level[1], one.axes_text)
            for one in assessments
        ]
        found.append([*said, *_halves(told)])
    return found


def _halves(told: Mapping[str, Any]) -> Iterator[ImportOutcome]:
    for stage in STAGES:
        numbers = [told.get(field_of(stage, axis)) for axis in AXES]
        if numbers.count(None) == 1:
            yield ImportOutcome(_("Not assessed: one of the two numbers is missing"), "none", _(stage.capitalize()))


def _stages(grid: Grid, told: Mapping[str, Any]) -> Iterator[_Told]:
    """Yield the stages of which both numbers are told, as levels of the organization's scale."""
    for stage in STAGES:
        levels, words = [], []
        for axis in AXES:
            number, scale = told.get(field_of(stage, axis)), told.get(scale_field(axis))
            if number is not None and scale:
                low, high = _ends(grid, axis, scale)
                levels.append(_level(number, high, len(getattr(grid, axis))))
                shown = {"value": f"{number.normalize():f}", "low": low, "high": high}
                words.append(_("%(value)s of %(low)s to %(high)s") % shown)
        if len(levels) == len(AXES):
            yield _Told(stage, levels[0], levels[1], " × ".join(words))


def _ends(grid: Grid, axis: str, scale: str) -> tuple[int, int]:
    return ENDS.get(scale) or (1, len(getattr(grid, axis)))


def _level(value: Decimal, highest: int, levels: int) -> int:
    """Return the level, from 1, of a number between 0 and ``highest``; each includes its upper end, all are equally wide."""
    exact = (value * levels / highest).to_integral_value(ROUND_CEILING)
    return max(1, min(levels, int(exact)))


def _assessment(model: Any, row: Assessable, told: _Told, scale: Scale, day: date) -> Assessment:
    made: Assessment = model(
        **{model.record_field: row},
        scale=scale,
        stage=told.stage,
        assessed_on=day,
        assessor=actor(),
        likelihood=told.likelihood,
        consequence=told.consequence,
        score=told.likelihood * told.consequence,
        rationale=_("From an imported register: %(numbers)s, scaled onto the levels in force.")
        % {"numbers": told.words},
    )
    return made


def _says_what(one: Assessment, other: Any) -> bool:
    return other is not None and (one.scale_id, one.likelihood, one.consequence) == (
        other.scale_id,
        other.likelihood,
        other.consequence,
    )
