"""Decisions of top management on gaps: taking one, and which of them hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from actions.models import Action
from clauses import decisions
from clauses.assertion import Period, Question
from clauses.decisions import Decided
from clauses.evaluation import Outcome, ask
from organizations import clock
from organizations.models import User
from organizations.scope import current_organization
from registers.formatting import text_of
from registers.models import ReferenceCounter
from reviews.models import GapDecision
from reviews.sign_off.signer import signer_of
from reviews.sign_off.snapshot import Plain
from reviews.sign_off.statement import Decision, NewAction
from trail.actor import acting


@transaction.atomic
def decide(period: Period, decision: Decision, entry: Plain, *, by: User, legal: bool | None = None) -> GapDecision:
    """Write down what top management decides about a gap; who and when come from the account.

    Args:
        period: what was looked at.
        decision: what is decided.
        entry: the statement, as it was evaluated.
        by: who decides.
        legal: whether a law asks for what falls short; asked unless given.

    Raises:
        ValidationError: they aren't top management today, something is missing, or a law doesn't let it be accepted.
    """
    signer = signer_of(by)
    doubts = decision.doubts() or _beyond(period, decision, legal)
    if doubts:
        raise ValidationError([f"{decision.code}: {doubt}" for doubt in doubts])
    (reference,) = ReferenceCounter.take(GapDecision.prefix)
    with acting(by):
        action = _action(decision, entry, reference)
        return GapDecision.objects.create(  # type: ignore[no-any-return]
            reference=reference,
            code=decision.code,
            kind=decision.kind,
            result=entry["result"],
            value=entry["value"],
            exceptions=entry["exceptions"]["count"],
            period_from=period.first,
            period_to=period.last,
            action=action,
            reason=decision.reason.strip(),
            until=action.due_on if action else decision.until,
            decided_by=by,
            printed_name=signer.name,
            job_title=signer.job_title,
            # The real time, not that of a past that is looked at: deciding is a matter of the present.
            decided_at=clock.present(),
        )


def _beyond(period: Period, decision: Decision, legal: bool | None) -> list[str]:
    """Return why nobody can decide so: what a law asks can be treated, not accepted."""
    if decision.kind == GapDecision.Kind.TREAT:
        return []
    if legal is None:
        legal = bool(decisions.legal(ask(period), [decision.code]))
    return [_("A law asks for what falls short here: it can be treated, not accepted.")] if legal else []


def _action(decision: Decision, entry: Plain, reference: str) -> Action | None:
    if not isinstance(decision.action, NewAction):
        return decision.action
    action = Action(
        title=decision.action.title.strip(),
        owner=decision.action.owner,
        due_on=decision.action.due_on,
        kind=Action.Kind.CORRECTIVE,
        description=_("Decided by top management (%(reference)s) about %(code)s: %(statement)s")
        % {"reference": reference, "code": entry["code"], "statement": entry["statement"]},
    )
    action.full_clean(exclude=["organization", "reference"])
    action.save()
    return action


def holding(question: Question, exceptions: dict[str, int]) -> dict[str, GapDecision]:
    """Return the decisions that hold today about gaps as they are now, by code: two queries.

    Args:
        question: what is asked.
        exceptions: how many rows fall short of each gap's statement, by its code.
    """
    running = GapDecision.objects.running(current_organization().today())
    found = {code: running[code] for code in exceptions if code in running}
    accepted = [code for code, each in found.items() if each.kind != GapDecision.Kind.TREAT]
    legal = decisions.legal(question, accepted)
    return {code: each for code, each in found.items() if each.covers(exceptions[code], legal=code in legal)}


def in_short(row: GapDecision) -> str:
    """Return a decision in a few words, as beside a number."""
    if row.action:
        words = {"action": row.action.reference, "day": text_of(row.until)}
        return (_("treated, %(action)s, until %(day)s") if row.until else _("treated, %(action)s")) % words
    text = _("accepted until %(day)s") if row.kind == GapDecision.Kind.ACCEPT else _("not relevant until %(day)s")
    return text % {"day": text_of(row.until)}


def of_outcomes(question: Question, outcomes: Iterable[Outcome]) -> dict[str, Decided]:
    """Return what overview and lists say of the decisions that hold."""
    found = holding(question, {each.code: each.exceptions for each in outcomes})
    return {code: _said(row) for code, row in found.items()}


def _said(row: GapDecision) -> Decided:
    words = {
        "name": row.printed_name,
        "title": row.job_title,
        "day": text_of(current_organization().day_of(row.decided_at)),
    }
    reason = row.reason or (row.action.title if row.action else "")
    return Decided(in_short(row), reason, _("%(name)s, %(title)s, %(day)s") % words)


def as_json(row: GapDecision) -> dict[str, Any]:
    """Return a decision as evidence packs carry it, format ``customerfocus-decision/1``."""
    return {
        "format": "customerfocus-decision/1",
        "reference": row.reference,
        "code": row.code,
        "decision": row.kind,
        "about": {
            "period": {"from": row.period_from, "to": row.period_to},
            "result": row.result,
            "value": row.value,
            "exceptions": row.exceptions,
        },
        "action": row.action.reference if row.action else None,
        "reason": row.reason,
        "until": row.until,
        "decided_by": {"name": row.printed_name, "job_title": row.job_title},
        "decided_at": row.decided_at,
    }
