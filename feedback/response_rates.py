"""The number of customers there are to hear, and how far a score speaks for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from feedback.models import SatisfactionMethod
from feedback.scores import Score


@dataclass(frozen=True)
class SurveyPopulation:
    """The customers that the monitoring methods are for, and how many were asked last time.

    None: not recorded.
    """

    population: int | None
    asked: int | None


def survey_population(segment: str = "") -> SurveyPopulation:
    """Return what the monitoring methods say, of one segment or of all together: one query.

    Several methods for one segment share its population, so the largest of them counts; those who were asked add up.
    """
    methods = SatisfactionMethod.objects.visible().current()
    if segment:
        methods = methods.filter(segment__iexact=segment)
    populations: dict[str, int] = {}
    asked = 0
    for name, population, invited in methods.values_list("segment", "population_size", "asked"):
        populations[name.casefold()] = max(populations.get(name.casefold(), 0), population or 0)
        asked += invited or 0
    return SurveyPopulation(sum(populations.values()) or None, asked or None)


def in_words(score: Score, known: SurveyPopulation) -> str:
    """Return n, population, response rate and interval of a score.

    What is not known is said to be so.
    """
    n = f"{score.n:,}"
    parts = [
        _("n %(n)s of %(population)s") % {"n": n, "population": f"{known.population:,}"}
        if known.population
        else _("n %(n)s, population not recorded") % {"n": n}
    ]
    # More answers than people asked: others answered too, and a rate above 100 % would say nothing.
    if known.asked and known.asked >= score.n:
        parts.append(_("response rate %(rate)s %%") % {"rate": round(100 * score.n / known.asked)})
    else:
        parts.append(_("response rate not known"))
    if score.interval:
        parts.append(
            _("95 %% interval %(low)s to %(high)s")
            % {"low": f"{score.interval.low:.1f}", "high": f"{score.interval.high:.1f}"}
        )
    return "; ".join(parts)
