"""The way to another moment."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.http import HttpResponseRedirect
from django.views import View

from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import OVERVIEW, Action
from registers.as_of import address
from trail.time_travel.moments import UnreadableMoment, read_moment, written


class GoToMoment(OrganizationView, View):
    """The way to a page as of the moment that was chosen; to today's without one.

    An address says both for good.
    """

    action, subject, sub_clauses = Action.VIEW, OVERVIEW, ""
    http_method_names = ["get", "head", "options"]

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponseRedirect:
        home = f"/o/{request.organization.slug}/"
        page, moment = request.GET.get("page", ""), request.GET.get("moment", "").strip()[:60]
        with suppress(UnreadableMoment):  # the page it leads to says what is wrong
            moment = moment and written(read_moment(moment, request.organization))
        return HttpResponseRedirect(address(request, page if page.startswith(home) else home, moment))
