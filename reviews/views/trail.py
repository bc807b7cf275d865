"""The page of the trail: what anybody did, found by reference, kind, person and day."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.views.generic import TemplateView

from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import TRAIL, Action
from reviews.audit_log import trail
from reviews.forms import TrailForm
from trail.sealing.seals import latest_seal


class TrailPage(OrganizationView, TemplateView):
    """Everything that was done here, newest first, with its proof.

    Auditors with a limited scope don't see it: it is about all sub-clauses and sites.
    """

    action, subject = Action.VIEW, TRAIL
    template_name = "reviews/trail.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = TrailForm(self.request.GET)
        entries, before = trail(form.sought) if form.is_valid() else ([], None)
        asked = {name: value for name, value in self.request.GET.items() if value and name in form.fields}
        narrowing = asked.keys() - {"before"}
        older = {} if before is None else {**asked, "before": before}
        newest = {name: asked[name] for name in narrowing}
        return super().get_context_data(**kwargs) | {
            "form": form,
            "entries": entries,
            "is_narrowed": bool(narrowing),
            "older_url": f"?{urlencode(older)}" if older else "",
            "newest_url": f"?{urlencode(newest)}" if "before" in asked else "",
            "list_url": reverse("reviews:trail", args=[self.request.organization.slug]),
            "seal": latest_seal(),
        }
