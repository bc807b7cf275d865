"""The page of the overview: a period's evaluation, and a way from each number to its rows."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from clauses import overview, periods
from clauses.decisions import decided, way_to_decide
from clauses.evaluation import ask, current_evaluation
from clauses.headline import headline
from clauses.recorded_after import in_words
from clauses.selections import period_of
from organizations.access import OrganizationView, allowed
from organizations.models import Edition
from organizations.request import OrganizationRequest
from organizations.roles import OVERVIEW, PACKS, Action


class Overview(OrganizationView, TemplateView):
    """The overview of a period."""

    # It is about all sub-clauses: columns, numbers and links leave out what is out of an auditor's reach.
    action, subject, sub_clauses = Action.VIEW, OVERVIEW, ""
    template_name = "clauses/overview.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.request.organization
        period = period_of(self.request.GET)
        evaluation = current_evaluation(period)
        question = ask(period)
        decisions = decided(question, evaluation.outcomes)
        parts = [part(self.request, period) for part in overview.parts]
        pack_url = f"{reverse('packs:request', args=[organization.slug])}?period={periods.code(period)}"
        first = headline(evaluation, question, decisions)
        return super().get_context_data(**kwargs) | {
            "evaluation": {
                "title": _("Customer focus, %(period)s") % {"period": periods.in_words(period)},
                "edition": Edition(evaluation.edition).label,
                "judged_on": evaluation.day,
                "evaluated_at": evaluation.moment,
                "recorded_after": in_words(asdict(evaluation.recorded_after)),
                "records": evaluation.records,
            },
            "headline": first,
            "decide_url": way_to_decide(self.request, first.code, period)
            if first.code and first.code not in decisions
            else "",
            "columns": overview.columns(evaluation, decisions),
            "period_choices": [
                {
                    "label": periods.in_words(each),
                    "code": periods.code(each),
                    "url": f"?period={periods.code(each)}",
                    "current": each == period,
                }
                for each in periods.quarters(organization.today())
            ],
            "period_code": periods.code(period),
            "notices": [notice for part in parts for notice in part.notices],
            "urls": {"pack": pack_url if allowed(self.request, Action.ADD, PACKS) else ""}
            | {name: url for part in parts for name, url in part.urls.items()},
        }
