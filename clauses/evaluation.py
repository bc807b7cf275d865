"""The evaluation of the clause.

Overview, sign-off, trend and pack all come from this one value, so they can't disagree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any

from django.core.cache import cache
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clauses.assertion import Assertion, Counts, Period, Question, Result, Terms, assertions
from clauses.models import NotApplicable
from clauses.recorded_after import NOTHING, RecordedAfter, recorded_after
from organizations import clock
from organizations.auditor_scope import AuditScope, audit_scope, limited_to
from organizations.models import Targets
from organizations.scope import current_organization, outside_of_organizations
from organizations.subqueries import KeptCounts
from registers.register import registry
from trail.cache_version import position

#: Seconds after which an evaluation of "now" is made anew even if no row changed: due dates pass by themselves.
FRESH = 600


@dataclass(frozen=True)
class Outcome:
    """The outcome of an assertion; see :class:`clauses.assertion.Judgement` for the numbers.

    ``recorded_after`` counts those of its rows that rest on what was recorded after the period ended.
    """

    code: str
    result: Result
    numerator: int
    denominator: int
    value: str
    detail: str
    threshold: str
    exceptions: int
    recorded_after: RecordedAfter = NOTHING

    @property
    def assertion(self) -> Assertion:
        """The statement behind the outcome."""
        return assertions[self.code]


@dataclass(frozen=True)
class Evaluation:
    """All assertions of an organization for a period, as seen at a moment.

    It has two clocks: it is judged as of ``day``, the period's last or today, by what was known at ``moment``.
    """

    organization: str
    edition: str
    period: Period
    day: date
    moment: datetime
    targets_from: str
    records: int
    outcomes: tuple[Outcome, ...]
    #: Of the rows of all statements together; each is counted once.
    recorded_after: RecordedAfter = NOTHING

    def of(self, sub_clause: str) -> list[Outcome]:
        """Return the outcomes of a sub-clause, given by its letter."""
        return [outcome for outcome in self.outcomes if outcome.code[0] == sub_clause]


def ask(period: Period, moment: datetime | None = None, sites: tuple[int, ...] = ()) -> Question:
    """Return a question about the current organization, or some of its sites.

    Args:
        period: what is asked about.
        moment: as of when; now unless given.
        sites: ids of sites; those in reach unless given.
    """
    organization, moment = current_organization(), moment or clock.now()
    today = moment.astimezone(organization.zone).date()
    day = min(today, period.last)
    return Question(
        organization=organization,
        period=period,
        moment=moment,
        day=day,
        zone=organization.zone,
        figures=Targets.objects.in_force(day).figures(),
        since=Targets.objects.in_force(date.min).effective_from,
        over=day < today,
        sites=sites or audit_scope().sites,
    )


def evaluate(question: Question, sub_clauses: str = "abc") -> Evaluation:
    """Evaluate every assertion of the sub-clauses.

    It takes a fixed number of queries, whatever the number of rows.

    Args:
        question: what is asked.
        sub_clauses: their letters.
    """
    switched_off = dict(NotApplicable.objects.on(question.day).values_list("code", "reason"))
    asked = [assertion for assertion in assertions if assertion.sub_clause in sub_clauses]
    late = recorded_after(question, asked)
    outcomes = (outcome_of(assertion, question, switched_off) for assertion in asked)
    return Evaluation(
        organization=question.organization.name,
        edition=question.organization.edition,
        period=question.period,
        day=question.day,
        moment=question.moment,
        targets_from=f"{question.targets.effective_from:%Y-%m-%d}",
        records=sum(_records(audit_scope()).of_current_organization()),
        outcomes=tuple(replace(each, recorded_after=late.get(each.code, NOTHING)) for each in outcomes),
        recorded_after=late.get("", NOTHING),
    )


def outcome_of(assertion: Assertion, question: Question, switched_off: Mapping[str, str]) -> Outcome:
    """Evaluate one assertion.

    Args:
        assertion: which one.
        question: what is asked.
        switched_off: the reasons of the assertions that don't apply, by code.
    """
    if reason := switched_off.get(assertion.code):
        return Outcome(assertion.code, Result.NOT_APPLICABLE, 0, 0, "–", reason, "", 0)
    if question.period.last < question.since:
        first_day = _("not yet: the first day here is %(day)s") % {"day": date_format(question.since, "j M Y")}
        return Outcome(assertion.code, Result.NO_EVIDENCE, 0, 0, "–", first_day, "", 0)
    counts = counts_of(assertion, question)
    judged = assertion.judge(question, counts, partial(assertion.rows, question))
    detail = judged.detail
    if judged.result == Result.GAP and assertion.gap and not detail:
        detail = assertion.gap(counts.exceptions)
    return Outcome(
        assertion.code,
        judged.result,
        judged.numerator,
        judged.denominator,
        judged.value,
        str(detail),
        judged.threshold,
        counts.exceptions,
    )


def counts_of(assertion: Assertion, question: Question) -> Counts:
    """Count the rows an assertion looks at, the exceptions, and what falls due soon."""
    return Counts(*_counts(assertion.code, assertion.terms(question)).of_current_organization())


@lru_cache(maxsize=1024)
def _counts(code: str, terms: Terms) -> KeptCounts:
    """Write the statement that counts for an assertion, which takes ten times as long as the database does to answer.

    What it depends on besides records and their organization is in the terms: it is made outside of any organization.
    """
    with outside_of_organizations():
        counted = assertions[code].counted(terms)
    return KeptCounts(*counted)


@lru_cache(maxsize=64)
def _records(scope: AuditScope) -> KeptCounts:
    """Write the statement that counts the records in reach, register by register."""
    with outside_of_organizations(), limited_to(scope):
        counted = [register.rows().current() for register in registry]
    return KeptCounts(*counted)


def current_evaluation(period: Period) -> Evaluation:
    """Return the evaluation of what is in reach, now or at the past moment that is looked at.

    Unchanged records cost one lookup: it is kept under the moment and the organization's trail position.
    """
    # The position counts for the past too: a transaction that is still under way may be dated before the moment.
    # Today, since due dates pass without a write; edition and scope, since they change what is asked.
    organization, moment, scope = current_organization(), clock.travelled_to(), audit_scope()
    key = (
        f"evaluation:{organization.pk}:{position()}:{moment.isoformat() if moment else 'now'}:{period}"
        f":{organization.today():%Y-%m-%d}:{organization.edition}:{scope.sub_clauses}:{'.'.join(map(str, scope.sites))}"
    )
    found: Evaluation | None = cache.get(key)
    if found is None:
        found = evaluate(ask(period), scope.sub_clauses or "abc")
        cache.set(key, found, FRESH)
    return found


def exceptions_of(evaluation: Evaluation, question: Question) -> dict[str, dict[str, Any]]:
    """Return the references of each assertion's exceptions, and the reasons with the references they hold for, by code.

    They are the same rows as its number counts; an assertion without exceptions isn't there.
    """
    return {outcome.code: _named(outcome.assertion, question) for outcome in evaluation.outcomes if outcome.exceptions}


def _named(assertion: Assertion, question: Question) -> dict[str, Any]:
    flags = [reason.flag for reason in assertion.reasons]
    rows = assertion.explained(question, assertion.failing(question)).order_by("pk")
    found = list(rows.values_list("reference", *flags))
    reasons = [
        {"name": each.name, "text": str(each.text), "references": [row[0] for row in found if row[place]]}
        for place, each in enumerate(assertion.reasons, start=1)
    ]
    return {"references": [row[0] for row in found], "reasons": [each for each in reasons if each["references"]]}


def as_json(evaluation: Evaluation, exceptions: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    """Return the evaluation as plain JSON data, format ``customerfocus-evaluation/1``.

    Args:
        evaluation: what to write down.
        exceptions: what :func:`exceptions_of` says of them; left out where not given.
    """
    return {
        "format": "customerfocus-evaluation/1",
        "organization": evaluation.organization,
        "edition": evaluation.edition,
        "period": {"from": f"{evaluation.period.first:%Y-%m-%d}", "to": f"{evaluation.period.last:%Y-%m-%d}"},
        "judged_on": evaluation.day,
        "moment": evaluation.moment,
        "recorded_after": asdict(evaluation.recorded_after),
        "targets_from": evaluation.targets_from,
        "records": evaluation.records,
        "assertions": [_plain(outcome, evaluation, exceptions) for outcome in evaluation.outcomes],
    }


def _plain(outcome: Outcome, evaluation: Evaluation, named: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    assertion = outcome.assertion
    exceptions: dict[str, Any] = {"count": outcome.exceptions}
    if named is not None:
        exceptions |= named.get(outcome.code, {"references": [], "reasons": []})
    return {
        "code": outcome.code,
        "sub_clause": assertion.sub_clause,
        "verb": str(assertion.verb.label),
        "title": str(assertion.title),
        "statement": str(assertion.statement),
        "clauses": list(assertion.clauses.get(evaluation.edition, ())),
        "result": str(outcome.result.value),
        "numerator": outcome.numerator,
        "denominator": outcome.denominator,
        "value": outcome.value,
        "detail": outcome.detail,
        "threshold": outcome.threshold,
        "data_date": evaluation.moment,
        "register": assertion.register,
        "exceptions": exceptions,
        "recorded_after": asdict(outcome.recorded_after),
    }
