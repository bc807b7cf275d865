"""Pages that requirements have beyond those of every register."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import Action, Role
from organizations.scope import current_organization
from registers.views import RecordPage
from registers.views.base import way_back
from requirements_registry import services
from requirements_registry.forms import AcknowledgeForm
from requirements_registry.models import Requirement


class RequirementPage(RecordPage):
    """A requirement, with acknowledging it as the next step of whom it waits for."""

    def get_actions(self) -> list[dict[str, Any]]:
        actions = super().get_actions()
        requirement: Any = self.record
        if not requirement.can_be_acknowledged or not self.allows(Action.ACKNOWLEDGE) or self._has_acknowledged:
            return actions
        first = self._is_waited_for
        if first:
            actions = [action | {"primary": False} for action in actions]
        url = reverse("requirements_registry:acknowledge", args=[current_organization().slug, requirement.reference])
        return [*actions, {"label": _("Acknowledge"), "url": url, "primary": first, "danger": False}]

    @property
    def _has_acknowledged(self) -> bool:
        return Requirement.objects.filter(pk=self.record.pk).acknowledged_by(self.request.user).exists()

    @property
    def _is_waited_for(self) -> bool:
        """Whether the clause asks this person to understand it: its owner, or top management."""
        leads = any(membership.role == Role.TOP_MANAGEMENT for membership in self.request.memberships)
        return leads or self.record.is_owned_by(self.request.user)


class Acknowledge(OrganizationView, FormView):
    """Confirm in one's own words that one understands a requirement as it reads now."""

    action, subject = Action.ACKNOWLEDGE, "requirements"
    template_name = "requirements_registry/acknowledge.html"
    form_class = AcknowledgeForm
    request: OrganizationRequest

    @cached_property
    def requirement(self) -> Requirement:
        """The requirement in the address.

        404 where there is none, or where it isn't in force.
        """
        found = get_object_or_404(Requirement.objects.current(), reference=self.kwargs["reference"].upper())
        if not found.can_be_acknowledged:
            raise Http404
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"initial": {"version": self.requirement.version}}

    def form_valid(self, form: AcknowledgeForm) -> HttpResponse:
        try:
            services.acknowledge(
                self.requirement,
                by=self.request.user,
                words=form.cleaned_data["words"],
                version=form.cleaned_data["version"],
            )
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        messages.success(
            self.request, _("You acknowledged version %(version)s.") % {"version": self.requirement.version}
        )
        return HttpResponseRedirect(way_back(self.request, self.requirement))

    def form_invalid(self, form: AcknowledgeForm) -> HttpResponse:
        """Show the page again with the words, and with what the requirement says now."""
        # The person confirms what the page shows now: the version they read before would be refused again.
        form.data = {**dict(form.data.items()), "version": self.requirement.version}
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "record": self.requirement,
            "title": _("Acknowledge %(requirement)s") % {"requirement": self.requirement},
            "explanation": _(
                "Your name, the time and your words are kept as evidence that the requirement is understood."
            ),
            "submit_label": _("I understand it"),
            "cancel_url": self.requirement.get_absolute_url(),
        }
