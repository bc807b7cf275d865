"""Pages of the auditor's bench: samples, traces of rows with notes, requests for evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from audits import services
from audits.forms import AnswerForm, AskForm, NoteForm, SampleForm, VerdictForm
from audits.models import AuditNote, EvidenceRequest, Reply, Sample, SampledRow
from audits.population import parameters_of, rows_of, versions
from audits.trace import trace
from organizations.access import OrganizationView, allowed
from organizations.auditor_scope import audit_scope
from organizations.request import OrganizationRequest
from organizations.roles import REQUESTS, SAMPLES, Action
from registers.register import Register, registry

Finding, Status = AuditNote.Finding, EvidenceRequest.Status
FINDING_TONES = {
    Finding.CONFORMITY: "met", Finding.NONCONFORMITY: "gap", Finding.OBSERVATION: "attention", Finding.IMPROVEMENT: "info",
}  # fmt: skip
STATUS_TONES = {Status.OPEN: "attention", Status.ANSWERED: "info", Status.ACCEPTED: "met"}
PAGE = 50


def status_of(request: EvidenceRequest) -> dict[str, str]:
    """Return whose turn it is, as icon and word."""
    return {"tone": STATUS_TONES[Status(request.status)], "text": str(request.get_status_display())}


def finding_of(note: AuditNote) -> dict[str, str]:
    """Return what an auditor found, as icon and word."""
    return {"tone": FINDING_TONES[Finding(note.finding)], "text": str(note.get_finding_display())}


class BenchView(OrganizationView):
    """A page of the bench. It serves all sub-clauses; what it shows is narrowed row by row."""

    sub_clauses = ""
    request: OrganizationRequest
    kwargs: dict[str, Any]

    def url(self, name: str, *args: str) -> str:
        """Return the address of another page of the bench."""
        return reverse(f"audits:{name}", args=[self.request.organization.slug, *args])


class SampleList(BenchView, TemplateView):
    """Samples, newest first, and the registers to draw from."""

    request: OrganizationRequest

    action, subject = Action.VIEW, SAMPLES
    template_name = "audits/sample_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = Sample.objects.visible(self.request.user).listed()
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        may_draw = allowed(self.request, Action.ADD, SAMPLES)
        return super().get_context_data(**kwargs) | {
            "samples": page,
            "page_obj": page,
            "sources": [
                {"title": register.title, "url": self.url("sample-draw", register.slug)}
                for register in registry
                if may_draw and audit_scope().includes(register.sub_clauses)
            ],
        }


class DrawSample(BenchView, FormView):
    """The page that draws rows from a register's list as it is filtered, and counts them."""

    request: OrganizationRequest

    action, subject = Action.ADD, SAMPLES
    form_class = SampleForm

    @cached_property
    def register(self) -> Register:
        """The register in the address."""
        register = registry.get(self.kwargs["register"])
        if register is None or not audit_scope().includes(register.sub_clauses):
            raise Http404
        return register

    @property
    def query(self) -> str:
        """The list's query string, which says which rows are the population."""
        return parameters_of(self.request.GET.get("of", "")).urlencode()

    def get_template_names(self) -> list[str]:
        return ["audits/sample_form.html"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"register": self.register}

    def form_valid(self, form: Any) -> HttpResponse:
        sample = form.save(commit=False)
        try:
            services.draw_sample(sample, register=self.register, query=self.query, by=self.request.user)
        except ValidationError as error:
            form.add_error(None, error)
            return self.form_invalid(form)
        return redirect(sample)

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        list_url = self.register.url("list")
        return super().get_context_data(**kwargs) | {
            "register": self.register,
            "population": rows_of(self.register, self.query).count(),
            "is_narrowed": bool(self.query),
            "rows_url": f"{list_url}?{self.query}" if self.query else list_url,
            "list_url": self.url("samples"),
        }


class SampleView(BenchView):
    """A page of one sample."""

    action, subject = Action.VIEW, SAMPLES

    @cached_property
    def sample(self) -> Sample:
        """The sample in the address."""
        rows = Sample.objects.visible(self.request.user).select_related("drawn_by")
        return get_object_or_404(rows, reference=self.kwargs["reference"].upper())


class SamplePage(SampleView, TemplateView):
    """The page of how a sample was drawn, its rows, and which of them the auditor has seen."""

    request: OrganizationRequest

    template_name = "audits/sample_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sample = self.sample
        rows = [self._row(row) for row in sample.rows.prefetch_related("notes__written_by")]
        rows_url = sample.of.url("list") + (f"?{sample.query}" if sample.query else "")
        return super().get_context_data(**kwargs) | {
            "sample": sample,
            "rows": rows,
            "seen": sum(bool(row["notes"]) for row in rows),
            "groups": services.group_sizes(sample) if sample.stratified_by else [],
            "grouped_by": sample.of.bound[sample.stratified_by].label if sample.stratified_by else "",
            "rows_url": rows_url,
            "list_url": self.url("samples"),
        }

    def _row(self, row: SampledRow) -> dict[str, Any]:
        return {
            "reference": row.reference,
            "title": row.title,
            "revision": row.revision,
            "url": self.url("trace", self.sample.reference, row.reference),
            "notes": [finding_of(note) | {"words": note.text, "by": note.written_by} for note in row.notes.all()],
        }


class TracePage(SampleView, TemplateView):
    """A sampled row: its trace, what was noted and asked about it."""

    request: OrganizationRequest

    template_name = "audits/trace.html"

    @cached_property
    def row(self) -> SampledRow:
        """The sampled row in the address; its record must still be visible."""
        found: SampledRow = get_object_or_404(self.sample.rows, reference=self.kwargs["row"].upper())
        if self.record is None:
            raise Http404
        return found

    @cached_property
    def record(self) -> Any:
        """The record as it stands now, or None where it isn't visible."""
        return registry.find(self.kwargs["row"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, sample, slug = self.row, self.sample, self.request.organization.slug
        rows = list(sample.rows.values_list("reference", flat=True))
        place = rows.index(row.reference)
        asked = EvidenceRequest.objects.visible(self.request.user).filter(subject=row.reference)
        address = [slug, sample.reference, row.reference]
        context = {
            "sample": sample,
            "sampled": row,
            "has_changed": versions(sample.of, [self.record.pk])[self.record.pk] != row.version,
            "record": self.record,
            "stages": trace(self.record),
            "notes": [
                {"note": note, "finding": finding_of(note)} for note in row.notes.select_related("written_by").all()
            ],
            "asked": [{"request": each, "status": status_of(each)} for each in asked.select_related("asked_by")],
            "number": place + 1,
            "count": len(rows),
            "next_url": self.url("trace", sample.reference, rows[place + 1]) if place + 1 < len(rows) else "",
            "list_url": self.url("samples"),
        }
        if allowed(self.request, Action.ADD, SAMPLES):
            context |= {"note_form": NoteForm(), "note_url": reverse("audits:note", args=address)}
        if allowed(self.request, Action.ADD, REQUESTS):
            context |= {"ask_form": AskForm(), "ask_url": reverse("audits:ask", args=address)}
        return super().get_context_data(**context | kwargs)


class AddNote(TracePage):
    """Write down what was found of a row."""

    action = Action.ADD
    http_method_names = ["post"]

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = NoteForm(request.POST, instance=AuditNote(row=self.row))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(note_form=form), status=422)
        services.add_note(form.save(commit=False), by=request.user)
        messages.success(request, _("Noted."))
        return redirect(self.row)


class AskForEvidence(TracePage):
    """Ask the quality manager to show something of a row."""

    action, subject = Action.ADD, REQUESTS
    http_method_names = ["post"]

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AskForm(request.POST, instance=EvidenceRequest(subject=self.row.reference))
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(ask_form=form), status=422)
        asked = services.ask_for_evidence(form.save(commit=False), by=request.user)
        messages.success(request, _("%(reference)s is asked.") % {"reference": asked.reference})
        return redirect(self.row)


class RequestList(BenchView, TemplateView):
    """Requests for evidence: those that wait first."""

    request: OrganizationRequest

    action, subject = Action.VIEW, REQUESTS
    template_name = "audits/request_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = EvidenceRequest.objects.visible(self.request.user).waiting_first().select_related("asked_by")
        page = Paginator(rows, PAGE).get_page(self.request.GET.get("page"))
        today = self.request.organization.today()
        return super().get_context_data(**kwargs) | {
            "requests": [
                {"request": each, "status": status_of(each), "is_late": each.is_late_on(today)} for each in page
            ],
            "page_obj": page,
        }


class RequestView(BenchView):
    """A page of one request for evidence."""

    action, subject = Action.VIEW, REQUESTS

    @cached_property
    def asked(self) -> EvidenceRequest:
        """The request in the address."""
        rows = EvidenceRequest.objects.visible(self.request.user).select_related("asked_by")
        return get_object_or_404(rows, reference=self.kwargs["reference"].upper())


class RequestPage(RequestView, TemplateView):
    """What was asked, every turn since, and the next one."""

    request: OrganizationRequest

    template_name = "audits/request_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, context = self.asked, {}
        if asked.status == Status.OPEN and allowed(self.request, Action.CHANGE, REQUESTS):
            context = {
                "answer_form": AnswerForm(subject=asked.subject),
                "answer_url": self.url("answer", asked.reference),
            }
        if asked.status == Status.ANSWERED and allowed(self.request, Action.ADD, REQUESTS):
            context = {"verdict_form": VerdictForm(), "verdict_url": self.url("verdict", asked.reference)}
        return super().get_context_data(
            **{
                "asked": asked,
                "status": status_of(asked),
                "record": registry.find(asked.subject),
                "replies": asked.replies.select_related("written_by", "attachment"),
                "list_url": self.url("requests"),
            }
            | context
            | kwargs
        )


class Turn(RequestPage):
    """The next turn of a request."""

    http_method_names = ["post"]

    def take(self, form: Any, name: str, act: Callable[[Reply], Any]) -> HttpResponse:
        """Let a service take the turn; show what it refuses at the form.

        Args:
            form: the form of the turn.
            name: the form's name in the page's context.
            act: the service.
        """
        if form.is_valid():
            try:
                act(form.save(commit=False))
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return redirect(self.asked)
        return self.render_to_response(self.get_context_data(**{name: form}), status=422)


class Answer(Turn):
    """Show what was asked for."""

    action = Action.CHANGE

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AnswerForm(request.POST, request.FILES, subject=self.asked.subject)
        return self.take(
            form,
            "answer_form",
            lambda reply: services.answer(
                self.asked, reply, by=request.user, upload=form.cleaned_data.get("upload") or None
            ),
        )


class Verdict(Turn):
    """Accept an answer, or say what is missing."""

    action = Action.ADD

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        decide = services.accept if request.POST.get("verdict") == "accept" else services.reopen
        form = VerdictForm(request.POST)
        return self.take(form, "verdict_form", lambda reply: decide(self.asked, reply, by=request.user))
