"""The page on which top management decides on one gap."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView

from clauses import decisions, periods
from clauses.assertion import Period
from clauses.evaluation import ask
from clauses.selections import period_of
from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import SIGN_OFFS, Action
from registers.views.base import back_of
from reviews.decisions import decide, holding, in_short
from reviews.gap_form import GapForm
from reviews.models import GapDecision
from reviews.sign_off import document
from reviews.sign_off.signer import signer_of
from reviews.sign_off.snapshot import Plain, evaluated_lately, gaps


class DecidePage(OrganizationView, FormView):
    """A gap, what was decided on it before, and the form of a decision; who decides and when comes from the account."""

    action, subject = Action.SIGN, SIGN_OFFS
    template_name = "reviews/decide.html"
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @cached_property
    def period(self) -> Period:
        """The period in the address, the current one unless it names one that has begun."""
        found = period_of(self.request.GET)
        today = self.request.organization.today()
        return found if found.first <= today else periods.quarter_of(today)

    @cached_property
    def entry(self) -> Plain:
        """The statement in the address; 404 where it shows no gap."""
        found = [entry for entry in gaps(evaluated_lately(self.period)) if entry["code"] == self.kwargs["code"]]
        if not found:
            raise Http404
        return found[0]

    @cached_property
    def legal(self) -> bool:
        """Whether a law asks for what falls short."""
        return bool(decisions.legal(ask(self.period), [self.entry["code"]]))

    def get_form(self, form_class: Any = None) -> GapForm:
        return GapForm(self.entry, self.request.POST if self.request.method == "POST" else None, legal=self.legal)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            row = decide(self.period, form.decided, self.entry, by=self.request.user, legal=self.legal)
        except ValidationError as error:
            form.add_error("decision", error)
            return self.form_invalid(form)
        messages.success(self.request, _("You decided on %(code)s.") % {"code": row.code})
        return HttpResponseRedirect(self._back)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    @property
    def _back(self) -> str:
        overview = reverse("clauses:overview", args=[self.request.organization.slug])
        return back_of(self.request) or f"{overview}?period={periods.code(self.period)}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        code = self.entry["code"]
        earlier = GapDecision.objects.filter(code=code).select_related("action")[:10]
        return super().get_context_data(**kwargs) | {
            "title": _("Decide on %(code)s") % {"code": code},
            "line": document.line_of(self.entry, self.period),
            "period": periods.in_words(self.period),
            "legal": self.legal,
            "reasons": self.entry["exceptions"].get("reasons", []),
            "holds": holding(ask(self.period), {code: self.entry["exceptions"]["count"]}).get(code),
            "earlier": [{"row": row, "text": in_short(row)} for row in earlier],
            "signer": signer_of(self.request.user),
            "checked": self.request.method == "POST",
            "cancel_url": self._back,
        }
