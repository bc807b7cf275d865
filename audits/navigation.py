"""Navigation entries for samples and requests, and the drawing of a sample from any list."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.models import EvidenceRequest
from audits.population import parameters_of
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import REQUESTS, SAMPLES, Action
from registers.navigation import pages, waiting
from registers.panels import ListAction, list_actions
from registers.register import Register

pages += [
    ("", gettext_lazy("Samples"), "audits:samples", Action.VIEW, SAMPLES),
    ("", gettext_lazy("Requests for evidence"), "audits:requests", Action.VIEW, REQUESTS),
]


def requests_waiting(request: OrganizationRequest) -> QuerySet:
    """Return the requests for evidence that wait for this person.

    They wait for an answer, or for the person's word on one.
    """
    asked: Any = EvidenceRequest.objects.visible(request.user)
    if allowed(request, Action.CHANGE, REQUESTS):
        return asked.waiting()
    if allowed(request, Action.ADD, REQUESTS):
        return asked.answered().filter(asked_by=request.user)
    return asked.none()


waiting["audits:requests"] = requests_waiting


def draw_sample(request: OrganizationRequest, register: Register) -> ListAction | None:
    """Return the action that draws a sample from exactly the rows of a list.

    It is None for people who may not draw.
    """
    if not allowed(request, Action.ADD, SAMPLES):
        return None
    query = parameters_of(request.GET.urlencode()).urlencode()
    address = reverse("audits:sample-draw", args=[request.organization.slug, register.slug])
    return ListAction(_("Draw a sample"), f"{address}?{urlencode({'of': query})}" if query else address)


list_actions.append(draw_sample)
