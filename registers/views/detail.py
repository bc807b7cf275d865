"""A record's page and its history."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from organizations import clock
from organizations.access import allowed
from organizations.auditor_scope import audit_scope
from organizations.request import OrganizationRequest
from organizations.roles import Action
from organizations.scope import current_organization
from registers.as_of import address_then
from registers.columns import BoundColumn, model_field
from registers.lists.tables import cell_of, table_of
from registers.models import Record
from registers.panels import panels_of, record_opened
from registers.register import Child, registry
from registers.tags import tags_of
from registers.timeline import Entry, entries_of, timeline, versions_of
from registers.views.base import RecordView
from trail.sealing.leaf_labels import in_words

#: Rows of a child table that a record's page shows.
CHILD_ROWS = 10


class RecordPage(RecordView, TemplateView):
    """What a record is, what it is linked to, and what happened to it."""

    request: OrganizationRequest

    action = Action.VIEW

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not clock.travelled_to():
            for tell in record_opened:
                tell(self.record, self.request.user)
        return super().get(self.request, *args, **kwargs)

    def get_template_names(self) -> list[str]:
        opts = self.register.model._meta
        return [f"{opts.app_label}/{opts.model_name}_detail.html", "registers/detail.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries, more = timeline(self.register, self.record)
        return super().get_context_data(**kwargs) | {
            "status": cell_of(self.record, self.register.bound[self.register.status]) if self.register.status else None,
            "facts": self._facts(),
            "tags": [
                {"text": tag, "url": f"{self.register.url('list')}?{urlencode({'tag': tag})}"}
                for tag in tags_of(self.record.tags)
            ],
            "links": [self._links(self.register.bound[name]) for name in self.register.links],
            "children": [self._child(child) for child in self.register.children if _is_visible(child)],
            "panels": panels_of(self.request, self.register, self.record),
            "timeline": with_addresses(self.request, self.record, entries),
            "timeline_more_url": self.register.url("history", self.record.reference) if more else "",
            "actions": self.get_actions(),
            "list_url": self.register.url("list"),
        }

    def get_actions(self) -> list[dict[str, Any]]:
        """Return the page's buttons, the one next step first.

        Registers with a workflow add theirs.
        """
        pages = [
            ("edit", Action.CHANGE, _("Edit"), True, False),
            ("archive", Action.ARCHIVE, _("Archive"), False, True),
        ]
        if self.record.is_archived:
            pages = [("restore", Action.ARCHIVE, _("Restore"), True, False)]
        return [
            {
                "label": label,
                "url": self.register.url(page, self.record.reference),
                "primary": primary,
                "danger": danger,
            }
            for page, action, label, primary, danger in pages
            if self.allows(action, self.record)
        ]

    def _facts(self) -> list[dict[str, Any]]:
        columns = [column for column in self.register.bound.values() if column.column.group]
        return [
            {"title": title, "items": [cell_of(self.record, column, whole=True) for column in group]}
            for title, group in groupby(columns, key=lambda column: str(column.column.group))
        ]

    def _links(self, column: BoundColumn) -> dict[str, Any]:
        linked = getattr(self.record, column.name).all()
        return {
            "title": column.label,
            "items": [_link(record) for record in linked],
        }

    def _child(self, child: Child) -> dict[str, Any]:
        rows = getattr(self.record, child.related_name)
        if child.register:
            rows = rows.visible()
        columns = [BoundColumn(column, model_field(rows.model, column.name)) for column in child.columns]
        keys = [column.name for column in columns if column.kind in ("person", "record")]
        shown = list(rows.select_related(*keys)[: CHILD_ROWS + 1])
        return {
            "title": child.title,
            "name": child.name,
            "table": table_of(columns, shown[:CHILD_ROWS]),
            "more_url": self._more_url(child) if len(shown) > CHILD_ROWS else "",
            "add_url": self._add_url(child),
            "add_label": child.add_label,
            "empty": child.empty,
        }

    def _more_url(self, child: Child) -> str:
        if child.register:
            return f"{registry[child.register].url('list')}?{child.parent_field}={self.record.reference}"
        return self.register.url("history", self.record.reference)

    def _add_url(self, child: Child) -> str:
        if self.record.is_archived:
            return ""
        if child.register:
            may_add = allowed(self.request, Action.ADD, child.register)
            return (
                f"{registry[child.register].url('create')}?{child.parent_field}={self.record.reference}"
                if may_add
                else ""
            )
        may_add = child.form is not None and self.allows(Action.CHANGE, self.record)
        return (
            reverse(f"{self.register.slug}-{child.name}-add", args=[current_organization().slug, self.record.reference])
            if may_add
            else ""
        )


def _is_visible(child: Child) -> bool:
    """Return whether a child's rows are the record's own, or of a register in reach."""
    return not child.register or audit_scope().includes(registry[child.register].sub_clauses)


def _link(record: Record) -> dict[str, str]:
    """Return a linked record; of one that is out of reach only its reference.

    The reference is part of the record that names it.
    """
    if not record.is_visible:
        return {"reference": record.reference, "title": "", "url": ""}
    return {"reference": record.reference, "title": record.title_text, "url": record.get_absolute_url()}


class RecordHistory(RecordView, TemplateView):
    """Every version of a record, compared with the one before.

    Each says where it stands in the sealed trail.
    """

    request: OrganizationRequest

    action = Action.VIEW
    template_name = "registers/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = Paginator(versions_of(self.record), 50)
        page = paginator.get_page(self.request.GET.get("page"))
        # One version more than the page shows: the one that its last is compared with.
        versions = list(paginator.object_list[page.start_index() - 1 : page.end_index() + 1]) if paginator.count else []
        entries = entries_of(self.register, versions)
        proofs = in_words(self.record.history.model, [entry.version for entry in entries])  # type: ignore[attr-defined]
        entries = [replace(entry, proof=proofs[entry.version]) for entry in entries]
        return super().get_context_data(**kwargs) | {
            "entries": with_addresses(self.request, self.record, entries),
            "page_obj": page,
            "record_url": self.record.get_absolute_url(),
        }


def with_addresses(request: OrganizationRequest, record: Record, entries: list[Entry]) -> list[Entry]:
    """Return the entries, each version of the record with the address where it is shown.

    There, all is shown as it stood then.
    """
    url = record.get_absolute_url()
    return [replace(e, url=address_then(request, url, e.when)) if e.version else e for e in entries]
