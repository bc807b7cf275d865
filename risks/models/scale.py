"""The organization's scale: what its levels are called, and how bad each score is.

Each version judges the days on which it was in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organizations.querysets import version_in_force
from organizations.scope import current_organization
from risks.querysets import ScaleQuerySet
from trail.models import AppendOnly, TrackedManager

#: Fewest and most levels an axis may have.
AXIS = range(2, 11)
#: How a level may be shown: a status has a shape beside its colour.
TONES = {
    "met": _("green, check"),
    "neutral": _("grey, dot"),
    "info": _("grey, i"),
    "attention": _("amber, triangle"),
    "gap": _("red, square"),
}


@dataclass(frozen=True)
class Band:
    """A level: its name, the tone it is shown in, and the lowest score that belongs to it."""

    name: str
    tone: str
    start: int


@dataclass(frozen=True)
class Grid:
    """One scale's axes and its bands, each from the lowest up.

    Levels count from 1; a score is their product.
    """

    likelihood: tuple[str, ...]
    consequence: tuple[str, ...]
    bands: tuple[Band, ...]

    def band(self, score: int) -> Band:
        """Return the level a score belongs to."""
        return next((band for band in reversed(self.bands) if score >= band.start), self.bands[0])

    def has_axes_of(self, other: Grid) -> bool:
        """Return whether scores of both mean the same: their axes have the same levels."""
        return (self.likelihood, self.consequence) == (other.likelihood, other.consequence)


class Scale(AppendOnly):
    """A version of the scale that risks and opportunities are assessed on.

    It is in force from a day until the next version's.

    ``bands`` and ``opportunity_bands`` are lists of ``{"name", "tone", "from"}`` by ascending score, the first from 1.
    """

    effective_from = models.DateField(_("in force from"))
    likelihood_levels = models.JSONField(
        _("levels of likelihood"), help_text=_("Lowest first; opportunities use them as probability.")
    )
    consequence_levels = models.JSONField(_("levels of consequence"), help_text=_("Lowest first."))
    benefit_levels = models.JSONField(_("levels of benefit"), help_text=_("Of opportunities, lowest first."))
    bands = models.JSONField(_("levels of risk"))
    opportunity_bands = models.JSONField(_("levels of opportunity"))
    appetite = models.PositiveSmallIntegerField(
        _("risk appetite"), help_text=_("The highest score that is acceptable without further action.")
    )
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why this version replaces the one before."))

    objects: ClassVar[Any] = TrackedManager.from_queryset(ScaleQuerySet)()

    class Meta(AppendOnly.Meta):
        ordering = ("-effective_from",)
        verbose_name = _("scale")
        verbose_name_plural = _("scales")
        constraints = (
            models.UniqueConstraint(
                fields=("organization", "effective_from"),
                name="scale_once_a_day",
                violation_error_message=_("A version from this day exists. Choose another day."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.effective_from:%Y-%m-%d}"

    @property
    def risk_grid(self) -> Grid:
        """Likelihood × consequence, and the levels of risk."""
        return Grid(tuple(self.likelihood_levels), tuple(self.consequence_levels), _bands(self.bands))

    @property
    def opportunity_grid(self) -> Grid:
        """Probability × benefit, and the levels of opportunity."""
        return Grid(tuple(self.likelihood_levels), tuple(self.benefit_levels), _bands(self.opportunity_bands))

    def clean(self) -> None:
        errors: dict[str, Any] = {}
        for name in ("likelihood_levels", "consequence_levels", "benefit_levels"):
            if problem := axis_problem(getattr(self, name)):
                errors[name] = problem
        if not errors:
            rows = len(self.likelihood_levels)
            for name, width in (
                ("bands", len(self.consequence_levels)),
                ("opportunity_bands", len(self.benefit_levels)),
            ):
                if problem := bands_problem(getattr(self, name), rows * width):
                    errors[name] = problem
            if self.appetite is not None and self.appetite > rows * len(self.consequence_levels):
                errors["appetite"] = _("The highest score of this scale is %(score)s.") % {
                    "score": rows * len(self.consequence_levels)
                }
        if errors:
            raise ValidationError(errors)


def _bands(plain: Sequence[dict[str, Any]]) -> tuple[Band, ...]:
    return tuple(Band(band["name"], band["tone"], band["from"]) for band in plain)


def axis_problem(levels: Sequence[Any]) -> str:
    """Return what is wrong with an axis's levels, in words; empty where nothing is."""
    if not isinstance(levels, list) or not all(
        isinstance(level, str) and 0 < len(level.strip()) <= 60 for level in levels
    ):
        return gettext("Give each level a name of at most 60 letters, one a line, the lowest first.")
    if len(levels) not in AXIS:
        return gettext("An axis has %(fewest)s to %(most)s levels; these are %(count)s.") % {
            "fewest": AXIS[0],
            "most": AXIS[-1],
            "count": len(levels),
        }
    return "" if len(set(levels)) == len(levels) else gettext("Two levels have the same name.")


def bands_problem(bands: Sequence[Any], highest: int) -> str:
    """Return what is wrong with a list of bands, in words; empty where nothing is.

    Args:
        bands: levels as :class:`Scale` keeps them.
        highest: the highest score of the grid.
    """
    if not isinstance(bands, list) or not bands or not all(_is_band(band) for band in bands):
        return gettext("Each level needs a name, a colour and the lowest score that belongs to it.")
    starts = [band["from"] for band in bands]
    if starts[0] != 1 or starts != sorted(set(starts)):
        return gettext("The first level begins at 1, and each further one at a higher score than the one before.")
    if starts[-1] > highest:
        return gettext("A level begins at %(score)s, but the highest score of this scale is %(highest)s.") % {
            "score": starts[-1],
            "highest": highest,
        }
    return "" if len({band["name"] for band in bands}) == len(bands) else gettext("Two levels have the same name.")


def _is_band(band: object) -> bool:
    return (
        isinstance(band, dict)
        and set(band) == {"name", "tone", "from"}
        and isinstance(band["name"], str)
        and 0 < len(band["name"].strip()) <= 60
        and band["tone"] in TONES
        # Not ``isinstance``: JSON's true would be a number.
        and type(band["from"]) is int
    )


def default_scale(day: date) -> Scale:
    """Return an unsaved scale of five by five levels, named in the organization's language."""
    with translation.override(current_organization().language):
        return Scale(
            effective_from=day,
            likelihood_levels=[
                gettext("Rare"),
                gettext("Unlikely"),
                gettext("Possible"),
                gettext("Likely"),
                gettext("Almost certain"),
            ],
            consequence_levels=[
                gettext("Negligible"),
                gettext("Minor"),
                gettext("Moderate"),
                gettext("Major"),
                gettext("Severe"),
            ],
            benefit_levels=[
                gettext("Very small"),
                gettext("Small"),
                gettext("Moderate"),
                gettext("Large"),
                gettext("Very large"),
            ],
            bands=[
                {"name": gettext("Low"), "tone": "met", "from": 1},
                {"name": gettext("Medium"), "tone": "info", "from": 5},
                {"name": gettext("High"), "tone": "attention", "from": 10},
                {"name": gettext("Very high"), "tone": "gap", "from": 15},
            ],
            opportunity_bands=[
                {"name": gettext("Small"), "tone": "neutral", "from": 1},
                {"name": gettext("Worthwhile"), "tone": "info", "from": 5},
                {"name": gettext("Large"), "tone": "met", "from": 10},
            ],
            appetite=9,
            reason=gettext("The scale to begin with."),
        )


def scale_on(day: date) -> Scale:
    """Return the scale in force on a day, or the unsaved default where there is none.

    For pages that only show: nothing is written.
    """
    return Scale.objects.in_force(day) or default_scale(day)


def ensure_scale(day: date | None = None) -> Scale:
    """Return the scale in force on a day (today); where there is none, write the default one."""
    day = day or current_organization().today()
    found: Scale | None = Scale.objects.in_force(day)
    if found is None:
        default = default_scale(day)
        values = {
            field.name: getattr(default, field.name)
            for field in Scale._meta.concrete_fields
            if field.name not in ("id", "organization", "effective_from")
        }
        # Somebody else's first assessment may be writing it at the same time: one a day, by a constraint.
        found, _made = Scale.objects.get_or_create(
            organization=current_organization(), effective_from=day, defaults=values
        )
    return found


def scales_for(days: Iterable[date]) -> dict[date, Scale]:
    """Return the scale in force on each of the days, all read at once.

    The default one is written down where there is none.
    """
    wanted = sorted(days)
    if not wanted:
        return {}
    versions = list(Scale.objects.order_by("effective_from")) or [ensure_scale(wanted[0])]
    return {day: version_in_force(versions, day) for day in wanted}
