"""The organization's scale: its versions, and a new one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from organizations.access import OrganizationView, allowed
from organizations.request import OrganizationRequest
from organizations.roles import SETTINGS, Action
from organizations.scope import current_organization
from risks.models import Scale
from risks.models.scale import scale_on
from risks.scale_form import ScaleForm
from trail.actor import acting


def _url(name: str) -> str:
    return reverse(f"risks:{name}", args=[current_organization().slug])


class ScaleVersions(OrganizationView, TemplateView):
    """The scale in force, and the versions before and after it."""

    action, subject = Action.VIEW, SETTINGS
    template_name = "risks/scale.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = current_organization().today()
        return super().get_context_data(**kwargs) | {
            "versions": list(Scale.objects.all()[:50]),
            "in_force": scale_on(today),
            "new_url": _url("new-scale") if allowed(self.request, Action.CHANGE, SETTINGS) else "",
        }


class NewScale(OrganizationView, FormView):
    """A new version of the scale. Earlier assessments keep the one they were made on."""

    action, subject = Action.CHANGE, SETTINGS
    form_class = ScaleForm
    template_name = "registers/form.html"
    request: OrganizationRequest

    def get_form_kwargs(self) -> dict[str, Any]:
        version = scale_on(current_organization().today())
        # Versions are never changed: the form begins from a copy of the one in force.
        version.pk, version.reason, version.effective_from = None, "", current_organization().today()
        version._state.adding = True
        return super().get_form_kwargs() | {"instance": version}

    def form_valid(self, form: ScaleForm) -> HttpResponse:
        with acting(self.request.user):
            form.save()
        messages.success(self.request, _("The scale is in force from %(day)s.") % {"day": form.instance.effective_from})
        return HttpResponseRedirect(_url("scale"))

    def form_invalid(self, form: ScaleForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("New version of the scale"),
            "explanation": _(
                "Earlier assessments keep the scale they were made on. Where the levels themselves change, "
                "everything has to be assessed anew."
            ),
            "submit_label": _("Save"),
            "cancel_url": _url("scale"),
        }
