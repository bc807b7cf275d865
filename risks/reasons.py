"""Why rows of sub-clause b are exceptions of its statements."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clauses.assertion import Terms
from clauses.reasons import Reason, Step, missing, part
from organizations.members import valid_members
from organizations.roles import Action
from requirements_registry.intervals import due
from risks import populations
from risks.models import Acceptance, NoSignificantRisk

_ACCEPT = Step(label=_("Accept"), page="risks:accept", action=Action.ACCEPT, subject="risks")
_ACT = Step(label=_("Plan an action"), page="actions-create", action=Action.ADD, subject="actions", fills="origin")
_ASSESS = {
    slug: Step(label=_("Assess"), page=f"{slug}-assessments-add", action=Action.CHANGE, subject=slug)
    for slug in ("risks", "opportunities")
}


def _issue_overdue(terms: Terms, rows: Any) -> Any:
    return rows.review_due(None, terms.ago(1), terms.day, terms.targets.review_days)


def _owner_left(terms: Terms, rows: Any) -> Any:
    return rows.exclude(owner=None).filter(~Q(owner__in=valid_members(terms.day).order_by().values("pk")))


def _overdue(terms: Terms, rows: Any) -> Any:
    return rows.assessment_due(None, terms.ago(1), terms.targets.assessment_days)


def _of_other_scale(terms: Terms, rows: Any) -> Any:
    return rows.exclude(_assessed_on=None).filter(~Q(_scale__in=terms.given.comparable))


def _next_assessment(terms: Terms) -> Any:
    return due("assessed_on", "review_days", terms.targets.assessment_days)


def _assessed(slug: str) -> tuple[Reason, ...]:
    step = (_ASSESS[slug],)
    return (
        missing("no-owner", "owner", _("Nobody owns it"), None),
        Reason(name="owner-left", text=_("Its owner isn’t a member"), columns=("owner",), holds=_owner_left),
        Reason(
            name="never-assessed",
            text=_("It was never assessed"),
            columns=("assessed_on",),
            holds=part(_overdue, _assessed_on=None, _scale=None),
            steps=step,
        ),
        Reason(
            name="assessed-before-measures-only",
            text=_("It was assessed as it was before measures, never as it stands now"),
            columns=("assessed_on", "level"),
            holds=part(_overdue, _assessed_on=None, _scale__isnull=False),
            steps=step,
        ),
        Reason(
            name="assessment-late",
            text=_("Its last assessment is too long ago"),
            columns=("assessed_on",),
            holds=part(_overdue, _assessed_on__isnull=False),
            due=_next_assessment,
            steps=step,
        ),
        Reason(
            name="other-scale",
            text=_("It was assessed on a scale that is no longer in force"),
            columns=("level",),
            holds=_of_other_scale,
            steps=step,
        ),
    )


def _considered_before(terms: Terms) -> Any:
    return Exists(NoSignificantRisk.objects.filter(requirement=OuterRef("pk"), decided_on__lte=terms.day))


def _untreated(terms: Terms, rows: Any, *, accepted_before: bool) -> Any:
    before = Exists(Acceptance.objects.filter(risk=OuterRef("pk"), accepted_on__lte=terms.day))
    return populations.unaddressed(terms, rows).filter(before if accepted_before else ~before)


_NO_RISK = (
    Step(label=_("Record a risk"), page="risks-create", action=Action.ADD, subject="risks", fills="requirements"),
    Step(
        label=_("Decide that none is significant"), page="risks:no-risk", action=Action.CHANGE, subject="requirements"
    ),
)

ISSUES = (
    Reason(
        name="never-reviewed",
        text=_("No review is recorded"),
        columns=("reviewed_on",),
        holds=part(_issue_overdue, _reviewed_on=None),
    ),
    Reason(
        name="review-late",
        text=_("Its last review is too long ago"),
        columns=("reviewed_on",),
        holds=part(_issue_overdue, _reviewed_on__isnull=False),
        due=lambda terms: due("reviewed_on", "review_days", terms.targets.review_days),
    ),
    Reason(
        name="climate-undecided",
        text=_("Nobody decided whether climate change is relevant"),
        columns=("relevance",),
        mends=("relevance", "relevance_rationale"),
        holds=lambda terms, rows: rows.climate().filter(relevance=""),
    ),
    Reason(
        name="climate-without-rationale",
        text=_("No rationale says why climate change is relevant or isn’t"),
        columns=("relevance_rationale",),
        holds=lambda terms, rows: rows.climate().filter(relevance_rationale=""),
    ),
)
LINKED = (
    missing("affects-nothing", "affects", _("It doesn’t say whether it affects conformity, satisfaction or both")),
    Reason(
        name="not-linked",
        text=_("It is linked to no requirement and no interested party"),
        columns=("requirements", "parties"),
        holds=populations.without_links,
    ),
)
RISK_ASSESSED, OPPORTUNITY_ASSESSED = _assessed("risks"), _assessed("opportunities")
CONSIDERED = (
    Reason(
        name="not-considered",
        text=_("No risk of it is assessed, and nobody decided that none is significant"),
        columns=("criticality",),
        holds=lambda terms, rows: populations.without_risk(terms, rows).filter(~_considered_before(terms)),
        steps=_NO_RISK,
    ),
    Reason(
        name="decision-lapsed",
        text=_("The decision that no risk of it is significant is too old"),
        columns=("criticality",),
        holds=lambda terms, rows: populations.without_risk(terms, rows).filter(_considered_before(terms)),
        steps=_NO_RISK,
    ),
)
DECIDED = (
    Reason(
        name="undecided",
        text=_("Nobody decided whether it is pursued"),
        columns=("response",),
        mends=("response", "response_note"),
        holds=populations.undecided,
    ),
)
_SUPPLIER_REVIEW = (
    Step(
        label=_("Record a review"),
        page="supplier-reviews-create",
        action=Action.ADD,
        subject="supplier-reviews",
        fills="supplier",
    ),
)
SUPPLIERS = (
    Reason(
        name="never-reviewed",
        text=_("No review as a supplier is recorded"),
        columns=("kind",),
        holds=lambda terms, rows: populations.supplier_overdue(terms, rows).filter(_reviewed=None),
        steps=_SUPPLIER_REVIEW,
    ),
    Reason(
        name="review-late",
        text=_("Its last review as a supplier is too long ago"),
        columns=("kind",),
        holds=lambda terms, rows: populations.supplier_overdue(terms, rows).exclude(_reviewed=None),
        due=populations.supplier_due,
        steps=_SUPPLIER_REVIEW,
    ),
)
ADDRESSED = (
    Reason(
        name="untreated",
        text=_("It stands above what is accepted, and no action with owner and due date treats it"),
        columns=("level",),
        holds=lambda terms, rows: _untreated(terms, rows, accepted_before=False),
        steps=(_ACT, _ACCEPT),
    ),
    Reason(
        name="acceptance-over",
        text=_("It stands above what is accepted; its acceptance has ended, or was for a lower level"),
        columns=("level",),
        holds=lambda terms, rows: _untreated(terms, rows, accepted_before=True),
        steps=(_ACT, _ACCEPT),
    ),
)
REASSESSED = (
    Reason(
        name="never-assessed",
        text=_("Nobody has assessed how it stands now, though an action is finished"),
        columns=("assessed_on",),
        holds=lambda terms, rows: populations.not_reassessed(terms, rows).filter(_assessed_on=None),
        steps=(_ASSESS["risks"],),
    ),
    Reason(
        name="not-assessed-since",
        text=_("It wasn’t assessed since its last action was finished"),
        columns=("assessed_on",),
        holds=lambda terms, rows: populations.not_reassessed(terms, rows).exclude(_assessed_on=None),
        steps=(_ASSESS["risks"],),
    ),
)
RESULTS = (
    missing("nothing-expected", "expected_result", _("It doesn’t say which result is expected")),
    Reason(
        name="nothing-realised",
        text=_("It is closed, and doesn’t say which result came of it"),
        columns=("realised_result",),
        holds=lambda terms, rows: rows.filter(status="closed", realised_result=""),
    ),
)
