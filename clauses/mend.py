"""The page that takes what mends a row of a gap, sent from its place in the list, and leads on to the next row."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from clauses.assertion import Assertion, assertions
from clauses.evaluation import ask
from clauses.gaps import MEND, Gap, mended_fields
from clauses.reasons import reasons_of
from clauses.selections import period_of
from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers import services
from registers.editing import cells
from registers.forms import RecordForm
from registers.lists.arrangement import Arrangement
from registers.lists.ordering import ordered
from registers.lists.rows import rows_for
from registers.lists.tables import cell_of
from registers.models import Record
from registers.register import Register, registry
from registers.timeline import versions_of
from registers.views.base import overwritten

#: Rows of a list among which the next one is looked for.
_AHEAD = 2000


class MendRow(OrganizationView, TemplateView):
    """One row of a gap: what its reasons speak of is filled in, and the list opens at the next row.

    Whoever only comes to look is led to the list, with the row opened.
    """

    request: OrganizationRequest
    kwargs: dict[str, Any]

    action = Action.CHANGE
    row_decides = True
    template_name = "clauses/mend.html"

    @cached_property
    def assertion(self) -> Assertion:
        """The statement in the address; 404 where there is none that looks at a register."""
        found = assertions.get(self.kwargs["code"])
        if found is None or registry.get(found.register) is None:
            raise Http404
        return found

    @property
    def register(self) -> Register:
        """The register whose rows the statement looks at."""
        return registry[self.assertion.register]

    @property
    def subject(self) -> str:  # type: ignore[override]
        return self.register.slug

    @cached_property
    def gap(self) -> Gap:
        """The list that the row is on."""
        return Gap(self.assertion, ask(period_of(self.request.GET)), self.request)

    @cached_property
    def record(self) -> Record:
        """The row in the address, with its reasons; 404 where the organization has none of that reference."""
        rows = self.gap.annotated(self.register.records())
        found: Record | None = rows.filter(reference=self.kwargs["reference"].upper()).first()
        if found is None:
            raise Http404
        return found

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.check(self.record)
        return super().dispatch(self.request, *args, **kwargs)

    @property
    def fields(self) -> list[str]:
        """The fields that mend the row."""
        found = reasons_of(self.assertion.reasons, self.record)
        return [] if self.record.is_archived else mended_fields(self.register, found, self.record)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self._list(self.record.reference))

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        names, revision = self.fields, request.POST.get("revision", "")
        if not names or not (revision.isdecimal() and len(revision) <= 9):
            return HttpResponseRedirect(self._list(self.record.reference))
        following = self._following()
        typed = {name: request.POST.get(name) for name in names}
        reason = request.POST.get("change_reason") or _("Mended in the list of %(code)s") % {
            "code": self.assertion.code
        }
        form = cells.form_with(self.register, self.record, typed, revision=int(revision), reason=reason)
        if not form.is_valid():
            return self._page(form, names, int(revision), status=422)
        if form.changed_values:
            try:
                services.save_form(form, by=request.user, overwrite=overwritten(request))
            except services.Conflict as conflict:
                return self._page(form, names, int(revision), conflict=self._both(form, names, conflict), status=409)
            if not request.htmx:
                messages.success(request, _("%(reference)s is saved.") % {"reference": self.record.reference})
        return HttpResponseRedirect(self._list(following if "next" in request.POST else ""))

    def _list(self, opened: str) -> str:
        """Return the address of the list, with a row opened to be mended."""
        arrangement = Arrangement(self.register, self.request.GET, page=self.register.url("list"))
        named = {"assertion": self.assertion.code, MEND: opened, "page": self.request.GET.get("page")}
        return arrangement.address(**named)

    def _following(self) -> str:
        """Return the reference of the row that the list shows after this one; empty after the last."""
        parameters = self.request.GET.copy()
        parameters["assertion"] = self.assertion.code
        rows = ordered(rows_for(self.register, parameters).rows, Arrangement(self.register, parameters).order)
        found = list(rows.values_list("reference", flat=True)[:_AHEAD])
        at = found.index(self.record.reference) + 1 if self.record.reference in found else 0
        return found[at] if at < len(found) else ""

    def _both(self, form: RecordForm, names: list[str], conflict: services.Conflict) -> dict[str, Any]:
        """Return who saved in the meantime, and both versions of what is mended."""
        last: Any = versions_of(conflict.current).first()
        columns = [self.register.bound[name] for name in names if name in self.register.bound]
        return {
            "who": str(last.history_user or ""),
            "when": last.history_date,
            "revision": conflict.current.revision,
            "fields": [
                {
                    "label": column.label,
                    "yours": cell_of(form.instance, column, whole=True).text,
                    "theirs": cell_of(conflict.current, column, whole=True).text,
                }
                for column in columns
            ],
        }

    def _page(
        self, form: RecordForm, names: list[str], revision: int, *, status: int, conflict: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the form with what is wrong; to a list as the form that stands in it."""
        asked = [*names, *(["change_reason"] if "change_reason" in form.errors else [])]
        context = self.get_context_data(
            title=_("Mend %(record)s") % {"record": self.record},
            why=[
                reason.words(self.record, self.gap.question.day)
                for reason in reasons_of(self.assertion.reasons, self.record)
            ],
            fields=[form[name] for name in asked],
            problems=cells.problems_of(self.register, form, names),
            conflict=conflict,
            revision=revision,
            record=self.record,
            address=self.request.get_full_path(),
            cancel_url=self._list(""),
        )
        is_part = bool(self.request.htmx and not self.request.htmx.boosted)
        if not is_part:
            return self.render_to_response(context, status=status)
        self.template_name = "clauses/mend_form.html"
        # htmx shows no answer that has the status of an error.
        response = self.render_to_response(context)
        response["HX-Retarget"], response["HX-Reswap"] = "#mend", "outerHTML"
        return response
