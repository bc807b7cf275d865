"""The figures on top of the satisfaction page, as plain values: title, value, note, tone, and what opens the rows behind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from clauses.addresses import rows_url
from clauses.assertion import Judgement, Period, Result
from clauses.evaluation import Outcome
from feedback.response_rates import Response
from feedback.score_table import people_in_words, signed
from feedback.scores import Line

TONES = {Result.MET: "met", Result.ATTENTION: "attention", Result.GAP: "gap", Result.NO_EVIDENCE: "none"}


def score_tile(judged: Judgement, url: str) -> dict[str, Any]:
    """Return what the scores were judged to be."""
    return {
        "title": _("Lowest score"),
        "value": judged.value,
        "note": judged.threshold,
        "tone": TONES[judged.result],
        "result": judged.result.label,
        "url": url,
    }


def rate_tile(found: Sequence[Response], population: int | None) -> dict[str, Any]:
    """Return the response rate of the newest of the period's surveys, and how many customers there are to hear."""
    reach = (
        _("%(count)s customers to be heard") % {"count": f"{population:,}"}
        if population
        else _("how many customers are to be heard is not recorded")
    )
    tile = {"title": _("Response rate"), "value": "–", "tone": "", "url": ""}
    if not found:
        return tile | {"note": _("no survey with the people it asked is recorded; %(reach)s") % {"reach": reach}}
    newest = found[-1]
    said = {"wave": newest.wave.title, "words": newest.in_words, "reach": reach}
    return tile | {
        "value": "–" if newest.rate is None else f"{newest.rate:.0f} %",
        "note": _("“%(wave)s”: %(words)s; %(reach)s") % said,
        "tone": "gap" if newest.is_wrong else "",
        "result": _("Wrong"),
        "url": newest.wave.get_absolute_url(),
    }


def promoters_tile(line: Line | None, url: str) -> dict[str, Any]:
    """Return the net promoter score of the recommendation question, and from how many people it is."""
    tile = {"title": _("Net promoter score"), "tone": "", "url": "", "value": "–"}
    if line is None or line.promoters is None or line.promoters.whole.mean is None:
        return tile | {"note": _("no answer to a recommendation question from 0 to 10")}
    score = line.promoters.whole
    said = {"question": line.instrument.question or _("not given"), "people": people_in_words(score)}
    if score.interval is None:
        note = _("“%(question)s”, %(people)s: too few for an interval") % said
        return tile | {"value": _("too few"), "note": note, "url": url}
    ends = {"low": signed(score.interval.low), "high": signed(score.interval.high)}
    note = _("“%(question)s”, %(people)s, 95 %% interval %(low)s to %(high)s") % (said | ends)
    return tile | {"value": signed(score.mean or 0), "note": note, "url": url}


def outcome_tile(outcome: Outcome, period: Period) -> dict[str, Any]:
    """Return what the overview says of a statement."""
    return {
        "title": outcome.assertion.title,
        "value": outcome.value,
        "note": outcome.detail,
        "tone": TONES.get(outcome.result, ""),
        "result": outcome.result.label,
        "url": rows_url(outcome.assertion, period, everything=outcome.exceptions == 0),
    }
