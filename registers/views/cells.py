"""The pages that edit a list in place: one cell, or a block from a spreadsheet."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers import services
from registers.columns import BoundColumn
from registers.editing import cells
from registers.forms import RecordForm
from registers.lists.arrangement import Arrangement
from registers.lists.html import render_row
from registers.lists.selections import selection_of
from registers.lists.tables import cell_of, revisable, table_of
from registers.models import Record
from registers.timeline import versions_of
from registers.views.base import RecordView, overwritten, way_back
from registers.views.bulk import BulkView


def _revision(sent: str) -> int:
    """Return the revision that a page sent; 0, which no row has, where it is none."""
    return int(sent) if sent.isdecimal() and len(sent) <= 9 else 0


class EditCell(RecordView, TemplateView):
    """One cell of a list, edited in place.

    htmx gets its field, and then the row as it is; whoever saves second is shown both versions.
    """

    request: OrganizationRequest

    action = Action.CHANGE
    template_name = "registers/cell.html"

    @cached_property
    def column(self) -> BoundColumn:
        """The column in the address; 404 where its cells can't be edited alone."""
        if self.kwargs["column"] not in cells.editable(self.register) or self.record.is_archived:
            raise Http404
        return self.register.bound[self.kwargs["column"]]

    @property
    def is_part(self) -> bool:
        """Whether a list asks, rather than a browser for a page."""
        return bool(self.request.htmx and not self.request.htmx.boosted)

    def get_template_names(self) -> list[str]:
        return [f"{self.template_name}{'#editor' if self.is_part else ''}"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.register.form(instance=self.register.model.objects.get(pk=self.record.pk))
        return self._page(form, self.record.revision)

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        revision = _revision(request.POST.get("revision", ""))
        if not revision:
            return self.get(request)  # not the form that was opened: open it
        typed = request.POST.get(self.column.name)
        reason = request.POST.get("change_reason", "")
        form = cells.form_with(self.register, self.record, {self.column.name: typed}, revision=revision, reason=reason)
        if not form.is_valid():
            return self._page(form, revision, status=422)
        if form.changed_values:
            try:
                services.save_form(form, by=request.user, overwrite=overwritten(request))
            except services.Conflict as conflict:
                return self._page(form, revision, conflict=self._conflict(form, conflict.current), status=409)
        return self._saved()

    def _page(self, form: RecordForm, revision: int, *, conflict: object = None, status: int = 200) -> HttpResponse:
        """Return the field; to a list always as an answer that it can show."""
        name = self.column.name
        context = self.get_context_data(
            column=self.column,
            field=form[name],
            reason=form["change_reason"] if "change_reason" in form.errors else None,
            revision=revision,
            problems=cells.problems_of(self.register, form, [name]) if form.is_bound else [],
            conflict=conflict,
            address=f"{self.request.path}{Arrangement(self.register, self.request.GET).address()}",
            title=f"{self.column.label}: {self.record}",
            cancel_url=self.record.get_absolute_url(),
        )
        # htmx shows no answer that has the status of an error.
        response = self.render_to_response(context, status=200 if self.is_part else status)
        if self.request.method == "POST":
            # The form replaces its row when it is saved; until then it replaces itself.
            response["HX-Retarget"], response["HX-Reswap"] = "#cell-editor", "outerHTML"
        return response

    def _conflict(self, form: RecordForm, current: Record) -> dict[str, str]:
        last: Any = versions_of(current).first()
        return {
            "who": str(last.history_user or ""),
            "when": last.history_date,
            "revision": current.revision,
            "yours": cell_of(form.instance, self.column, whole=True).text,
            "theirs": cell_of(current, self.column, whole=True).text,
        }

    def _saved(self) -> HttpResponse:
        if not self.is_part:
            messages.success(self.request, _("%(reference)s is saved.") % {"reference": self.record.reference})
            return HttpResponseRedirect(way_back(self.request, self.record))
        selection = selection_of(self.register, self.request.GET)
        remarks = selection.remarks(self.request) if selection and selection.remarks else None
        rows = remarks.annotate(self.register.records()) if remarks else self.register.records()
        record = rows.get(pk=self.record.pk)
        columns = Arrangement(self.register, self.request.GET, beside=remarks.columns if remarks else ()).columns
        (row,) = revisable(table_of(columns, [record]), lambda each: self.allows(Action.CHANGE, each), pick="bulk").rows
        return HttpResponse(render_row(row))


class PasteCells(BulkView, TemplateView):
    """What a block of cells pasted onto a list comes to, row by row; then it is written.

    Takes ``references`` and ``revisions`` of the rows from the cell where it is pasted down, ``columns`` from there to
    the right, all with commas between them, and the ``text``; ``write`` once it was looked at. The list's query string
    is the address's.
    """

    request: OrganizationRequest

    template_name = "registers/paste.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.list_url)

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.rows:
            messages.info(request, _("There is nothing to paste, or no row to paste it into."))
            return HttpResponseRedirect(self.list_url)
        if "write" not in request.POST:
            return self.render_to_response(self.get_context_data())
        try:
            count = cells.write(self.rows, by=request.user)
        except services.Conflict:
            return self.render_to_response(self.get_context_data(), status=409)
        said = ngettext("%(count)s row is changed.", "%(count)s rows are changed.", count) % {"count": count}
        messages.success(request, said)
        return HttpResponseRedirect(self.list_url)

    @property
    def list_url(self) -> str:
        """The list that is pasted onto."""
        return self.register.url("list") + Arrangement(self.register, self.request.GET).address()

    @cached_property
    def columns(self) -> list[str]:
        """The columns pasted into, as far as the register has them."""
        names = self._listed("columns")[: cells.MOST_COLUMNS]
        return names if all(name in self.register.bound for name in names) else []

    @cached_property
    def block(self) -> list[list[str]]:
        """The texts of the cells that are pasted."""
        return cells.block_of(self.request.POST.get("text", "")) if self.columns else []

    @cached_property
    def rows(self) -> list[cells.PastedRow]:
        """The rows with what pasting comes to; those that the person may not change are refused."""
        wanted = dict(zip(self._listed("references"), self._listed("revisions"), strict=False))
        names = list(wanted)[: min(len(self.block), cells.MOST_ROWS)]
        found = {record.reference: record for record in self.register.records().filter(reference__in=names)}
        records = [found[name] for name in names if name in found]
        revisions = [_revision(wanted[record.reference]) for record in records]
        block = [texts for name, texts in zip(names, self.block, strict=False) if name in found]
        rows = cells.pasted(self.register, records, revisions, self.columns, block)
        for row in rows:
            if row.record.is_archived or not self.allows(Action.CHANGE, row.record):
                row.problems = [_("It isn't yours to change, or it is archived.")]
        return rows

    def _listed(self, name: str) -> list[str]:
        return [text for text in self.request.POST.get(name, "")[:20_000].split(",") if text]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        changing = sum(bool(row.changes) and not row.problems for row in self.rows)
        return super().get_context_data(**kwargs) | {
            "title": _("Paste cells"),
            "rows": self.rows,
            "counts": {
                "changed": changing,
                "refused": sum(bool(row.problems) for row in self.rows),
                "unchanged": sum(not row.problems and not row.changes for row in self.rows),
            },
            "left_out": max(len(self.block) - len(self.rows), 0),
            "sent": [(name, self.request.POST.get(name, "")) for name in ("references", "revisions", "columns")],
            "text": self.request.POST.get("text", ""),
            "list_url": self.list_url,
        }
