"""The values that every page's frame shows of the organization and the person."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.functional import SimpleLazyObject

from organizations import clock
from organizations.access import allowed, entrances
from organizations.request import OrganizationRequest
from organizations.roles import KNOWN_NAMES, MEMBERS, OVERVIEW, PACKS, SETTINGS, Action


def organization(request: OrganizationRequest) -> dict[str, Any]:
    """Return the person's other organizations, and what they may do in this one."""
    if not getattr(request, "organization", None):
        return {}
    return {
        "organizations": SimpleLazyObject(partial(_others, request)),
        "can": {
            "overview": allowed(request, Action.VIEW, OVERVIEW),
            "request_pack": allowed(request, Action.ADD, PACKS),
            "see_packs": allowed(request, Action.VIEW, PACKS),
            "manage_members": allowed(request, Action.ADD, MEMBERS),
            "say_names": allowed(request, Action.CHANGE, KNOWN_NAMES),
            "change_settings": allowed(request, Action.CHANGE, SETTINGS),
        },
        "theme": request.COOKIES.get("theme", ""),
    }


def _others(request: OrganizationRequest) -> list[dict[str, str]]:
    # None from the past: a moment is one organization's, and means another one elsewhere.
    entered = [] if clock.travelled_to() else entrances(request.held)
    return [
        {"name": other.organization.name, "url": other.url}
        for other in entered
        if other.organization != request.organization
    ]
