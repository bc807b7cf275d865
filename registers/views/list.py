"""A register's list, its exports and its suggestions."""

from __future__ import annotations

from datetime import date
from functools import cached_property, partial
from typing import Any

from django.db import models
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import ListView

from organizations import clock
from organizations.access import allowed_with_own
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.editing.cells import editable
from registers.export import exported, write_csv, write_xlsx
from registers.formatting import text_of
from registers.lists import menus
from registers.lists.arrangement import PARAMETERS, PLAIN, Arrangement
from registers.lists.filters import RegisterFilterSet, parameters_of
from registers.lists.ordering import ordered
from registers.lists.pagination import PAGE, Page, page_of
from registers.lists.rows import rows_for
from registers.lists.search import SearchResult, search
from registers.lists.selections import Remarks, Selection, selection_of
from registers.lists.tables import Table, grouped, headings_of, revisable, table_of
from registers.models import SavedView
from registers.panels import list_actions
from registers.views.base import RegisterView, typed_in
from trail.models import record_event


class Filtered(RegisterView):
    """Rows of a register as the query string says: selection, filters, search, order."""

    @cached_property
    def selection(self) -> Selection | None:
        return selection_of(self.register, self.request.GET)

    @cached_property
    def remarks(self) -> Remarks | None:
        """What the selection says about its rows, where it says something."""
        return self.selection.remarks(self.request) if self.selection and self.selection.remarks else None

    @cached_property
    def records(self) -> models.QuerySet:
        """All rows of the register, with what is looked at of them."""
        shown = [*self.arrangement.columns, *filter(None, [self.arrangement.group])]
        if self.remarks is None:
            return self.register.records(shown)
        needed = [self.register.bound[name] for name in self.remarks.needs]
        return self.remarks.annotate(self.register.records([*shown, *needed]))

    @cached_property
    def filterset(self) -> RegisterFilterSet:
        return self.register.filterset(self.request.GET, queryset=self.records, request=self.request, said_only=True)

    @cached_property
    def arrangement(self) -> Arrangement:
        """The columns, and what rows are sorted and grouped by."""
        beside = self.remarks.columns if self.remarks else ()
        return Arrangement(self.register, self.request.GET, self.opens_with, beside=beside)

    @cached_property
    def opens_with(self) -> str:
        """The query string of the view that the list opens with."""
        return ""

    @cached_property
    def found(self) -> SearchResult:
        """The rows that the query string asks for, in no order."""
        return rows_for(self.register, self.request.GET, self.filterset)

    def get_queryset(self) -> models.QuerySet:
        return ordered(self.found.rows, self.arrangement.order)


class Listing(Filtered):
    """A register's list with its saved views, and where it leads to."""

    action = Action.VIEW

    @cached_property
    def views(self) -> list[SavedView]:
        """The saved views that the person sees: one query."""
        return list(SavedView.objects.seen_by(self.request.user).filter(register=self.register.slug))

    @cached_property
    def opens_with(self) -> str:
        return next((view.query for view in self.views if view.is_default), "")


class ListRecords(Listing, ListView):
    """The register's list; htmx gets the rows only."""

    request: OrganizationRequest

    paginate_by = PAGE
    object_list: models.QuerySet

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.opens_with and not self.request.GET and not self.request.htmx:
            # The address is the list, so that what it opens with has an address as well.
            return HttpResponseRedirect(f"?{self.opens_with}")
        return super().get(self.request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        part = "#rows" if self.request.htmx and not self.request.htmx.boosted else ""
        opts = self.register.model._meta
        return [f"{opts.app_label}/{opts.model_name}_list.html{part}", f"registers/list.html{part}"]

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        """Return the page that the cursor in the address leads to."""
        page = page_of(
            queryset,
            self.arrangement.order,
            self.request.GET.get("page", ""),
            page_size,
            shown=self.records,
            sample=self.found.sample,
        )
        return None, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        arrangement = self.arrangement
        page = context["page_obj"]
        return context | {
            "chips": self._chips(),
            "misunderstood": self._misunderstood(),
            "search": self.request.GET.get("q", ""),
            "selection": self.selection
            and {
                "title": self.selection.title,
                "explanation": self.selection.explanation,
                "clear_url": self.urls["clear"],
            },
            "remarks": self.remarks
            and {"head": self.remarks.head, "template": self.remarks.template} | self.remarks.context(),
            "arrangement": arrangement,
            "table": grouped(
                self._table(page.object_list),
                arrangement,
                self.object_list,
            ),
            "page_links": self._page_links(page),
            "summary": ngettext("%(count)s row", "%(count)s rows", page.count.number) % {"count": page.count},
            "view_name": next((view.name for view in self.views if arrangement.is_said_by(view.query)), ""),
            "menus": self._menus(),
            "arrange": SimpleLazyObject(partial(menus.arrangement_menu, arrangement)),
            "urls": self.urls,
            "editable_columns": ",".join(editable(self.register)) if self._may_change_some() else "",
            "may_archive": self.allows(Action.ARCHIVE),
            "exports": self._exports(),
            "list_actions": [each for give in list_actions if (each := give(self.request, self.register))],
            "empty": {} if page.object_list else self._empty(),
        }

    def _menus(self) -> dict[str, Any]:
        """Return the menus, all unopened but the one that asks for rows arranged differently.

        That one stays open, with what it offers now.
        """
        opened = self.request.headers.get(menus.HEADER, "") if self.request.htmx else ""
        return {
            "filters": [] if self.request.htmx else menus.filters(self.register, self.request.GET),
            "tools": menus.tools(),
            "url": self.register.url("menus") + self.arrangement.query(),
            "opened": opened,
        }

    def _table(self, records: models.QuerySet) -> Table:
        table = table_of(self.arrangement.columns, records, headings_of(self.arrangement))
        if not self._may_change_some():
            return table
        return revisable(table, lambda record: self.allows(Action.CHANGE, record), pick="bulk")

    def _chips(self) -> list[dict[str, Any]]:
        """Return the filters that the address names, each with the address that takes it away.

        One that can't be understood is marked.
        """
        form = self.filterset.form
        chips = [self._chip(_("Search"), self.request.GET["q"], ["q"])] if self.request.GET.get("q") else []
        for name, field in form.fields.items():
            keys, label = parameters_of(name, field), _label(form, name)
            if name in form.errors:
                said = [text for key in keys for text in self.request.GET.getlist(key) if text]
                chips.append(self._chip(label, ", ".join(said), keys) | {"is_wrong": True})
            elif (value := form.cleaned_data.get(name)) not in (None, "", []):
                chips.append(self._chip(label, _filter_text(field, value), keys))
        return chips

    def _chip(self, label: str, text: str, keys: list[str]) -> dict[str, Any]:
        return {"label": f"{label}: {text}", "remove_url": self.arrangement.address(**dict.fromkeys(keys))}

    def _misunderstood(self) -> list[str]:
        """Return what is wrong with filters, filter by filter."""
        form = self.filterset.form
        return [f"{_label(form, name)}: {' '.join(errors)}" for name, errors in form.errors.items()]

    def _page_links(self, page: Page) -> list[dict[str, str]]:
        """Return the pages around this one; no address where there is none."""
        back, on = page.has_previous(), page.has_next()
        cursors = [
            (_("First"), "" if back else None),
            (_("Previous"), page.previous),
            (_("Next"), page.next),
            (_("Last"), page.last if on else None),
        ]
        return [
            {"label": label, "url": "" if cursor is None else self.arrangement.address(page=cursor or None)}
            for label, cursor in cursors
        ]

    @cached_property
    def urls(self) -> dict[str, str]:
        """The addresses that the list's actions lead to; empty where the person may not take one."""
        pages = {"create": Action.ADD, "import": Action.IMPORT}
        urls = {name: self.register.url(name) if self.allows(action) else "" for name, action in pages.items()}
        filters = dict.fromkeys(name for name in self.request.GET if name not in PARAMETERS)
        return urls | {
            "list": self.register.url("list"),
            "clear": self.arrangement.address(**filters),
            **{
                name: self.register.url(name) + self.arrangement.query() if self._may_change_some() else ""
                for name in ("bulk", "cells")
            },
        }

    def _may_change_some(self) -> bool:
        """Return whether any row of the register may be the person's to change."""
        return self.allows(Action.CHANGE) or (
            self.register.model.has_owners() and allowed_with_own(self.request, Action.CHANGE)
        )

    def _exports(self) -> list[dict[str, str]]:
        """Return files of the rows that are shown: with the columns shown, and with all there are."""
        if not self.allows(Action.EXPORT):
            return []
        shown = self.arrangement.address(columns=[column.name for column in self.arrangement.own])
        files = (
            (_("Workbook (XLSX)"), "xlsx", shown),
            (_("Plain rows (CSV)"), "csv", shown),
            (_("Workbook with all columns"), "xlsx", self.arrangement.address(columns=None)),
        )
        return [{"label": label, "url": self.register.url("export", format) + query} for label, format, query in files]

    def _empty(self) -> dict[str, Any]:
        narrowed, words = set(self.request.GET) - {*PARAMETERS, PLAIN}, self.request.GET.get("q", "")
        if self.filterset.form.errors:
            return {
                "title": _("A filter can’t be understood"),
                "why": _("No rows are shown until it is mended or taken away."),
                "action_label": _("Show all"),
                "action_url": self.urls["clear"],
            }
        if narrowed:
            searched = _("Nothing that is shown here contains “%(words)s”.") % {"words": words}
            return {
                "title": _("No row fits"),
                "why": searched if words else _("Take away a filter to see more."),
                "action_label": _("Show all"),
                "action_url": self.urls["clear"],
            }
        new = self.register.url("create") if self.allows(Action.ADD) else ""
        return {
            "title": _("Nothing recorded yet"),
            "why": self.register.description,
            "action_label": self.register.new_label,
            "action_url": new,
        }


def _label(form: Any, name: str) -> str:
    return capfirst(str(form.fields[name].label or name)) if name in form.fields else ""


def _filter_text(field: models.Field, value: object) -> str:
    if isinstance(value, slice):
        return " – ".join("…" if end is None else _end_text(end) for end in (value.start, value.stop))
    if isinstance(value, list | tuple | models.QuerySet):
        return ", ".join(_filter_text(field, item) for item in value)
    return str(dict(getattr(field, "choices", ()) or ()).get(value, value)) if isinstance(value, str) else str(value)


def _end_text(end: object) -> str:
    return f"{end:%Y-%m-%d}" if isinstance(end, date) else text_of(end)


class ExportRecords(Filtered):
    """The export of exactly the rows that the list shows under the same query string.

    It has the columns that the query string names; all where it names none.
    """

    action = Action.EXPORT
    writers = {
        "csv": (write_csv, "text/csv; charset=utf-8"),
        "xlsx": (write_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    }

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> FileResponse:
        write, content_type = self.writers[self.kwargs["format"]]
        columns = self.arrangement.columns
        if not self.arrangement.has_own_columns:
            columns = [*exported(self.register), *self.arrangement.beside]
        # Written before the response leaves: rows of the past that are read later would be the present's.
        file = write(self.register, self.get_queryset(), columns)
        record_event("exported", self.register.slug, query=request.GET.urlencode(), format=self.kwargs["format"])
        name = f"{self.register.slug}-{timezone.localtime(clock.now()):%Y-%m-%d}.{self.kwargs['format']}"
        return FileResponse(file, as_attachment=True, filename=name, content_type=content_type)


class SuggestRecords(RegisterView):
    """Suggestions of records, as options of a data list.

    They are up to ten current ones whose reference or searched fields hold what was typed.
    """

    action = Action.VIEW

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = typed_in(request)
        text = typed.rpartition(",")[2].strip()[:100]
        rows = search(self.register, self.register.rows().current(), text).rows[:10] if text else []
        return render(
            request, "registers/widgets/suggestions.html", {"records": rows, "before": typed.rpartition(",")[0]}
        )
