"""Pages of a risk, an opportunity and a supplier review.

And those on which a risk is accepted, or a requirement said to have none.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from organizations.access import OrganizationView, allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action
from organizations.scope import current_organization
from registers.views import RecordPage
from registers.views.base import way_back
from requirements_registry.models import Requirement
from risks.forms import AcceptanceForm, NoSignificantRiskForm
from risks.models import Acceptance, NoSignificantRisk, Risk
from risks.models.scale import scale_on
from trail.actor import acting


class AssessablePage(RecordPage):
    """A risk or an opportunity: as long as nobody has assessed it, that is the next step."""

    def get_actions(self) -> list[dict[str, Any]]:
        actions, record = super().get_actions(), self.record
        if record.is_archived or not self.allows(Action.CHANGE, record):  # type: ignore[attr-defined]
            return actions
        url = reverse(f"{self.register.slug}-assessments-add", args=[current_organization().slug, record.reference])
        return _with_step(actions, _("Assess"), url, first=record.assessed_on is None)  # type: ignore[attr-defined]


class OpportunityPage(AssessablePage):
    """An opportunity."""


class RiskPage(AssessablePage):
    """A risk: where it is above appetite, top management can accept it."""

    def get_actions(self) -> list[dict[str, Any]]:
        actions = super().get_actions()
        risk: Any = self.record
        if risk.is_archived or not risk.is_above_appetite or not self.allows(Action.ACCEPT):
            return actions
        url = reverse("risks:accept", args=[current_organization().slug, risk.reference])
        return _with_step(actions, _("Accept"), url, first=True)


class SupplierReviewPage(RecordPage):
    """A supplier review: its findings become risks and opportunities."""

    def get_actions(self) -> list[dict[str, Any]]:
        actions = super().get_actions()
        for slug, label in (("opportunities", _("New opportunity")), ("risks", _("New risk"))):
            if not self.record.is_archived and allowed(self.request, Action.ADD, slug):
                url = reverse(f"{slug}-create", args=[current_organization().slug])
                actions = _with_step(actions, label, f"{url}?origin={self.record.reference}", first=False)
        return actions


def _with_step(actions: list[dict[str, Any]], label: str, url: str, *, first: bool) -> list[dict[str, Any]]:
    """Return a page's buttons with one more, in the primary place where it comes first."""
    if first:
        actions = [action | {"primary": False} for action in actions]
    return [*actions, {"label": label, "url": url, "primary": first, "danger": False}]


class StatementPage(OrganizationView, FormView):
    """A form in which somebody states something about a record, once."""

    template_name = "registers/form.html"
    row_decides = True
    model: type[Any]
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @cached_property
    def record(self) -> Any:
        """The current record in the address; 404 where there is none."""
        return get_object_or_404(self.model.objects.current(), reference=self.kwargs["reference"].upper())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.check(self.record)
        return super().dispatch(self.request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        with acting(self.request.user):
            form.save()
        messages.success(self.request, self.success())
        return HttpResponseRedirect(way_back(self.request, self.record))

    def success(self) -> str:
        """Return what to tell the person when it is written down."""
        raise NotImplementedError

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "record": self.record,
            "cancel_url": way_back(self.request, self.record),
        }


class AcceptRisk(StatementPage):
    """Top management retains a risk above appetite, with its reasons and until a day."""

    action, subject, model, form_class = Action.ACCEPT, "risks", Risk, AcceptanceForm

    def get_form_kwargs(self) -> dict[str, Any]:
        if not self.record.is_above_appetite:
            raise Http404
        return super().get_form_kwargs() | {"instance": Acceptance(risk=self.record, accepted_by=self.request.user)}

    def success(self) -> str:
        return _("You accepted %(reference)s.") % {"reference": self.record.reference}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("Accept %(risk)s") % {"risk": self.record},
            "explanation": _(
                "Your name, the day and your reasons are kept as evidence. If the risk is assessed higher "
                "later, the acceptance no longer covers it."
            ),
            "submit_label": _("Accept the risk"),
            "scale": scale_on(current_organization().today()),
        }


class DecideNoRisk(StatementPage):
    """Write down that a requirement has no significant risk."""

    action, subject, model, form_class = Action.CHANGE, "requirements", Requirement, NoSignificantRiskForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": NoSignificantRisk(requirement=self.record)}

    def get_initial(self) -> dict[str, Any]:
        return {"decided_by": self.request.user.pk}

    def success(self) -> str:
        return _("The decision is recorded.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("No significant risk: %(requirement)s") % {"requirement": self.record},
            "explanation": _("Say that the risks of this requirement were looked at and none is significant, and why."),
            "submit_label": _("Record the decision"),
        }
