"""What every page's frame shows of the organization and the person."""

from __future__ import annotations

from typing import Any

from organizations import clock
from organizations.access import allowed, entrances
from organizations.roles import MEMBERS, OVERVIEW, PACKS, SETTINGS, Action


def organization(request: Any) -> dict[str, Any]:
    """The person's other organizations, and what they may do in this one. (Another one's past is another one.)"""
    if not getattr(request, "organization", None):
        return {}
    entered = [] if clock.travelled_to() else entrances(request.user)
    others = [entrance for entrance in entered if entrance.organization != request.organization]
    return {
        "organizations": [{"name": other.organization.name, "url": other.url} for other in others],
        "can": {
            "overview": allowed(request, Action.VIEW, OVERVIEW),
            "request_pack": allowed(request, Action.ADD, PACKS),
            "see_packs": allowed(request, Action.VIEW, PACKS),
            "manage_members": allowed(request, Action.ADD, MEMBERS),
            "change_settings": allowed(request, Action.CHANGE, SETTINGS),
        },
        "theme": request.COOKIES.get("theme", ""),
    }
