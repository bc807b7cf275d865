"""The pages that change many rows alike: choose what, see what it comes to, confirm."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from organizations.access import allowed_with_own
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.editing import bulk
from registers.editing.bulk_forms import ChangesForm
from registers.editing.models import BulkEdit
from registers.lists.arrangement import Arrangement
from registers.lists.pagination import counted
from registers.lists.rows import rows_for
from registers.tasks import edit_rows
from registers.views.base import RegisterView
from registers.views.edit import ReasonForm

Status = BulkEdit.Status
#: Rows that can be picked one by one; of more, all that the list shows are meant.
MOST_PICKED = 20_000


class BulkView(RegisterView):
    """A page about many rows.

    Contributors change those that are theirs, and the rest is refused row by row.
    """

    action = Action.CHANGE

    def check(self, row: Any = None) -> None:
        if not allowed_with_own(self.request, self.action):
            super().check(row)


class EditRows(BulkView, TemplateView):
    """The page that says what many rows are changed to, or why they are put away.

    The rows are those picked on a list, or all that it shows. The list's query string is the address's. Takes ``row``
    (several) and ``rows`` (references with commas), or ``every``; ``archive`` to put them away; ``look`` once it is
    said how.
    """

    request: OrganizationRequest

    template_name = "registers/bulk.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.list_url)

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.count:
            messages.info(request, _("Pick the rows first."))
            return HttpResponseRedirect(self.list_url)
        if self.archives and not self.allows(Action.ARCHIVE):
            messages.error(request, _("You may change rows here, but not put them away."))
            return HttpResponseRedirect(self.list_url)
        if "look" not in request.POST:
            return self.render_to_response(self.get_context_data(form=self._form(None)))
        form = self._form(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        changes = {} if isinstance(form, ReasonForm) else form.said
        job = bulk.ask(
            self.register,
            self.chosen,
            changes,
            by=request.user,
            reason=form.cleaned_data["reason"],
            archives=self.archives,
        )
        bulk.begin(job, edit_rows.delay)
        return HttpResponseRedirect(job.get_absolute_url())

    def _form(self, data: Mapping[str, Any] | None) -> Any:
        return ReasonForm(data) if self.archives else ChangesForm(self.register, data)

    @cached_property
    def query(self) -> str:
        """The list's query string."""
        return Arrangement(self.register, self.request.GET).address().removeprefix("?")

    @property
    def list_url(self) -> str:
        """The list that the rows are picked on."""
        return f"{self.register.url('list')}?{self.query}"

    @property
    def archives(self) -> bool:
        """Whether the rows are to be put away."""
        return "archive" in self.request.POST

    @cached_property
    def references(self) -> list[str]:
        """The rows picked one by one."""
        sent = [*self.request.POST.getlist("row"), *self.request.POST.get("rows", "").split(",")]
        return sorted({text.strip().upper() for text in sent if text.strip()})[:MOST_PICKED]

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The rows that are meant, as the job keeps it."""
        if "every" in self.request.POST:
            return {"query": self.query}
        return {"references": self.references, "from": self.query}

    @cached_property
    def count(self) -> Any:
        """The number of rows that are meant."""
        if "query" in self.chosen:
            return counted(*rows_for(self.register, QueryDict(self.query)))
        return len(self.references)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        number = self.count if isinstance(self.count, int) else self.count.number
        words = (
            ngettext("Archive %(count)s row", "Archive %(count)s rows", number)
            if self.archives
            else ngettext("Change %(count)s row", "Change %(count)s rows", number)
        )
        return super().get_context_data(**kwargs) | {
            "title": words % {"count": self.count},
            "archives": self.archives,
            "every": "query" in self.chosen,
            "rows": ",".join(self.references),
            "list_url": self.list_url,
        }


class BulkJob(BulkView, TemplateView):
    """What a change of many rows comes to, how far it is, or what became of it."""

    request: OrganizationRequest

    row_decides = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.check(self.job)
        return super().dispatch(self.request, *args, **kwargs)

    def check(self, row: Any = None) -> None:
        """Let contributors see what they asked for themselves."""
        if self.job.requested_by_id != self.request.user.pk or not allowed_with_own(self.request, self.action):
            RegisterView.check(self)

    @cached_property
    def job(self) -> BulkEdit:
        """The change in the address; 404 where the register has none of that number."""
        jobs = BulkEdit.objects.select_related("requested_by")
        found: BulkEdit = get_object_or_404(jobs, register=self.register.slug, pk=self.kwargs["job"])
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.request.htmx and not self.job.is_pending and not self.request.htmx.boosted:
            # The progress asks again until the job is over; then the whole page has changed.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(self.request, *args, **kwargs)

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            if "cancel" in request.POST:
                bulk.cancel(self.job)
                messages.info(request, _("Nothing was changed."))
                return HttpResponseRedirect(self.list_url)
            bulk.confirm(self.job)
            bulk.begin(self.job, edit_rows.delay)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(self.job.get_absolute_url())

    @property
    def list_url(self) -> str:
        """The list that the rows were picked on."""
        query = self.job.chosen.get("query") or self.job.chosen.get("from", "")
        return f"{self.register.url('list')}?{query}"

    def get_template_names(self) -> list[str]:
        part = "#progress" if self.request.htmx and not self.request.htmx.boosted else ""
        return [f"registers/bulk_job.html{part}"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.job.found
        return super().get_context_data(**kwargs) | {
            "job": self.job,
            "found": found,
            "samples": [self._sample(sample) for sample in found.get("samples", ())],
            "ready": self.job.status == Status.READY,
            "done": self.job.status == Status.DONE,
            "may_cancel": self.job.status in (Status.READY, *BulkEdit.PENDING),
            "list_path": self.register.url("list"),
            "list_url": self.list_url,
        }

    def _sample(self, sample: dict[str, Any]) -> dict[str, Any]:
        """Return a row that changes, with a cell for each field that does."""
        fields = self.job.found["fields"]
        changes = [
            {"label": field["label"], "former": sample["former"][field["name"]], "to": field["to"]}
            for field in fields
            if field["name"] in sample["former"]
        ]
        return sample | {"changes": changes, "url": self.register.url("detail", sample["reference"])}
