"""Evidence files of a record: attached, and given out again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import View

from evidence import services
from evidence.models import Attachment
from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import ATTACHMENTS, Action
from registers.register import registry
from trail.models import record_event


class Attach(OrganizationView, View):
    """Attach files to a record. Who may change the record may attach to it.

    Scripts, which ask for JSON, are told of each file why it isn't taken; a browser is told on the record's page.
    """

    action = Action.CHANGE
    row_decides = True
    http_method_names = ["post"]
    request: OrganizationRequest

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        record = registry.find(kwargs["reference"])
        if record is None:
            raise Http404
        # Which right it takes depends on the record's register, so it can be checked only now.
        self.subject = record.register_slug
        self.check(record)
        results = [(upload.name or "", self._attach(record, upload)) for upload in request.FILES.getlist("file")]
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"files": [{"name": name, "error": error} for name, error in results]})
        self._tell(results)
        return redirect(record)

    def _attach(self, record: Any, upload: Any) -> str:
        """Attach one file; return why it isn't taken, or an empty text."""
        try:
            services.attach(record, upload, by=self.request.user)
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

    def _tell(self, results: Sequence[tuple[str, str]]) -> None:
        if not results:
            messages.error(self.request, _("Choose a file first."))
        for name, error in results:
            if error:
                messages.error(self.request, error if len(results) == 1 else f"{name}: {error}")
        if attached := sum(not error for _name, error in results):
            words = ngettext("The file is attached.", "%(count)s files are attached.", attached)
            messages.success(self.request, words % {"count": attached})


class DownloadAttachment(OrganizationView, View):
    """An evidence file, always as a download, never shown in the browser."""

    action, subject, sub_clauses = Action.VIEW, ATTACHMENTS, ""

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> FileResponse:
        attachment = get_object_or_404(Attachment, pk=kwargs["pk"])
        if registry.find(attachment.subject) is None:  # its record isn't visible, so neither is the file
            raise Http404
        record_event("downloaded a file", attachment.subject, name=attachment.name, sha256=attachment.sha256)
        return FileResponse(
            default_storage.open(attachment.path),
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
        )
