"""Sign-offs: the list, the document to sign, the signed document, taking it back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View

from clauses import decisions, periods
from clauses.assertion import Period
from clauses.evaluation import ask
from clauses.selections import rows_behind
from organizations.access import OrganizationView, allowed
from organizations.request import OrganizationRequest
from organizations.roles import SIGN_OFFS, Action
from reviews import navigation
from reviews.assertions import LIST
from reviews.decisions import in_short
from reviews.forms import SigningForms, WithdrawalForm
from reviews.models import SignOff
from reviews.sign_off import document
from reviews.sign_off.authentication import Authentication, latest, ways
from reviews.sign_off.changes import changes_lately
from reviews.sign_off.completeness import EvaluationChanged, holding_of
from reviews.sign_off.pdf import sign_off_pdf
from reviews.sign_off.services import sign_off, withdraw
from reviews.sign_off.signer import signer_of
from reviews.sign_off.snapshot import Difference, Plain, evaluated_lately, gaps, unlike
from reviews.sign_off.state import state_of
from reviews.sign_off.statement import meaning_of_sign_off, meaning_of_withdrawal
from trail.models import record_event
from trail.sealing import keys


class SignOffList(OrganizationView, TemplateView):
    """Every sign-off, newest first, and where the last periods stand."""

    action, subject = Action.VIEW, SIGN_OFFS
    template_name = "reviews/sign_off_list.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows, selection = SignOff.objects.select_related("withdrawal"), None
        if self.request.GET.get("assertion"):
            selection = rows_behind(LIST, self.request.GET)
            rows = selection.narrow(rows) if selection else rows.none()
        page = Paginator(rows, 50).get_page(self.request.GET.get("page"))
        this, last = periods.quarters(self.request.organization.today())[:2]
        return super().get_context_data(**kwargs) | {
            "selection": selection,
            "is_narrowed": bool(self.request.GET.get("assertion")),
            "sign_offs": [navigation.row_of(each) for each in page],
            "page_obj": page,
            "states": [navigation.notice_of(self.request, state_of(period)) for period in (last, this)],
            "list_url": reverse("reviews:sign-offs", args=[self.request.organization.slug]),
        }


class Confirming(OrganizationView):
    """A page whose form is signed: what is typed is kept while a person confirms who they are.

    A confirmation is for the page that asked for it: one that was given before, or to another page, signs nothing here.
    """

    action, subject = Action.SIGN, SIGN_OFFS
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @property
    def draft_key(self) -> str:
        """Where in the session what was typed is kept."""
        return f"{self.request.get_full_path()}"

    @cached_property
    def draft(self) -> Any:
        """What was typed before the person confirmed who they are; None where nothing was."""
        return self.request.session.get("drafts", {}).get(self.draft_key)

    def keep(self, data: Mapping[str, Any]) -> None:
        """Keep what was typed."""
        kept = self.request.session.get("drafts", {})
        self.request.session["drafts"] = kept | {
            self.draft_key: {name: data[name] for name in data if name != "csrfmiddlewaretoken"}
        }

    def forget(self) -> None:
        """Forget what was typed, and the confirmation with it: it is signed."""
        kept = self.request.session.get("drafts", {})
        self.request.session.pop("confirming", None)
        self.request.session["drafts"] = {key: kept[key] for key in kept if key != self.draft_key}

    @cached_property
    def authentication(self) -> Authentication | None:
        """How the person confirmed who they are in the last minutes, if they did so for this page."""
        found, (page, since) = latest(self.request), self.request.session.get("confirming", ("", 0))
        is_for_this = found and page == self.draft_key and found.at.timestamp() >= since
        return found if found and is_for_this and found.is_recent else None

    @cached_property
    def ways(self) -> list[dict[str, str]]:
        """How the person can confirm who they are."""
        return ways(self.request.user, f"{self.request.get_full_path()}#signature")

    def confirm(self) -> HttpResponse:
        """Keep what was typed, and lead to where the person confirms who they are."""
        self.keep(self.request.POST)
        self.request.session["confirming"] = self.draft_key, time.time()
        chosen = next((way for way in self.ways if way["method"] == self.request.POST.get("confirm")), self.ways[0])
        return redirect(chosen["url"])


class SignPage(Confirming, TemplateView):
    """The evaluation of a period as a document that ends in a signature."""

    request: OrganizationRequest

    template_name = "reviews/sign.html"

    @cached_property
    def period(self) -> Period:
        """The period in the address; the last complete one unless it names one that has begun."""
        today = self.request.organization.today()
        named = periods.parse(self.request.GET.get("period", ""))
        return named if named and named.first <= today else periods.quarters(today)[1]

    @property
    def interim(self) -> bool:
        """Whether the period isn't over."""
        return self.period.last >= self.request.organization.today()

    def _forms(self, evaluation: Plain, data: Mapping[str, Any] | None) -> SigningForms:
        codes = [entry["code"] for entry in gaps(evaluation)]
        return SigningForms(
            evaluation,
            data,
            interim=self.interim,
            running=holding_of(self.period, evaluation),
            legal=decisions.legal(ask(self.period), codes),
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if own := state_of(self.period).of(self.request.user):
            return redirect(own)
        evaluation = evaluated_lately(self.period)
        forms = self._forms(evaluation, self.draft)
        changed = unlike(forms.seen, evaluation) if self.draft and forms.seen else []
        return self._page(forms, changed=changed, checked=False)

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        evaluation = evaluated_lately(self.period)
        forms = self._forms(evaluation, request.POST)
        # Against the cached evaluation first, which is cheap; signing evaluates anew behind its own seal.
        if changed := unlike(forms.seen, evaluation):
            return self._page(forms, changed=changed, checked=bool(forms.seen))
        if not forms.are_decisions_as_shown:
            refused = [_("A decision on a gap has changed since it was shown to you. Look at it again and sign.")]
            return self._page(forms, refused=refused, checked=False)
        if not forms.is_valid():
            return self._page(forms, checked=True)
        if self.authentication is None:
            return self.confirm()
        try:
            signed = sign_off(self.period, by=request.user, authentication=self.authentication, **forms.given())
        except EvaluationChanged as error:
            forms = self._forms(error.evaluation, request.POST)
            return self._page(forms, changed=error.differences, checked=False)
        except ValidationError as error:
            return self._page(forms, refused=error.messages, checked=True)
        self.forget()
        messages.success(request, _("You signed %(reference)s.") % {"reference": signed.reference})
        return redirect(signed)

    def _page(
        self, forms: SigningForms, *, checked: bool, changed: list[Difference] | None = None, refused: list[str] | None = None
    ) -> HttpResponse:  # fmt: skip
        """Return the document with what was typed.

        Args:
            forms: what is filled in.
            checked: whether to say what is missing.
            changed: what the evaluation says otherwise than when it was shown.
            refused: why it can't be signed.
        """
        signer = signer_of(self.request.user)
        evaluation = forms.evaluation
        context = self.get_context_data(
            title=document.title_of(self.period, interim=self.interim),
            evaluated=document.evaluated_in_words(evaluation, None),
            gap_count=document.gap_count(len(gaps(evaluation)), len(forms.gaps)),
            running=self._running(evaluation, forms),
            gaps=[{"line": document.line_of(form.entry, self.period), "form": form} for form in forms.gaps],
            parts=[
                part | {"form": forms.conclusions[part["letter"]]}
                for part in document.parts_of(evaluation, self.period)
            ],
            forms=forms,
            checked=checked,
            changed=[document.difference_in_words(each) for each in changed or ()],
            refused=refused or [],
            meaning=meaning_of_sign_off(signer.job_title, interim=self.interim),
            signer=signer,
            authentication=self.authentication,
            ways=self.ways,
            overview_url=f"{self.request.organization.get_absolute_url()}?period={periods.code(self.period)}",
        )
        return self.render_to_response(context, status=422 if self.request.method == "POST" else 200)

    def _running(self, evaluation: Plain, forms: SigningForms) -> list[dict[str, Any]]:
        """Return the gaps about which a decision holds, with what was decided."""
        return [
            {
                "line": document.line_of(entry, self.period),
                "decision": in_short(row),
                "reason": row.reason,
                "by": row.printed_name,
                "decided_at": row.decided_at,
                "url": navigation.decide_url(self.request, entry["code"], self.period, self.request.get_full_path()),
            }
            for entry in gaps(evaluation)
            if (row := forms.running.get(entry["code"]))
        ]


class SignOffView(OrganizationView):
    """A page of one sign-off."""

    action, subject = Action.VIEW, SIGN_OFFS
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @cached_property
    def sign_off(self) -> SignOff:
        """The sign-off in the address; 404 where there is none."""
        rows = SignOff.objects.select_related("withdrawal", "signer")
        return get_object_or_404(rows, reference=self.kwargs["reference"].upper())


class SignOffPage(SignOffView, TemplateView):
    """What was signed, by whom, and what has changed since."""

    request: OrganizationRequest

    template_name = "reviews/sign_off_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        signed = self.sign_off
        content, url = signed.content, signed.get_absolute_url()
        may_withdraw = signed.signer_id == self.request.user.pk and not signed.is_withdrawn
        return super().get_context_data(**kwargs) | {
            "sign_off": signed,
            "status": navigation.status_of(signed),
            "title": document.title_of(signed.period, interim=signed.interim),
            "evaluated": document.evaluated_in_words(content["evaluation"], content["seal"]),
            "gap_count": document.gap_count(len(content["gaps"])),
            "gaps": navigation.decided_gaps(signed),
            "parts": navigation.concluded_parts(signed),
            "signature": document.signature_of(content),
            "withdrawal": document.signature_of(signed.withdrawal.content) if signed.is_withdrawn else None,
            "state": navigation.state_in_words(state_of(signed.period)),
            "changes": navigation.changes_in_words(changes_lately(signed)),
            "fingerprint": keys.fingerprint(),
            "urls": {
                "list": reverse("reviews:sign-offs", args=[self.request.organization.slug]),
                "pdf": f"{url}report.pdf",
                "withdraw": f"{url}withdraw/" if may_withdraw and allowed(self.request, Action.SIGN, SIGN_OFFS) else "",
            },
        }


class SignOffPdf(SignOffView, View):
    """What was signed, as a document to keep."""

    action = Action.EXPORT

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        data = sign_off_pdf(self.sign_off)
        record_event("downloaded a sign-off", self.sign_off.reference, sha256=self.sign_off.digest)
        name = f"{request.organization.slug}-{self.sign_off.reference}.pdf"
        return HttpResponse(
            data, content_type="application/pdf", headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )


class WithdrawPage(SignOffView, Confirming, TemplateView):
    """Take back one's own signature."""

    request: OrganizationRequest

    action = Action.SIGN
    template_name = "reviews/withdraw.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.check()
        if self.sign_off.signer_id != self.request.user.pk:
            raise PermissionDenied
        return super().dispatch(self.request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect(self.sign_off) if self.sign_off.is_withdrawn else self._page(WithdrawalForm(self.draft))

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = WithdrawalForm(request.POST)
        if not form.is_valid():
            return self._page(form)
        if self.authentication is None:
            return self.confirm()
        try:
            withdraw(self.sign_off, by=request.user, authentication=self.authentication, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self._page(form)
        self.forget()
        messages.success(request, _("You took back your signature."))
        return redirect(self.sign_off)

    def _page(self, form: WithdrawalForm) -> HttpResponse:
        signer = signer_of(self.request.user)
        context = self.get_context_data(
            sign_off=self.sign_off,
            title=document.title_of(self.sign_off.period, interim=self.sign_off.interim),
            form=form,
            meaning=meaning_of_withdrawal(signer.job_title),
            signer=signer,
            authentication=self.authentication,
            ways=self.ways,
        )
        return self.render_to_response(context, status=422 if form.errors else 200)
