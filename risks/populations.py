"""The rows that assertions about risks and opportunities look at.

And those of them for which an assertion does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actions.models import Action
from clauses.assertion import Counts, Judgement, Question, Result, Rows, Terms, judge_each
from clauses.waiting import beside_waiting
from requirements_registry.intervals import DaysAfter
from requirements_registry.models import InterestedParty, Requirement
from risks.models import (
    Acceptance,
    ContextIssue,
    NoSignificantRisk,
    Opportunity,
    Risk,
    RiskRequirement,
    SupplierReview,
)
from risks.querysets import Axes


def risk_axes(question: Question) -> Axes:
    """Return what counts of the scale's versions where risks are judged on the question's day."""
    return Risk.objects.axes_on(question.day)


def opportunity_axes(question: Question) -> Axes:
    """Return what counts of the scale's versions where opportunities are judged on the question's day."""
    return Opportunity.objects.axes_on(question.day)


def issues(terms: Terms) -> Any:
    """Return the issues that count."""
    return ContextIssue.objects.current(terms.until)


def issue_review_soon(terms: Terms, rows: Any) -> Any:
    """Return issues whose review falls due soon."""
    return rows.review_due(terms.day, terms.soon(), terms.day, terms.targets.review_days)


def judge_issues(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge issues by their reviews; climate change must be among them (Amendment 1:2024)."""
    judged = judge_each(question, counts, rows)
    if counts.population and not rows().climate().exists():
        return replace(judged, result=Result.GAP, detail=_("climate change not considered"))
    return judged


def open_risks(terms: Terms) -> Any:
    """Return the risks that still count."""
    return Risk.objects.determined(terms.day, terms.until).open()


def opportunities(terms: Terms) -> Any:
    """Return all opportunities that weren't archived, closed ones too."""
    return Opportunity.objects.determined(terms.day, terms.until)


def undecided(terms: Terms, rows: Any) -> Any:
    """Return opportunities without a decision; closing one is none."""
    return rows.undecided()


def open_opportunities(terms: Terms) -> Any:
    """Return the opportunities that still count."""
    return opportunities(terms).open()


def without_links(terms: Terms, rows: models.QuerySet) -> Any:
    """Return rows that are linked to no requirement and no interested party."""
    return rows.filter(~_linked(rows, "requirements"), ~_linked(rows, "parties"))


def _linked(rows: models.QuerySet, name: str) -> Exists:
    field = rows.model._meta.get_field(name)
    return Exists(field.remote_field.through.objects.filter(**{field.m2m_field_name(): OuterRef("pk")}))


def assessment_soon(terms: Terms, rows: Any) -> Any:
    """Return rows whose next assessment falls due soon."""
    return rows.assessment_due(terms.day, terms.soon(), terms.targets.assessment_days)


def critical(terms: Terms) -> Any:
    """Return the active requirements on which most depends."""
    return Requirement.objects.active(terms.day, terms.until).filter(criticality=Requirement.Criticality.CRITICAL)


def without_risk(terms: Terms, rows: models.QuerySet) -> Any:
    """Return requirements whose risks nobody considered.

    They have no assessed open risk, and no decision inside the assessment interval that none is significant.
    """
    return _no_assessed_risk(terms, rows).filter(~_decided(terms, terms.ago(terms.targets.assessment_days)))


def decision_lapses(terms: Terms, rows: models.QuerySet) -> Any:
    """Return requirements without an assessed risk whose decision soon is too old.

    It holds for the organization's assessment interval.
    """
    days = terms.targets.assessment_days
    held = _no_assessed_risk(terms, rows).filter(_decided(terms, terms.ago(days)))
    return held.filter(~_decided(terms, terms.ago(days - terms.targets.soon_days)))


def _no_assessed_risk(terms: Terms, rows: models.QuerySet) -> Any:
    assessed = open_risks(terms).filter(_scale__isnull=False, pk=OuterRef("risk"))
    links = RiskRequirement.objects.filter(Exists(assessed), requirement=OuterRef("pk"))
    return rows.filter(~Exists(links))


def _decided(terms: Terms, since: date) -> Exists:
    return Exists(NoSignificantRisk.objects.filter(requirement=OuterRef("pk"), decided_on__range=(since, terms.day)))


def looked_at(terms: Terms, rows: Any) -> Any:
    """Return opportunities that were determined or assessed in the period, up to the day."""
    return rows.looked_at(terms.period.first, terms.day)


def judge_opportunities(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge opportunities by their decisions; some must have been looked for in the period."""
    judged = judge_each(question, counts, rows)
    if counts.population and not looked_at(question, rows()).exists():
        return replace(judged, result=Result.GAP, detail=_("none determined or assessed in the period"))
    return judged


def key_suppliers(terms: Terms) -> Any:
    """Return the external providers that matter.

    One whose last review found that nothing depends on it needs no further one.
    """
    latest = _reviews(terms).values("is_key")[:1]
    suppliers = InterestedParty.objects.relevant(terms.until).filter(kind=InterestedParty.Kind.EXTERNAL_PROVIDER)
    return suppliers.alias(_is_key=latest).filter(Q(_is_key=None) | Q(_is_key=True))


def _reviews(terms: Terms) -> Any:
    """Return a supplier's reviews by the question's day, newest first."""
    reviews = SupplierReview.objects.current(terms.until).filter(supplier=OuterRef("pk"), reviewed_on__lte=terms.day)
    return reviews.order_by("-reviewed_on", "-pk")


def _last_review(terms: Terms) -> Subquery:
    return Subquery(_reviews(terms).values("reviewed_on")[:1])


def _next_review(terms: Terms) -> Subquery:
    return Subquery(_reviews(terms).values("next_review_on")[:1])


def supplier_due(terms: Terms) -> Any:
    """Return the day of a supplier's next review: the one that the last review named, else by the interval."""
    return Coalesce(_next_review(terms), DaysAfter(_last_review(terms), Value(terms.targets.review_days)))


def _supplier_due(terms: Terms, rows: models.QuerySet, first: date | None, last: date) -> Any:
    """Return suppliers whose next review falls from ``first`` to ``last``.

    ``first`` None: those due before too, and those never reviewed.
    """
    days = terms.targets.review_days
    rows = rows.alias(_reviewed=_last_review(terms), _next=_next_review(terms))
    # The interval counts only where the last review named no day for the next.
    by_interval = Q(_next=None, _reviewed__lte=last - timedelta(days=days))
    if first is None:
        return rows.filter(Q(_reviewed=None) | Q(_next__lte=last) | by_interval)
    return rows.filter(Q(_next__range=(first, last)) | by_interval & Q(_reviewed__gte=first - timedelta(days=days)))


def supplier_overdue(terms: Terms, rows: models.QuerySet) -> Any:
    """Return suppliers not reviewed within the interval."""
    return _supplier_due(terms, rows, None, terms.ago(1))


def supplier_soon(terms: Terms, rows: models.QuerySet) -> Any:
    """Return suppliers whose review falls due soon."""
    return _supplier_due(terms, rows, terms.day, terms.soon())


def never_assessed(rows: Any) -> Any:
    """Return risks of which nobody can say whether they are above appetite."""
    return rows.filter(_scale=None)


def judge_addressed(question: Question, counts: Counts, rows: Rows) -> Judgement:
    """Judge as usual, except that a risk that nobody assessed is no addressed one: it counts, and wants attention.

    It is an exception of b3, which asks for assessments.
    """
    judged, unknown = judge_each(question, counts, rows), never_assessed(rows()).count()
    words = ngettext("%(count)s never assessed", "%(count)s never assessed", unknown) % {"count": unknown}
    above = _("%(count)s above appetite, neither treated nor accepted") % {"count": counts.exceptions}
    return beside_waiting(judged, counts, unknown, words, above)


def unaddressed(terms: Terms, rows: Iterable[Any]) -> Any:
    """Return risks above appetite that nothing covers.

    Neither an action under way nor an acceptance in force of a score as high.
    """
    return _above_without_action(terms, rows).filter(~_accepted(terms, terms.day))


def acceptance_ends(terms: Terms, rows: Iterable[Any]) -> Any:
    """Return risks above appetite that only an acceptance covers, which soon expires."""
    above = _above_without_action(terms, rows)
    return above.filter(_accepted(terms, terms.day) & ~_accepted(terms, terms.soon()))


def _above_without_action(terms: Terms, rows: Any) -> Any:
    begun = Action.objects.begun(terms.day, terms.until).open_on(terms.day).answered_for()
    under_way = begun.filter(origin=OuterRef("reference"))
    return rows.above_appetite(terms.given, "_scale", "_score").filter(~Exists(under_way))


def _accepted(terms: Terms, until: date) -> Exists:
    """Return whether an acceptance in force lasts until a day, of a score as high.

    The scale it was given on must be the risk's own, or one that compares with the scale in force.
    """
    holding = Acceptance.objects.holding(terms.day).filter(
        risk=OuterRef("pk"), score__gte=OuterRef("_score"), expires_on__gte=until
    )
    return Exists(holding.filter(Q(scale=OuterRef("_scale")) | Q(scale__in=terms.given.comparable)))


def treated(terms: Terms) -> Any:
    """Return open risks with a finished action."""
    return open_risks(terms).filter(Exists(_done(terms)))


def _done(terms: Terms) -> Any:
    """Return the finished actions that arose from the outer risk."""
    return Action.objects.current(terms.until).done_by(terms.day).filter(origin=OuterRef("reference"))


def not_reassessed(terms: Terms, rows: models.QuerySet) -> Any:
    """Return those not assessed on or after the day an action of theirs was finished."""
    later = _done(terms).filter(done_on__gt=OuterRef("_assessed_on"))
    return rows.filter(Q(_assessed_on=None) | Exists(later))


def pursued(terms: Terms) -> Any:
    """Return opportunities that are, or were, pursued."""
    return opportunities(terms).filter(response=Opportunity.Response.PURSUE)
