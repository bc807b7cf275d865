"""What stands above the rows of a gap: the sentence, both clocks, the reasons with their numbers, the way to the next gap."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses import periods
from clauses.addresses import rows_url
from clauses.assertion import Assertion, Question, Result
from clauses.decisions import OPEN, decided, way_to_decide
from clauses.evaluation import Outcome, current_evaluation
from organizations import clock
from organizations.request import OrganizationRequest
from registers.lists.arrangement import Arrangement

#: The parameter that narrows the list of a gap to one reason.
REASON = "reason"


def above(
    assertion: Assertion, question: Question, arrangement: Arrangement, request: OrganizationRequest
) -> dict[str, Any]:
    """Return what the template of a gap's list shows above the rows.

    Args:
        assertion: the statement.
        question: what is asked.
        arrangement: of the list, for addresses of it.
        request: whoever looks.
    """
    evaluation = current_evaluation(question.period)
    outcome = next((each for each in evaluation.outcomes if each.code == assertion.code), None)
    critical, chips = _counted(assertion, question, arrangement)
    return {
        "assertion": assertion,
        "period": periods.in_words(question.period),
        "sentence": sentence(outcome) if outcome else "",
        "critical": _critical(critical),
        "tone": "gap" if outcome and outcome.result == Result.GAP else "info",
        "judged_on": question.day,
        "is_over": question.period.last < question.organization.today(),
        "known_at": clock.travelled_to() or evaluation.moment,
        "chips": chips,
        "decided": decided(question, [outcome]).get(assertion.code) if outcome else None,
        "decide_url": _decide_url(request, outcome, question) if outcome else "",
        **_following(assertion, question, evaluation.outcomes),
    }


def _decide_url(request: OrganizationRequest, outcome: Outcome, question: Question) -> str:
    url = way_to_decide(request, outcome.code, question.period) if outcome.result in OPEN else ""
    return f"{url}&{urlencode({'back': request.get_full_path()})}" if url else ""


def sentence(outcome: Outcome) -> str:
    """Return how many of how many rows fall short, in a sentence."""
    words = {"count": f"{outcome.exceptions:,}", "total": f"{outcome.denominator:,}"}
    return (
        ngettext("%(count)s of %(total)s falls short.", "%(count)s of %(total)s fall short.", outcome.exceptions)
        % words
    )


def _critical(count: int) -> str:
    words = {"count": f"{count:,}"}
    return ngettext("%(count)s of them is critical.", "%(count)s of them are critical.", count) % words if count else ""


def _counted(assertion: Assertion, question: Question, arrangement: Arrangement) -> tuple[int, list[dict[str, Any]]]:
    """Return how many exceptions are critical, and each reason with its number and address: one query."""
    rows = assertion.explained(question, assertion.failing(question))
    counts = {f"n_{each.flag}": Count("pk", filter=Q(**{each.flag: True})) for each in assertion.reasons}
    if any(field.name == "criticality" for field in rows.model._meta.concrete_fields):
        counts["n_critical"] = Count("pk", filter=Q(criticality="critical"))
    found = rows.order_by().aggregate(n_all=Count("pk"), **counts)
    said = [(each.name, str(each.text), found[f"n_{each.flag}"]) for each in assertion.reasons]
    chosen = arrangement.parameters.get(REASON, "")
    listed = [("", _("All reasons"), found["n_all"]), *(each for each in said if each[2] or each[0] == chosen)]
    return found.get("n_critical", 0), [
        {
            "label": label,
            "count": count,
            "url": arrangement.address(**{REASON: name, "mend": None}),
            "is_chosen": name == chosen,
        }
        for name, label, count in listed
    ]


def _following(assertion: Assertion, question: Question, outcomes: tuple[Outcome, ...]) -> dict[str, Any]:
    """Return the how many-th of all gaps this is, and where the next one is: after the last comes the first."""
    gaps = [each for each in outcomes if each.result == Result.GAP and rows_url(each.assertion, question.period)]
    codes = [each.code for each in gaps]
    if assertion.code not in codes:
        return {"place": 0, "gaps": len(gaps), "next": gaps and _next(gaps[0], question)}
    place = codes.index(assertion.code) + 1
    return {"place": place, "gaps": len(gaps), "next": len(gaps) > 1 and _next(gaps[place % len(gaps)], question)}


def _next(outcome: Outcome, question: Question) -> dict[str, Any]:
    return {
        "url": rows_url(outcome.assertion, question.period, everything=not outcome.exceptions),
        "title": outcome.assertion.title,
        "code": outcome.code,
    }
