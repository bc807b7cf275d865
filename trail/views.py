"""The people who keep signed heads.

The trail itself is shown by :mod:`reviews.views.trail`, which knows the registers.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views import View
from django.views.generic import FormView

from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import SETTINGS, Action
from trail.forms import HeadRecipientForm
from trail.models import HeadRecipient
from trail.sealing import head_mails, keys, seals


class Heads(OrganizationView, FormView):
    """The key's fingerprint, the latest seal, and the people outside who get signed heads."""

    action, subject = Action.CHANGE, SETTINGS
    form_class = HeadRecipientForm
    template_name = "trail/heads.html"
    request: OrganizationRequest

    def form_valid(self, form: Any) -> HttpResponse:
        recipient = head_mails.add_recipient(form.instance)
        messages.success(self.request, _("%(name)s gets the first signed head within an hour.") % {"name": recipient})
        return redirect("trail:heads", self.request.organization.slug)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "fingerprint": keys.fingerprint(),
            "seal": seals.latest_seal(),
            "recipients": HeadRecipient.objects.current(),
        }


class EndHeads(OrganizationView, View):
    """Send somebody no more heads."""

    action, subject = Action.CHANGE, SETTINGS
    http_method_names = ["post"]

    def post(self, request: OrganizationRequest, organization: str, pk: int) -> HttpResponse:
        recipient = head_mails.end_recipient(get_object_or_404(HeadRecipient.objects.current(), pk=pk))
        messages.success(request, _("%(name)s gets no more signed heads.") % {"name": recipient})
        return redirect("trail:heads", organization)
