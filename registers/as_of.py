"""Addresses of the past: ``/as-of/<moment>/o/<slug>/…`` shows ``/o/<slug>/…`` as it was.

See ``docs/decisions/0008-time-travel.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from django.urls import get_script_prefix, reverse
from django.utils import formats
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from organizations import clock
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import OVERVIEW, Action, has_past
from trail.time_travel.moments import written

_ADDRESS = re.compile(r"/as-of/([^/]+)(/.*)", re.DOTALL)


@dataclass(frozen=True)
class Shortcut:
    """A moment that people often ask for."""

    label: str
    url: str


def split(path: str) -> tuple[str, str]:
    """Return the moment that a path names, and the path without it.

    Where it names none, these are ``""`` and the path itself.
    """
    found = _ADDRESS.fullmatch(path)
    return (found[1], found[2]) if found else ("", path)


def page_of(request: OrganizationRequest) -> str:
    """Return the request's page: its path and query, without the moment."""
    query = request.META.get("QUERY_STRING", "")
    return escape_uri_path(request.path_info) + (f"?{query}" if query else "")


def address(request: OrganizationRequest, page: str, moment: str = "") -> str:
    """Return the address of a page as of a moment, which is given as text.

    Where none is given, it is the page of today.
    """
    past = f"as-of/{quote(moment, safe=':+')}/" if moment else ""
    return f"{request.present_prefix}{past}{page.removeprefix('/')}"


def address_then(request: OrganizationRequest, url: str, moment: datetime) -> str:
    """Return the address of a page, known by the one it has in the request, at another moment."""
    return address(request, page_at(url), written(moment.astimezone(request.organization.zone)))


def page_at(url: str) -> str:
    """Return the page that an address made in this request leads to."""
    return f"/{unquote(url).removeprefix(get_script_prefix())}"


def looking(request: OrganizationRequest) -> dict[str, Any]:
    """Return what a page's frame shows of the moment: which one it is, and ways to others."""
    organization, here = request.organization, _here(request)
    local = clock.now().astimezone(organization.zone)
    moments = {
        "url": address(request, f"/o/{organization.slug}/as-of/"),
        "page": here,
        "value": f"{local:%Y-%m-%dT%H:%M}",
        "shortcuts": [
            Shortcut(label, address(request, here, f"{day:%Y-%m-%d}"))
            for label, day in _ends(organization.day_of(clock.present()))
            if day >= organization.day_of(organization.created_at)
        ],
    }
    return {
        "as_of": request.as_of,
        "present_url": address(request, page_of(request) if request.method == "GET" else here),
        "moments": moments if allowed(request, Action.VIEW, OVERVIEW) else None,
    }


def _here(request: OrganizationRequest) -> str:
    """Return the page where it has a past; else the overview."""
    match = request.resolver_match
    view = getattr(match.func, "view_class", None) if match else None
    if view is not None and has_past(view.action, view.subject):
        return page_of(request)
    return page_at(reverse("clauses:overview", args=[request.organization.slug]))


def _ends(today: date) -> list[tuple[str, date]]:
    """Return the ends of yesterday, of the last month and of the last quarter."""
    month = today.replace(day=1) - timedelta(days=1)
    quarter = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1) - timedelta(days=1)
    # Each once: on the first of a month, yesterday is its last day.
    days = dict.fromkeys((today - timedelta(days=1), month, quarter))
    return [(_("End of %(day)s") % {"day": formats.date_format(day, "j F Y")}, day) for day in days]
