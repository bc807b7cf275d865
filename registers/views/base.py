"""The base of a register's pages: the register, leave to act, the record in the address."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme

from organizations.access import OrganizationView, allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.models import Record
from registers.register import Register


class RegisterView(OrganizationView):
    """A page of one register; ``as_view(register=…)`` says which."""

    register: Register = None  # type: ignore[assignment]
    request: OrganizationRequest
    kwargs: dict[str, Any]

    @property
    def subject(self) -> str:  # type: ignore[override]
        return self.register.slug

    @property
    def sub_clauses(self) -> frozenset[str]:  # type: ignore[override]
        return self.register.sub_clauses

    def allows(self, action: Action, row: Any = None) -> bool:
        """Return whether the person may do another action here: decides which buttons they see."""
        return allowed(self.request, action, self.register.slug, row)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(register=self.register, **kwargs)  # type: ignore[misc]


class RecordView(RegisterView):
    """A page of one record, found by its reference in the address."""

    row_decides = True

    @cached_property
    def record(self) -> Record:
        """The record in the address; 404 where the organization has none of that reference."""
        return get_object_or_404(self.register.records(), reference=self.kwargs["reference"].upper())

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.check(self.record)
        return super().dispatch(self.request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(record=self.record, **kwargs)


def back_of(request: HttpRequest) -> str:
    """Return the page that the address names as ``back``; empty where it names none of ours."""
    back = request.GET.get("back", "")
    # Anybody can make an address.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else ""


def way_back(request: HttpRequest, record: Record) -> str:
    """Return where to go once something is saved: where the address leads back to, else to the record."""
    return back_of(request) or record.get_absolute_url()


def overwritten(request: OrganizationRequest) -> int | None:
    """Return the revision that the person overwrites; None where they overwrite none.

    They were shown it beside their own version.
    """
    shown = request.POST.get("overwrite", "")
    # Numbers of more digits may not fit the column.
    return int(shown) if shown.isdecimal() and len(shown) <= 9 else None


def typed_in(request: HttpRequest) -> str:
    """Return the text of the one field that a request for suggestions sends along.

    The field may have any name; the text is empty where it is.
    """
    return next((value for name in request.GET for value in request.GET.getlist(name)[-1:] if value), "")
