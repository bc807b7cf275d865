"""What the clause asks of risks and opportunities: determined and addressed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actions.models import Action
from clauses.assertion import Assertion, Counts, Judgement, Question, Result, Verb, assertions, judge_each
from organizations.people import valid_members
from requirements_registry.intervals import due
from requirements_registry.models import InterestedParty, Requirement
from risks.models import Acceptance, ContextIssue, NoSignificantRisk, Opportunity, Risk, RiskRequirement, Scale, SupplierReview


def _scale(question: Question) -> Any:
    """The scale in force on the question's day; None where there is none."""
    return Scale.objects.in_force(question.day)


def _issues_open(question: Question, rows: Any) -> Any:
    return rows.review_due(None, question.ago(1), question.targets.review_days) | rows.climate_undecided()


def judge_issues(question: Question, counts: Counts, rows: Any) -> Judgement:
    """Issues reviewed in time; beyond that, whether climate change is relevant must have been decided (Amendment 1:2024)."""
    judged = judge_each(question, counts, rows)
    if counts.population and not rows.climate().exists():
        return Judgement(Result.GAP, judged.numerator, judged.denominator, judged.value, _("climate change not considered"), judged.threshold)
    return judged


def _open_risks(question: Question) -> Any:
    return Risk.objects.current().open()


def _open_opportunities(question: Question) -> Any:
    return Opportunity.objects.current().open()


def _unlinked(question: Question, rows: Any) -> Any:
    """Rows that don't say what they affect, or point to no requirement and no interested party that they can affect."""
    return rows.filter(Q(affects="") | ~_linked(rows, "requirements") & ~_linked(rows, "parties"))


def _linked(rows: Any, name: str) -> Exists:
    field = rows.model._meta.get_field(name)
    return Exists(field.remote_field.through.objects.filter(**{field.m2m_field_name(): OuterRef("pk")}))


def _unassessed(question: Question, rows: Any) -> Any:
    """Rows without a valid owner, or without a current assessment inside its interval on the axes in force."""
    overdue = rows.alias(_due=due("assessed_on", "review_days", question.targets.assessment_days))
    comparable = [scale.pk for scale in rows.comparable(_scale(question))]
    missing = Q(assessed_on=None) | Q(_due__lt=question.day) | Q(owner=None)
    return overdue.filter(missing | ~Q(scale__in=comparable) | ~Q(owner__in=valid_members(question.day).order_by().values("pk")))


def _assessment_soon(question: Question, rows: Any) -> Any:
    return rows.assessment_due(question.day, question.soon(), question.targets.assessment_days)


def _critical(question: Question) -> Any:
    return Requirement.objects.active().filter(criticality=Requirement.Criticality.CRITICAL)


def _without_risk(question: Question, rows: Any) -> Any:
    """Requirements without an assessed open risk and without a decision, made within the interval, that none is significant."""
    return _no_assessed_risk(rows).filter(~_decided(question, question.ago(question.targets.assessment_days)))


def _decision_lapses(question: Question, rows: Any) -> Any:
    days = question.targets.assessment_days
    held = _no_assessed_risk(rows).filter(_decided(question, question.ago(days)))
    return held.filter(~_decided(question, question.ago(days - question.targets.soon_days)))


def _no_assessed_risk(rows: Any) -> Any:
    links = RiskRequirement.objects.filter(requirement=OuterRef("pk"), risk__archived_at=None, risk__status="open", risk__scale__isnull=False)
    return rows.filter(~Exists(links))


def _decided(question: Question, since: date) -> Exists:
    return Exists(NoSignificantRisk.objects.filter(requirement=OuterRef("pk"), decided_on__range=(since, question.day)))


def judge_opportunities(question: Question, counts: Counts, rows: Any) -> Judgement:
    """Every opportunity decided about; beyond that, somebody must have looked for some in the period."""
    judged = judge_each(question, counts, rows)
    if counts.population and not rows.looked_at(question.period.first, question.period.last).exists():
        return Judgement(Result.GAP, judged.numerator, judged.denominator, judged.value, _("none determined or assessed in the period"), judged.threshold)
    return judged


def _key_suppliers(question: Question) -> Any:
    """External providers that matter; one whose last review found that nothing depends on it needs no further one."""
    latest = _reviews(question).values("is_key")[:1]
    suppliers = InterestedParty.objects.relevant().filter(kind=InterestedParty.Kind.EXTERNAL_PROVIDER)
    return suppliers.alias(_is_key=latest).filter(Q(_is_key=None) | Q(_is_key=True))


def _reviews(question: Question) -> Any:
    """A supplier's reviews by the day, newest first."""
    reviews = SupplierReview.objects.current().filter(supplier=OuterRef("pk"), reviewed_on__lte=question.day)
    return reviews.order_by("-reviewed_on", "-pk")


def _supplier_due(question: Question, rows: Any, first: date | None, last: date) -> Any:
    """Suppliers whose next review, by their last one or by the organization's interval, falls between two days; or was never held."""
    days = question.targets.review_days
    rows = rows.alias(_reviewed=_reviews(question).values("reviewed_on")[:1], _next=_reviews(question).values("next_review_on")[:1])
    by_interval = Q(_next=None, _reviewed__lte=last - timedelta(days=days))
    if first is None:
        return rows.filter(Q(_reviewed=None) | Q(_next__lte=last) | by_interval)
    return rows.filter(Q(_next__range=(first, last)) | by_interval & Q(_reviewed__gte=first - timedelta(days=days)))


def _assessed(question: Question) -> Any:
    return Risk.objects.current().open().exclude(scale=None)


def _unaddressed(question: Question, rows: Any) -> Any:
    """Risks above appetite with neither an action under way nor an acceptance in force that covers their score."""
    return _above_without_action(question, rows).filter(~_accepted(question, question.day))


def _acceptance_ends(question: Question, rows: Any) -> Any:
    above = _above_without_action(question, rows)
    return above.filter(_accepted(question, question.day) & ~_accepted(question, question.soon()))


def _above_without_action(question: Question, rows: Any) -> Any:
    under_way = Action.objects.current().open().filter(origin=OuterRef("reference"))
    return rows.above_appetite(_scale(question)).filter(~Exists(under_way))


def _accepted(question: Question, until: date) -> Exists:
    """An acceptance in force on the question's day that lasts until a day, for a score as high on a scale that compares."""
    comparable = Risk.objects.comparable(_scale(question))
    holding = Acceptance.objects.holding(question.day).filter(risk=OuterRef("pk"), score__gte=OuterRef("score"), expires_on__gte=until)
    return Exists(holding.filter(Q(scale=OuterRef("scale")) | Q(scale__in=[scale.pk for scale in comparable])))


def _treated(question: Question) -> Any:
    done = Action.objects.current().filter(origin=OuterRef("reference"), status=Action.Status.DONE, done_on__lte=question.day)
    return Risk.objects.current().open().filter(Exists(done))


def _not_reassessed(question: Question, rows: Any) -> Any:
    later = Action.objects.current().filter(origin=OuterRef("reference"), status=Action.Status.DONE, done_on__lte=question.day, done_on__gt=OuterRef("assessed_on"))
    return rows.filter(Q(assessed_on=None) | Exists(later))


def _pursued(question: Question) -> Any:
    return Opportunity.objects.current().filter(response=Opportunity.Response.PURSUE)


def _without_result(question: Question, rows: Any) -> Any:
    return rows.filter(Q(expected_result="") | Q(status="closed", realised_result=""))


assertions.add(
    Assertion(
        code="b1",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Issues reviewed, climate change decided"),
        statement=gettext_lazy("Internal and external issues were reviewed within their interval, and whether climate change is a relevant issue was decided with a rationale."),
        clauses={"2015": ("4.1",), "2026": ("4.1",)},
        register="issues",
        population=lambda question: ContextIssue.objects.current(),
        exceptions=_issues_open,
        soon=lambda question, rows: rows.review_due(question.day, question.soon(), question.targets.review_days),
        judge=judge_issues,
        gap=lambda count: ngettext("%(count)s overdue or undecided", "%(count)s overdue or undecided", count) % {"count": count},
    ),
    Assertion(
        code="b2",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Risks linked to what they can affect"),
        statement=gettext_lazy("Every open risk says whether it affects conformity, satisfaction or both, and points to a requirement or interested party that it can affect."),
        clauses={"2015": ("5.1.2", "6.1.1"), "2026": ("5.1.2", "6.1.1")},
        register="risks",
        population=_open_risks,
        exceptions=_unlinked,
        gap=lambda count: ngettext("%(count)s not linked", "%(count)s not linked", count) % {"count": count},
    ),
    Assertion(
        code="b3",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Risks owned and assessed"),
        statement=gettext_lazy("Every open risk has an owner who is a member, and a current assessment inside its interval, on the scale in force."),
        clauses={"2015": ("6.1.1",), "2026": ("6.1.2",)},
        register="risks",
        population=_open_risks,
        exceptions=_unassessed,
        soon=_assessment_soon,
        gap=lambda count: ngettext("%(count)s without owner or current assessment", "%(count)s without owner or current assessment", count) % {"count": count},
    ),
    Assertion(
        code="b4",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Risks of critical requirements considered"),
        statement=gettext_lazy("Every critical requirement has an assessed risk, or a decision within the assessment interval that none is significant."),
        clauses={"2015": ("5.1.2", "6.1.1"), "2026": ("5.1.2", "6.1.1")},
        register="requirements",
        population=_critical,
        exceptions=_without_risk,
        soon=_decision_lapses,
        gap=lambda count: ngettext("%(count)s not considered", "%(count)s not considered", count) % {"count": count},
    ),
    Assertion(
        code="b5",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Opportunities looked for and decided"),
        statement=gettext_lazy("Opportunities were looked for: at least one was determined or assessed in the period, and each open one has a decision to pursue, share, defer or reject it."),
        clauses={"2015": ("6.1.1", "6.1.2"), "2026": ("6.1.3",)},
        register="opportunities",
        population=lambda question: Opportunity.objects.current(),
        exceptions=lambda question, rows: rows.open().undecided(),
        judge=judge_opportunities,
        gap=lambda count: ngettext("%(count)s undecided", "%(count)s undecided", count) % {"count": count},
    ),
    Assertion(
        code="b6",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Key suppliers reviewed"),
        statement=gettext_lazy("Every relevant external provider, other than those found not to be key suppliers, was reviewed within its interval."),
        clauses={"2015": ("8.4.1",), "2026": ("8.4.1",)},
        register="interested-parties",
        population=_key_suppliers,
        exceptions=lambda question, rows: _supplier_due(question, rows, None, question.ago(1)),
        soon=lambda question, rows: _supplier_due(question, rows, question.day, question.soon()),
        gap=lambda count: ngettext("%(count)s review overdue", "%(count)s reviews overdue", count) % {"count": count},
    ),
    Assertion(
        code="b8",
        verb=Verb.B_ADDRESSED,
        title=gettext_lazy("Risks above appetite addressed"),
        statement=gettext_lazy("Every assessed risk above the organization's appetite has an action under way, or an unexpired acceptance by top management for its present level."),
        clauses={"2015": ("6.1.2",), "2026": ("6.1.2",)},
        register="risks",
        population=_assessed,
        exceptions=_unaddressed,
        soon=_acceptance_ends,
        gap=lambda count: ngettext("%(count)s above appetite, neither treated nor accepted", "%(count)s above appetite, neither treated nor accepted", count) % {"count": count},
    ),
    Assertion(
        code="b12",
        verb=Verb.B_ADDRESSED,
        title=gettext_lazy("Risks assessed again after treatment"),
        statement=gettext_lazy("Every open risk with a finished action was assessed on or after the day the last of them was finished."),
        clauses={"2015": ("6.1.2", "9.1.3"), "2026": ("6.1.2", "9.1.3")},
        register="risks",
        population=_treated,
        exceptions=_not_reassessed,
        gap=lambda count: ngettext("%(count)s not assessed since", "%(count)s not assessed since", count) % {"count": count},
    ),
    Assertion(
        code="b13",
        verb=Verb.B_ADDRESSED,
        title=gettext_lazy("Results of pursued opportunities recorded"),
        statement=gettext_lazy("Every opportunity that is pursued records the result expected of it and, once closed, the result realised."),
        clauses={"2015": ("6.1.2",), "2026": ("6.1.3",)},
        register="opportunities",
        population=_pursued,
        exceptions=_without_result,
        gap=lambda count: ngettext("%(count)s without result", "%(count)s without result", count) % {"count": count},
    ),
    Assertion(
        code="b14",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Opportunities linked to what they can affect"),
        statement=gettext_lazy("Every open opportunity says whether it affects conformity, satisfaction or both, and points to a requirement or interested party that it can affect."),
        clauses={"2015": ("5.1.2", "6.1.1"), "2026": ("5.1.2", "6.1.1")},
        register="opportunities",
        population=_open_opportunities,
        exceptions=_unlinked,
        gap=lambda count: ngettext("%(count)s not linked", "%(count)s not linked", count) % {"count": count},
    ),
    Assertion(
        code="b15",
        verb=Verb.B_DETERMINED,
        title=gettext_lazy("Opportunities owned and assessed"),
        statement=gettext_lazy("Every open opportunity has an owner who is a member, and a current assessment inside its interval, on the scale in force."),
        clauses={"2015": ("6.1.1",), "2026": ("6.1.3",)},
        register="opportunities",
        population=_open_opportunities,
        exceptions=_unassessed,
        soon=_assessment_soon,
        gap=lambda count: ngettext("%(count)s without owner or current assessment", "%(count)s without owner or current assessment", count) % {"count": count},
    ),
)
