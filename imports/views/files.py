"""The page on which several files are dropped at once, each to become an import of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import FormView

from imports import services
from imports.elsewhere import Elsewhere
from imports.forms import FilesForm
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.name_form import unknown_names
from imports.new_fields import targets_for
from imports.questions import ASKED
from imports.register_proposal import proposed_register
from imports.report import summary
from imports.tasks import import_file
from imports.views.upload import TONES, Status
from organizations.access import OrganizationView, allowed
from organizations.request import OrganizationRequest
from organizations.roles import REGISTERS, Action
from registers.register import Register, registry

#: Files that one form may bring, and imports that the page shows.
MOST_FILES, MOST_SHOWN = 20, 50


def waiting() -> QuerySet[ImportJob]:
    """Return the imports that are begun and neither finished nor given up."""
    return ImportJob.objects.filter(status__in=(Status.CHECKING, Status.READY, Status.IMPORTING))


class ImportFiles(OrganizationView, FormView):
    """Files are chosen, a register is proposed for each, and what waits is listed with what is asked."""

    action, subject = Action.IMPORT, REGISTERS
    form_class = FilesForm
    template_name = "imports/files.html"
    request: OrganizationRequest

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        if "rest" in request.POST:
            return self._take_up()
        return self._move() if "move" in request.POST else super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        files = form.cleaned_data["tables"]
        if len(files) > MOST_FILES:
            form.add_error(
                "files", _("These are more than %(most)s files: drop them in portions.") % {"most": MOST_FILES}
            )
            return self.form_invalid(form)
        for file in files:
            register = proposed_register(file, most_bytes=services.SMALL_FILE)
            try:
                job = services.upload(register, file, ImportMapping(), by=self.request.user)
            except ValidationError as error:
                messages.error(self.request, f"{file.name}: {' '.join(error.messages)}")
            else:
                services.begin(job, import_file.delay)
        return self._back()

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        jobs = list(waiting().select_related("requested_by").order_by("pk")[:MOST_SHOWN])
        elsewhere = Elsewhere(jobs)
        return super().get_context_data(**kwargs) | {
            "jobs": [self._line(job, elsewhere) for job in jobs if job.register in registry.slugs()],
            "registers": [(register.slug, register.title) for register in registry],
        }

    def _line(self, job: ImportJob, elsewhere: Elsewhere) -> dict[str, Any]:
        return {
            "key": job.pk, "filename": job.filename, "register": job.register, "url": job.get_absolute_url(), "when": job.requested_at,
            "who": job.requested_by or "", "tone": TONES[Status(job.status)], "status_label": job.get_status_display(),
            "says": _said(job), "may_move": job.status == Status.READY, "elsewhere": list(elsewhere.lines(job, self._may_import)),
        }  # fmt: skip

    def _move(self) -> HttpResponse:
        key = self.request.POST["move"]
        job = get_object_or_404(ImportJob, pk=int(key) if key.isdecimal() else 0)
        register = registry.get(self.request.POST.get(f"register-{key}", ""))
        if register is None:
            messages.error(self.request, _("Choose a register for %(file)s.") % {"file": job.filename})
        elif register.slug != job.register:
            try:
                services.begin(services.ask_to_move(job, register), import_file.delay)
            except ValidationError as error:
                messages.error(self.request, " ".join(error.messages))
        return self._back()

    def _take_up(self) -> HttpResponse:
        """Have a file looked through for the other register to which rows of it belong, with what was said about it."""
        key, _sign, slug = self.request.POST["rest"].partition("-")
        job = get_object_or_404(ImportJob, pk=int(key) if key.isdecimal() else 0)
        register = registry.get(slug)
        if register is None or not self._may_import(register):
            messages.error(self.request, _("You may not import into that register: let somebody who may import it."))
        elif Elsewhere([job]).taken_up(job, register) is None:
            try:
                services.begin(services.take_up(job, register, by=self.request.user), import_file.delay)
            except ValidationError as error:
                messages.error(self.request, " ".join(error.messages))
        return self._back()

    def _may_import(self, register: Register) -> bool:
        return allowed(self.request, Action.IMPORT, register.slug)

    def _back(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("import-files", args=[self.request.organization.slug]))


def _said(job: ImportJob) -> str:
    """Return in a few words what became of the look through a file, and what it still needs."""
    result = job.result
    if result.get("errors"):
        return str(result["errors"][0])
    if result.get("missing"):
        return _("needs a column for %(fields)s") % {"fields": ", ".join(result["missing"])}
    if result.get(ASKED) or (result.get("survey") or {}).get("open"):
        return _("asks what its numbers mean")
    said = summary(result["counts"]) if result.get("counts") else ""
    if names := unknown_names(result, targets_for(registry[job.register], job.mapping)):
        asks = ngettext("asks whom one name means", "asks whom %(count)s names mean", len(names)) % {
            "count": len(names)
        }
        return f"{said}; {asks}"
    return said
