"""The overview's first line: what most needs a director's eye, in a sentence, with the rows' names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db.models import Case, Value, When
from django.utils.translation import gettext as _

from clauses.addresses import rows_url
from clauses.assertion import Gravity, Question, Result, Terms, assertions
from clauses.decisions import Decided
from clauses.evaluation import Evaluation, Outcome
from organizations.models import Targets
from organizations.scope import outside_of_organizations
from organizations.subqueries import KeptCounts
from registers.models import Record
from registers.register import registry

#: Rows that the first line names.
NAMED = 2
#: Statements that it names as those that come next.
_FOLLOWING = 2
_URGENCY = {Result.GAP: 0, Result.NO_EVIDENCE: 1, Result.ATTENTION: 2, Result.MET: 3}


@dataclass(frozen=True)
class Named:
    """A row as the first line names it."""

    title: str
    reference: str
    url: str


@dataclass(frozen=True)
class Headline:
    """The one thing that most needs attention, in words.

    Attributes:
        text: the sentence.
        rows: the rows it speaks of, the gravest first, as far as they are named.
        more: how many others it speaks of.
        why: why it comes first, in a few words each.
        following: what comes next, as codes with addresses.
        code: the statement it is about.
    """

    tone: str
    text: str
    rows: tuple[Named, ...] = ()
    more: int = 0
    url: str = ""
    link_label: str = ""
    why: tuple[str, ...] = ()
    following: tuple[tuple[str, str, str], ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Weight:
    """How much an outcome weighs. What is heavier comes first; of equal ones, the one that the clause names first."""

    urgency: int
    gravity: Gravity
    critical: int
    share: float
    count: int
    is_decided: bool = False

    @property
    def key(self) -> tuple[Any, ...]:
        """The sort key: what is undecided, then harm before anything, then what is critical before what is much."""
        return (
            self.urgency,
            self.is_decided,
            self.gravity is not Gravity.HARM,
            not self.critical,
            -self.gravity,
            -self.share,
            -self.count,
        )


def weigh(outcome: Outcome, critical: int = 0, *, is_decided: bool = False) -> Weight:
    """Weigh an outcome, given how many of its exceptions are critical, and whether top management decided about it."""
    share = outcome.exceptions / outcome.denominator if outcome.denominator else 0.0
    gravity = outcome.assertion.gravity
    return Weight(_URGENCY.get(outcome.result, 4), gravity, critical, share, outcome.exceptions, is_decided)


def grade(outcome: Outcome, targets: Targets) -> str:
    """Say how far a gap reaches, by the limits that the targets set: a row or few, some, or more."""
    # In per cent times rows, so that nothing is rounded: 3 of 100 are not below 3 per cent.
    reach, rows = 100 * outcome.exceptions, outcome.denominator
    words = {"count": f"{outcome.exceptions:,}", "total": f"{outcome.denominator:,}"}
    if outcome.exceptions == 1 or reach < targets.isolated_below * rows:
        return _("isolated, %(count)s of %(total)s") % words
    return (
        _("some, %(count)s of %(total)s")
        if reach <= targets.some_up_to * rows
        else _("systematic, %(count)s of %(total)s")
    ) % words


def headline(evaluation: Evaluation, question: Question, decisions: Mapping[str, Decided] | None = None) -> Headline:
    """Say in words which outcome weighs most.

    Args:
        evaluation: what everything came to.
        question: what was asked: the same, to find the rows.
        decisions: what top management decided about gaps, by code: those that it hasn't decided about come first.
    """
    decisions = decisions or {}
    counted = [outcome for outcome in evaluation.outcomes if outcome.result != Result.NOT_APPLICABLE]
    critical = _critical([each for each in counted if each.result == Result.GAP], question)
    ordered = sorted(
        counted, key=lambda each: weigh(each, critical.get(each.code, 0), is_decided=each.code in decisions).key
    )
    if not ordered or ordered[0].result == Result.MET:
        return Headline("met", _("Every statement of the clause is met."))
    worst = ordered[0]
    if worst.result == Result.GAP:
        following = [each for each in ordered[1:] if each.result == Result.GAP][:_FOLLOWING]
        found = _gap(worst, evaluation, question, critical.get(worst.code, 0), following)
        decision = decisions.get(worst.code)
        return replace(
            found, code=worst.code, why=(*found.why, decision.text if decision else _("not decided by top management"))
        )
    statement = str(worst.assertion.statement)
    if worst.result == Result.NO_EVIDENCE:
        text = _("Nothing is recorded that could show: %(statement)s") % {"statement": statement}
        return Headline("none", text, url=rows_url(worst.assertion, evaluation.period), link_label=_("Begin there"))
    url = rows_url(worst.assertion, evaluation.period, everything=True)
    text = _("%(statement)s (%(detail)s)") % {"statement": statement, "detail": worst.detail}
    return Headline("attention", text, url=url, link_label=_("Show the rows"))


def _gap(
    outcome: Outcome, evaluation: Evaluation, question: Question, critical: int, following: list[Outcome]
) -> Headline:
    assertion = outcome.assertion
    url = rows_url(assertion, evaluation.period, everything=not outcome.exceptions)
    then = tuple(
        (each.code, str(each.assertion.title), rows_url(each.assertion, evaluation.period)) for each in following
    )
    if assertion.says is None or not outcome.exceptions:
        words = {"title": assertion.title, "value": outcome.value, "detail": outcome.detail or outcome.threshold}
        text = _("%(title)s: %(value)s, %(detail)s.") % words
        return Headline("gap", text, url=url, link_label=_("Show the rows") if url else "", following=then)
    rows = _rows(outcome, question)
    why = (*((_("critical"),) if critical else ()), grade(outcome, question.targets))
    text = f"{assertion.says(outcome.exceptions)}."
    label = _("Open it") if outcome.exceptions == 1 else _("Open all")
    return Headline("gap", text, rows, outcome.exceptions - len(rows), url, label if url else "", why, then)


def _rows(outcome: Outcome, question: Question) -> tuple[Named, ...]:
    """Return the first of the rows that fall short: what is critical, or has the highest score, comes first."""
    rows = outcome.assertion.failing(question)
    names = {field.name for field in rows.model._meta.concrete_fields}
    if not issubclass(rows.model, Record):
        return ()
    rows = registry[outcome.assertion.register].rows().filter(pk__in=rows.order_by().values("pk"))
    if "criticality" in names:
        rows = rows.alias(_first=_is_critical()).order_by("-_first", "pk")
    else:
        rows = rows.order_by("-score", "pk") if "score" in names else rows.order_by("pk")
    return tuple(Named(row.title_text, row.reference, row.get_absolute_url()) for row in rows[:NAMED])


def _is_critical() -> Any:
    return Case(When(criticality="critical", then=Value(1)), default=Value(0))


def _critical(gaps: list[Outcome], question: Question) -> dict[str, int]:
    """Return how many exceptions of each gap are critical: one query."""
    codes = [each.code for each in gaps if each.exceptions and _has_criticality(each.code)]
    if not codes:
        return {}
    terms = tuple(assertions[code].terms(question) for code in codes)
    return dict(zip(codes, _counts(tuple(codes), terms).of_current_organization(), strict=True))


def _has_criticality(code: str) -> bool:
    register = registry.get(assertions[code].register)
    return register is not None and any(field.name == "criticality" for field in register.model._meta.concrete_fields)


@lru_cache(maxsize=64)
def _counts(codes: tuple[str, ...], terms: tuple[Terms, ...]) -> KeptCounts:
    with outside_of_organizations():
        counted = [
            assertions[code].counted(each)[1].filter(criticality="critical")
            for code, each in zip(codes, terms, strict=True)
        ]
    return KeptCounts(*counted)
