"""The pages of an import: choose a file, see how it is understood, see what became of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView, View

from organizations.roles import Action
from registers.importing import services
from registers.importing.forms import ColumnsForm, ReadingForm, UploadForm, ValuesForm
from registers.importing.mapping import ImportMapping
from registers.importing.models import ImportJob
from registers.importing.report import summary
from registers.importing.targets import Target, keeps_source_data, targets_of
from registers.importing.template import workbook_of
from registers.importing.told import changes, decisions, found_lines, undone
from registers.tasks import import_file
from registers.views.base import RegisterView

Status = ImportJob.Status
#: Problems that a page shows.
SHOWN_PROBLEMS = 100
RECENT = 8
TONES = {
    Status.CHECKING: "info",
    Status.READY: "attention",
    Status.IMPORTING: "info",
    Status.DONE: "met",
    Status.FAILED: "gap",
    Status.CANCELLED: "none",
    Status.UNDOING: "info",
    Status.UNDONE: "na",
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportView(RegisterView):
    """A page about imports into a register."""

    action = Action.IMPORT

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"list_url": self.register.url("list")}

    @cached_property
    def targets(self) -> dict[str, Target]:
        """What the register's columns accept."""
        return targets_of(self.register)


class UploadFile(ImportView, FormView):
    """Choose a file."""

    template_name = "registers/import_upload.html"
    form_class = UploadForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"register": self.register}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            job = services.upload(
                self.register, form.cleaned_data["file"], form.cleaned_data["mapping"], by=self.request.user
            )
        except ValidationError as error:
            form.add_error("file", error)
            return self.form_invalid(form)
        services.begin(job, import_file.delay)
        return HttpResponseRedirect(job.get_absolute_url())

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
        return super().get_context_data(**kwargs) | {
            "limits": _("Up to %(limit)s MiB.") % {"limit": limit},
            "columns": [self._column(target) for target in self.targets.values()],
            "template_url": self.register.url("import-template"),
            "recent": [
                self._recent(job)
                for job in ImportJob.objects.filter(register=self.register.slug).select_related("requested_by")[:RECENT]
            ],
        }

    def _column(self, target: Target) -> dict[str, Any]:
        column = self.register.bound[target.name].column
        return {
            "label": target.label,
            "required": target.required,
            "words": ", ".join(column.words),
            "help": target.expects,
        }

    def _recent(self, job: ImportJob) -> dict[str, Any]:
        counts = job.result.get("counts") if job.status == Status.DONE else None
        return {
            "filename": job.filename, "url": job.get_absolute_url(), "when": job.requested_at, "who": job.requested_by or "",
            "tone": TONES[Status(job.status)], "status_label": job.get_status_display(), "summary": summary(counts) if counts else "",
        }  # fmt: skip


class ImportTemplate(ImportView, View):
    """An empty workbook with the register's columns."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> FileResponse:
        file = workbook_of(self.register, self.targets)
        return FileResponse(file, as_attachment=True, filename=f"{self.register.slug}.xlsx", content_type=XLSX)


class JobView(ImportView):
    """A page of one import."""

    @cached_property
    def job(self) -> ImportJob:
        """The import in the address; 404 where the register has none of that number."""
        return get_object_or_404(
            ImportJob.objects.select_related("requested_by"), register=self.register.slug, pk=self.kwargs["job"]
        )

    @cached_property
    def mapping(self) -> ImportMapping:
        """What a person has said about the file."""
        return ImportMapping.read(self.job.mapping, self.targets)

    @cached_property
    def complete(self) -> ImportMapping:
        """The mapping with what was proposed for the rest; only what was said where the file could not be looked through."""
        plain = self.job.result.get("mapping")
        return ImportMapping.read(plain, self.targets) if plain else self.mapping


class ImportPage(JobView, TemplateView):
    """Where an import stands: how the file is understood, how far the work is, or what became of it."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx and not self.job.is_pending and not request.htmx.boosted and self.job.status == Status.READY:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        step = (
            self._import
            if {"confirm", "skip_invalid"} & request.POST.keys()
            else self._cancel
            if "cancel" in request.POST
            else self._propose
            if "forget" in request.POST
            else self._check
        )
        try:
            return step()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.job.get_absolute_url())

    def _import(self) -> HttpResponse:
        if self._forms_changed():
            messages.info(
                self.request,
                _(
                    "The mapping was changed since the last check, so the file was checked again. Look at the outcome, then import."
                ),
            )
            return self._check()
        services.ask_to_import(self.job, skip_invalid="skip_invalid" in self.request.POST)
        services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _check(self) -> HttpResponse:
        forms = self._forms(self.request.POST)
        if not all(form.is_valid() for form in forms):
            return self.render_to_response(self.get_context_data(forms=forms), status=422)
        services.ask_to_check(self.job, self._mapping_of(*forms))
        services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _propose(self) -> HttpResponse:
        services.ask_to_propose(self.job)
        services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _cancel(self) -> HttpResponse:
        if self.job.status == Status.UNDOING:
            services.stop_undoing(self.job)
            messages.info(self.request, _("The import of %(file)s stands as it was.") % {"file": self.job.filename})
            return HttpResponseRedirect(self.job.get_absolute_url())
        services.cancel(self.job)
        messages.info(
            self.request, _("The import of %(file)s is given up; nothing was written.") % {"file": self.job.filename}
        )
        return HttpResponseRedirect(self.register.url("import"))

    def _forms(self, data: Any = None) -> tuple[ReadingForm, ColumnsForm, ValuesForm]:
        found, result, can_keep = (
            self.job.found or {"format": _likely_format(self.job.filename)},
            self.job.result,
            keeps_source_data(self.register),
        )
        return (
            ReadingForm(data, found=found, mapping=self.mapping, targets=self.targets),
            ColumnsForm(
                data,
                found=found,
                complete=self.complete,
                targets=self.targets,
                kept=can_keep and self.mapping.keep_unmapped is not False,
            ),
            ValuesForm(
                data,
                mapping=self.mapping,
                complete=self.complete,
                targets=self.targets,
                result=result,
                can_keep=can_keep,
            ),
        )

    def _forms_changed(self) -> bool:
        return any(form.has_changed() for form in self._forms(self.request.POST))

    def _mapping_of(self, reading: ReadingForm, columns: ColumnsForm, values: ValuesForm) -> ImportMapping:
        """What the forms say. Where the file is to be read differently its columns are others, so that they are proposed anew."""
        if reading.reading != self.mapping.reading:
            return ImportMapping(reading=reading.reading, dates=reading.said("dates"), numbers=reading.said("numbers"))
        sources = values.constants(self.complete) | columns.sources(self.complete)
        # A field that nobody chose is left alone, rather than proposed again.
        fields = {name: sources.get(name) for name in self.targets}
        keep = values.cleaned_data.get("keep_unmapped")
        return replace(
            self.mapping,
            fields=fields,
            values=values.meanings(self.mapping),
            dates=reading.said("dates"),
            numbers=reading.said("numbers"),
            create=values.create() if values.create() is not None else self.mapping.create,
            keep_unmapped=keep,
        )

    def get_template_names(self) -> list[str]:
        if self.job.status == Status.READY:
            return ["registers/import_preview.html"]
        return [
            f"registers/import_result.html{'#progress' if self.request.htmx and not self.request.htmx.boosted else ''}"
        ]

    def get_context_data(self, forms: Any = None, **kwargs: Any) -> dict[str, Any]:
        problems = self.job.result.get("problems", [])
        context = super().get_context_data(**kwargs) | {
            "problems": problems[:SHOWN_PROBLEMS],
            "problems_total": self.job.result.get("problems_total", 0),
        }
        return context | (
            self._preview(forms or self._forms()) if self.job.status == Status.READY else {"job": self._progress()}
        )

    def _preview(self, forms: tuple[ReadingForm, ColumnsForm, ValuesForm]) -> dict[str, Any]:
        reading, columns, values = forms
        found, result = self.job.found, self.job.result
        return {
            "filename": self.job.filename,
            "errors": result.get("errors", []),
            "found": list(found_lines(found, self.targets)),
            "notes": [*found.get("notes", []), *decisions(result)],
            "recognised": self._recognised(),
            "passed_over": result.get("passed_over", []),
            "reading_form": reading,
            "reading_open": bool(result.get("errors"))
            or any(style["ask"] for what in ("dates", "numbers") for style in found.get(what, {}).values()),
            "mapping": columns.lines(),
            "values_form": values,
            "values_open": bool(result.get("missing") or result.get("unknown_words")),
            "missing": result.get("missing", []),
            "counts": result.get("counts"),
            "counts_note": changes(result, self.register),
            "changes": result.get("changes", []),
            "table": {
                "columns": result.get("columns", []),
                "rows": [row | {"state_label": _STATES[row["state"]]()} for row in result.get("rows", [])],
            },
            "mapping_url": self.register.url("import-mapping", str(self.job.pk)),
            "refused_url": self._refused_url(),
        }

    def _recognised(self) -> dict[str, Any] | None:
        """The earlier file of the same kind, as which this one is understood."""
        told = self.job.found.get("recognised")
        return told and {"file": told["file"], "when": datetime.fromisoformat(told["when"])}

    def _progress(self) -> dict[str, Any]:
        job, checking = self.job, self.job.status == Status.CHECKING
        running = job.is_pending
        waiting = running and not job.lease_token
        return {
            "filename": job.filename, "running": running, "checking": checking, "progress": None if waiting else job.progress, "message": self._message(waiting), "error": self._error(),
            "note": _("You can close this page and come back; nothing is written before you agree.") if checking else "",
            "counts": job.result.get("counts") if job.status == Status.DONE else None, "started_at": job.requested_at, "finished_at": job.finished_at,
            "undoing": job.status == Status.UNDOING, "undo_url": self.register.url("import-undo", str(job.pk)) if job.can_be_undone else "", "stands": job.has_failed and job.written_at is not None,
            "by": job.requested_by or "", "refused_url": self._refused_url(), "again_url": self.register.url("import"), "may_cancel": running,
        }  # fmt: skip

    def _message(self, waiting: bool) -> str:
        if waiting:
            return _("Waiting for a worker")
        if self.job.is_pending:
            return self.job.message or self.job.get_status_display()
        if self.job.status == Status.UNDONE:
            return _("Undone: %(what)s") % {"what": undone(self.job.undo["counts"])}
        return summary(self.job.result["counts"]) if self.job.status == Status.DONE else self.job.get_status_display()

    def _error(self) -> dict[str, str] | None:
        if self.job.has_failed:
            return {"what": self.job.failure.get("what", ""), "remedy": self.job.failure.get("remedy", "")}
        if self.job.status == Status.CANCELLED:
            return {"what": _("The import was given up."), "remedy": _("Nothing was written.")}
        return None

    def _refused_url(self) -> str:
        has_file = self.job.path and not self.job.is_pending and self.job.result.get("problems_total")
        return self.register.url("import-refused", str(self.job.pk)) if has_file else ""


class RefusedFile(JobView, View):
    """The refused rows with reasons, as a workbook."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> FileResponse:
        if not self.job.path or not default_storage.exists(self.job.refused_path):
            raise Http404
        return FileResponse(
            default_storage.open(self.job.refused_path),
            as_attachment=True,
            filename=f"{PurePath(self.job.filename).stem}-refused.xlsx",
            content_type=XLSX,
        )


class MappingFile(JobView, View):
    """The mapping as JSON, to be used again here or on the command line."""

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        text = json.dumps(self.complete.plain(), ensure_ascii=False, indent=2)
        return HttpResponse(
            text,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{self.register.slug}-mapping.json"'},
        )


def _likely_format(filename: str) -> str:
    """What a file that could not be read was meant to be; only its name says."""
    return "xlsx" if filename.lower().endswith((".xlsx", ".xlsb", ".xls", ".ods")) else "csv"


_STATES: dict[str, Callable[[], str]] = {
    "created": lambda: _("New"),
    "changed": lambda: _("Changed"),
    "unchanged": lambda: _("Unchanged"),
    "refused": lambda: _("Refused"),
}
