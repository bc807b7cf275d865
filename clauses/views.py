"""The overview: the evaluation of a period, with a way from each number to the rows behind it."""

from __future__ import annotations

from typing import Any

from django.views.generic import TemplateView

from organizations.access import OrganizationView
from organizations.roles import OVERVIEW, Action


class Overview(OrganizationView, TemplateView):
    """The dashboard."""

    action, subject = Action.VIEW, OVERVIEW
    template_name = "clauses/overview.html"
    request: Any
