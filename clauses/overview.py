"""The overview as plain values, in the order in which the template shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from clauses.addresses import rows_url
from clauses.assertion import SUB_CLAUSES, Period, Result
from clauses.decisions import Decided
from clauses.evaluation import Evaluation, Outcome
from clauses.recorded_after import in_words
from clauses.trends import kept_days
from organizations.auditor_scope import audit_scope

#: Size of the box that a trend line is drawn in.
SPARK_WIDTH, SPARK_HEIGHT = 64, 20
#: Points of a trend line.
SPARK_POINTS = 12
_TONES = {Result.GAP: "gap", Result.NO_EVIDENCE: "none", Result.ATTENTION: "attention", Result.MET: "met"}


@dataclass(frozen=True)
class Part:
    """The part of the overview that another app adds.

    It is lines below the headline, and buttons by their names in ``urls``.
    """

    notices: list[dict[str, str]] = field(default_factory=list)
    urls: dict[str, str] = field(default_factory=dict)


#: Functions of request and period that say what another app adds; each a fixed number of queries. Apps add theirs.
parts: list[Callable[[Any, Period], Part]] = []


def columns(evaluation: Evaluation, decisions: Mapping[str, Decided] | None = None) -> list[dict[str, Any]]:
    """Return the sub-clauses in reach, under each its verbs, under each its assertions.

    Args:
        evaluation: what everything came to.
        decisions: what top management decided about gaps, by code.
    """
    trends = _trends(evaluation)
    return [
        _column(letter, title, evaluation, trends, decisions or {})
        for letter, title in SUB_CLAUSES.items()
        if audit_scope().includes(letter)
    ]


def _column(
    letter: str, title: Any, evaluation: Evaluation, trends: dict[str, str], decisions: Mapping[str, Decided]
) -> dict[str, Any]:
    outcomes = evaluation.of(letter)
    verbs = [
        {
            "title": str(verb.label),
            "assertions": [_line(o, evaluation.period, trends) | {"decided": decisions.get(o.code)} for o in group],
            **_tally(group),
        }
        for verb, group in (
            (verb, list(found)) for verb, found in groupby(_by_verb(outcomes), key=lambda o: o.assertion.verb)
        )
    ]
    return {"letter": letter, "title": title, "verbs": verbs, **_tally(outcomes)}


def _by_verb(outcomes: list[Outcome]) -> list[Outcome]:
    order = list(type(outcomes[0].assertion.verb)) if outcomes else []
    return sorted(outcomes, key=lambda outcome: order.index(outcome.assertion.verb))


def _tally(outcomes: list[Outcome]) -> dict[str, int]:
    counted = [outcome for outcome in outcomes if outcome.result != Result.NOT_APPLICABLE]
    return {"met": sum(outcome.result == Result.MET for outcome in counted), "total": len(counted)}


def _line(outcome: Outcome, period: Period, trends: dict[str, str]) -> dict[str, Any]:
    assertion = outcome.assertion
    return {
        "code": outcome.code,
        "title": assertion.title,
        "statement": assertion.statement,
        "result": outcome.result.value,
        "result_label": outcome.result.label,
        "tone": _TONES.get(outcome.result, "neutral"),
        "number": outcome.value,
        "note": " · ".join(filter(None, (outcome.detail, in_words(asdict(outcome.recorded_after))))),
        "url": rows_url(assertion, period, everything=outcome.exceptions == 0),
        "spark_points": trends.get(outcome.code, ""),
    }


def _trends(evaluation: Evaluation) -> dict[str, str]:
    """Return the points of each assertion's trend line, by code.

    A point is the share that held, on one of the last days that were kept.
    """
    if audit_scope().sites:  # the days that were kept are of all sites together
        return {}
    shares: dict[str, list[float]] = {}
    for snapshot in kept_days(evaluation.period.last, SPARK_POINTS):
        for entry in snapshot.evaluation["assertions"]:
            if entry["denominator"]:
                shares.setdefault(entry["code"], []).append(entry["numerator"] / entry["denominator"])
    return {code: spark_points(values) for code, values in shares.items() if len(values) > 1}


def spark_points(values: list[float]) -> str:
    """Return an SVG polyline's points, in a box of SPARK_WIDTH × SPARK_HEIGHT.

    Args:
        values: at least two between 0 and 1, oldest first.
    """
    step = (SPARK_WIDTH - 4) / (len(values) - 1)
    return " ".join(
        f"{2 + index * step:.1f},{SPARK_HEIGHT - 3 - value * (SPARK_HEIGHT - 6):.1f}"
        for index, value in enumerate(values)
    )
