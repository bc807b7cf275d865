"""Imports into a register: choosing a file, and the files that an import offers.

Its page is in :mod:`imports.views.job`.
"""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.generic import FormView, View

from imports import services
from imports.forms import UploadForm
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.new_fields import targets_for
from imports.report import summary
from imports.sources import MappingError
from imports.tasks import import_file
from imports.template import workbook_of
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.parsing.targets import Target, targets_of
from registers.views.base import RegisterView

Status = ImportJob.Status
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
    """The page on which a file is chosen."""

    request: OrganizationRequest

    template_name = "imports/upload.html"
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
        return super().get_context_data(**kwargs) | {
            "columns": [self._column(target) for target in self.targets.values()],
            "template_url": self.register.url("import-template"),
            "recent": [
                self._recent(job)
                for job in ImportJob.objects.filter(register=self.register.slug).select_related("requested_by")[:RECENT]
            ],
        }

    def _column(self, target: Target) -> dict[str, Any]:
        bound = self.register.bound.get(target.name)
        return {
            "label": target.label,
            "required": target.required,
            "words": ", ".join(bound.column.words) if bound else "",
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

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> FileResponse:
        file = workbook_of(self.register, self.targets)
        return FileResponse(file, as_attachment=True, filename=f"{self.register.slug}.xlsx", content_type=XLSX)


class JobView(ImportView):
    """A page of one import."""

    @cached_property
    def targets(self) -> dict[str, Target]:
        """What the register's columns accept, and the fields that the import makes."""
        return targets_for(self.register, self.job.mapping)

    @cached_property
    def job(self) -> ImportJob:
        """The import in the address; 404 where the register has none of that number."""
        return get_object_or_404(
            ImportJob.objects.select_related("requested_by"), register=self.register.slug, pk=self.kwargs["job"]
        )

    @cached_property
    def is_outdated(self) -> bool:
        """Whether what was said about the file names fields that the register has no more.

        Then all of it is proposed anew.
        """
        try:
            for plain in filter(None, (self.job.mapping, self.job.result.get("mapping"))):
                ImportMapping.read(plain, self.targets)
        except MappingError:
            return True
        return False

    @cached_property
    def mapping(self) -> ImportMapping:
        """What a person has said about the file."""
        return ImportMapping() if self.is_outdated else ImportMapping.read(self.job.mapping, self.targets)

    @cached_property
    def complete(self) -> ImportMapping:
        """The mapping with what was proposed for the rest.

        It is only what was said where the file could not be looked through.
        """
        plain = self.job.result.get("mapping")
        return ImportMapping.read(plain, self.targets) if plain and not self.is_outdated else self.mapping


class RefusedFile(JobView, View):
    """The refused rows with reasons, as a workbook."""

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> FileResponse:
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

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = json.dumps(self.job.result.get("mapping") or self.job.mapping, ensure_ascii=False, indent=2)
        return HttpResponse(
            text,
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{self.register.slug}-mapping.json"'},
        )
