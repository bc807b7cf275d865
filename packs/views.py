"""Evidence packs from request to download."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from audits.models import Sample
from clauses import periods
from clauses.assertion import assertions
from evidence.models import Attachment
from organizations.access import OrganizationView, allowed
from organizations.auditor_scope import audit_scope
from organizations.models import Site
from organizations.request import OrganizationRequest
from organizations.roles import PACKS, Action
from packs import services
from packs.forms import PackForm, check_moment
from packs.models import EvidencePack
from packs.tasks import build_pack
from registers.register import registry
from trail.models import record_event
from trail.time_travel.travel import time_travel

Status = EvidencePack.Status
TONES = {Status.STORED: "met", Status.FAILED: "gap", Status.CANCELLED: "none"}


def period_words(pack: EvidencePack) -> str:
    """Return a pack's period in words, as ``1 Jul 2026 to 30 Sep 2026``."""
    return _("%(first)s to %(last)s") % {
        "first": formats.date_format(pack.period_from, "j M Y"),
        "last": formats.date_format(pack.period_to, "j M Y"),
    }


def visible_packs() -> Any:
    """Return the packs that hold nothing outside the audit scope of whoever asks."""
    scope = audit_scope()
    if not scope:
        return EvidencePack.objects.all()
    asked = EvidencePack.objects.order_by().values_list("pk", "sub_clauses", "sites")
    return EvidencePack.objects.filter(pk__in=[pk for pk, letters, sites in asked if scope.covers(letters, sites)])


class PackList(OrganizationView, TemplateView):
    """The list of packs that were asked for, newest first."""

    action, subject, sub_clauses = Action.VIEW, PACKS, ""
    template_name = "packs/pack_list.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(visible_packs().select_related("requested_by"), 50).get_page(self.request.GET.get("page"))
        create = reverse("packs:request", args=[self.request.organization.slug])
        return super().get_context_data(**kwargs) | {
            "packs": [self._row(pack) for pack in page],
            "page_obj": page,
            "urls": {"create": create if allowed(self.request, Action.ADD, PACKS) else ""},
        }

    def _row(self, pack: EvidencePack) -> dict[str, Any]:
        return {
            "reference": pack.reference, "url": pack.get_absolute_url(), "period": period_words(pack), "as_of": pack.as_of,
            "status_label": pack.get_status_display(), "tone": TONES.get(Status(pack.status), "info"), "requested_by": pack.requested_by or _("command line"),
            "requested_at": pack.requested_at, "size": pack.size, "download_url": f"{pack.get_absolute_url()}download/" if pack.is_stored else "",
        }  # fmt: skip


class RequestPack(OrganizationView, FormView):
    """The page that asks for a pack; a preview says what will be in it."""

    action, subject = Action.ADD, PACKS
    form_class = PackForm
    request: OrganizationRequest

    def get_template_names(self) -> list[str]:
        return [
            "packs/pack_form.html#preview"
            if self.request.htmx and self.request.method == "GET"
            else "packs/pack_form.html"
        ]

    def get_initial(self) -> dict[str, Any]:
        period = (
            periods.parse(self.request.GET.get("period", "")) or periods.quarters(self.request.organization.today())[1]
        )
        return {
            "period_from": period.first,
            "period_to": period.last,
            "sub_clauses": list("abc"),
            "samples": Sample.objects.values_list("reference", flat=True),
            "language": self.request.organization.language,
        }

    def form_valid(self, form: Any) -> HttpResponse:
        pack = services.request_pack(
            form.save(commit=False),
            by=self.request.user,
            as_of=form.cleaned_data["moment"],
            start=build_pack.delay,
        )
        return redirect(pack)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        letters = self.request.GET.getlist("sub_clauses") or list("abc")
        known = {str(key): key for key in Site.objects.values_list("pk", flat=True)}
        sites = [known[key] for key in self.request.GET.getlist("sites") if key in known]
        url = reverse("packs:list", args=[self.request.organization.slug])
        return super().get_context_data(**kwargs) | {
            "inside": preview(letters, sites, self._moment()),
            "list_url": url,
            "cancel_url": url,
        }

    def _moment(self) -> datetime | None:
        """Return the moment that the preview is asked for; None for now, and where it is none."""
        with suppress(ValidationError):
            moment: datetime | None = PackForm.base_fields["moment"].clean(self.request.GET.get("moment", ""))
            if moment:
                check_moment(moment)
            return moment
        return None


def preview(letters: list[str], sites: list[int], moment: datetime | None = None) -> list[dict[str, str]]:
    """Return what a pack of these sub-clauses and sites will hold, as of a moment or now."""
    with time_travel(moment) if moment else nullcontext():
        return _counts(letters, sites)


def _counts(letters: list[str], sites: list[int]) -> list[dict[str, str]]:
    inside = [register for register in registry if not register.sub_clause or register.sub_clause in letters]
    rows = [
        register.model.objects.filter(site__in=sites) if sites else register.model.objects.all() for register in inside
    ]
    return [
        {"label": _("Report as PDF"), "value": _("1")},
        {
            "label": _("Statements evaluated"),
            "value": str(sum(assertion.sub_clause in letters for assertion in assertions)),
        },
        {"label": _("Registers as workbooks"), "value": str(len(inside))},
        {"label": _("Records for machines"), "value": f"{sum(each.count() for each in rows):,}"},
        {"label": _("Evidence files"), "value": f"{Attachment.objects.values('sha256').distinct().count():,}"},
    ]


class PackView(OrganizationView):
    """A page of one pack."""

    subject, sub_clauses = PACKS, ""
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @cached_property
    def pack(self) -> EvidencePack:
        return get_object_or_404(visible_packs().select_related("requested_by"), reference=self.kwargs["reference"])


class PackPage(PackView, TemplateView):
    """The page of a pack: its progress, step by step, then the pack itself."""

    request: OrganizationRequest

    action = Action.VIEW

    def get_template_names(self) -> list[str]:
        return [f"packs/pack_detail.html{'#progress' if self.request.htmx else ''}"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "pack": self._pack(self.pack),
            "inside": self._inside(self.pack),
            "list_url": reverse("packs:list", args=[self.request.organization.slug]),
        }

    def _pack(self, pack: EvidencePack) -> dict[str, Any]:
        may_build, url = allowed(self.request, Action.ADD, PACKS), pack.get_absolute_url()
        running = pack.is_pending
        subtitle = _("%(period)s, as of %(moment)s · asked for by %(person)s") % {
            "period": period_words(pack), "moment": formats.date_format(pack.as_of.astimezone(self.request.organization.zone), "j M Y, H:i"),
            "person": pack.requested_by or _("the command line"),
        }  # fmt: skip
        return {
            "reference": pack.reference, "subtitle": subtitle, "status": pack.status, "running": running, "progress": pack.progress,
            "message": self._message(pack), "steps": self._steps(pack), "error": pack.failure or None, "digest": pack.digest if pack.is_stored else "",
            "signed": pack.contents.get("signed"), "size": pack.size, "filename": pack.file_name, "download_url": f"{url}download/" if pack.is_stored else "",
            "retry_url": f"{url}retry/" if may_build and pack.status in (Status.FAILED, Status.CANCELLED) else "",
            "cancel_url": f"{url}cancel/" if may_build and running else "",
        }  # fmt: skip

    def _message(self, pack: EvidencePack) -> str:
        return _("The pack is ready") if pack.is_stored else pack.get_status_display()

    def _steps(self, pack: EvidencePack) -> list[dict[str, str]]:
        return [
            {
                "label": str(step.label),
                "state": self._state(pack, step),
                "note": self._note(pack, step),
            }
            for step in EvidencePack.STEPS
        ]

    def _note(self, pack: EvidencePack, step: str) -> str:
        """Return how long a step took, or how far it is."""
        if step in pack.steps:
            return _("%(seconds)s s") % {"seconds": pack.steps[step]}
        return pack.message if step == pack.status else ""

    def _state(self, pack: EvidencePack, step: str) -> str:
        if pack.is_stored or step in pack.steps:
            return "done"
        if step == pack.status:
            return "running"
        began = list(EvidencePack.STEPS)[: len(pack.steps) + 1]
        return "failed" if pack.has_failed and step == began[-1] else "waiting"

    def _inside(self, pack: EvidencePack) -> list[dict[str, str]]:
        if not pack.contents:
            return preview(list(pack.sub_clauses), pack.sites)
        rows = [
            {"label": str(register["title"]), "value": f"{register['count']:,}"}
            for register in pack.contents["registers"]
        ]
        return [
            {"label": _("Statements evaluated"), "value": str(pack.contents["assertions"])},
            *rows,
            {"label": _("Evidence files"), "value": f"{pack.contents['attachments']:,}"},
        ]


class DownloadPack(PackView, View):
    """The download of a finished pack."""

    action = Action.EXPORT

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> FileResponse:
        if not self.pack.is_stored:
            raise Http404
        record_event("downloaded a pack", self.pack.reference, digest=self.pack.digest)
        return FileResponse(
            default_storage.open(self.pack.path),
            as_attachment=True,
            filename=self.pack.file_name,
            content_type="application/zip",
        )


class CancelPack(PackView, View):
    """Give up a pack that isn't finished."""

    action = Action.ADD
    http_method_names = ["post"]

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.cancel_pack(self.pack, by=request.user)
        return redirect(self.pack)


class RetryPack(PackView, View):
    """Try a pack again that failed or was given up: the same request, as of the same moment."""

    action = Action.ADD
    http_method_names = ["post"]

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        services.retry_pack(self.pack, by=request.user, start=build_pack.delay)
        return redirect(self.pack)
