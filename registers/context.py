"""What every page's frame shows: the way through the clause, and the moment that is looked at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.urls import resolve
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.access import allowed
from organizations.addresses import address
from organizations.confinement import confinement
from organizations.roles import COMMENTS, CUSTOM_FIELDS, MEMBERS, SETTINGS, Action
from registers.past import looking, page_at
from registers.register import registry
from registers.talk.models import Mention

GROUPS = (
    ("a", gettext_lazy("Requirements")),
    ("b", gettext_lazy("Risks and opportunities")),
    ("c", gettext_lazy("Satisfaction")),
    ("", gettext_lazy("Leadership")),
)

#: Pages besides registers: (letter of the group, label, URL name, action, subject). Apps add theirs. A letter with a dash
#: before it puts the page before the group's registers; a dash alone, before all groups.
pages: list[tuple[str, Any, str, Action, str]] = [("", gettext_lazy("Mentions"), "mentions", Action.VIEW, COMMENTS)]
#: URL name of a page → how many things on it wait for the person of a request; one query each. Apps add theirs.
waiting: dict[str, Callable[[Any], int]] = {
    "mentions": lambda request: Mention.objects.of(request.user).unread().count()
}


def navigation(request: Any) -> dict[str, Any]:
    """The side navigation, for pages that show it; and the moment that is looked at."""
    if not getattr(request, "organization", None):
        return {}
    return {"navigation": SimpleLazyObject(partial(_groups, request)), **looking(request)}


def _groups(request: Any) -> list[dict[str, Any]]:
    """What this person may see of the current organization, one group for each part of the clause."""
    groups: list[dict[str, Any]] = [{"letter": "", "title": "", "items": _pages(request, "-")}]
    for letter, title in GROUPS:
        registers = [
            _item(request, register.title, register.url("list"))
            for register in registry
            if register.sub_clause == letter
            and register.in_navigation
            and allowed(request, Action.VIEW, register.slug)
            and confinement().reaches(register.letters)
        ]
        before = _pages(request, f"-{letter}") if letter else []
        groups.append({"letter": letter, "title": title, "items": [*before, *registers, *_pages(request, letter)]})
    groups[-1]["items"] += _administration(request)
    return [group for group in groups if group["items"]]


def _pages(request: Any, group: str) -> list[dict[str, Any]]:
    return [
        _item(request, label, url) | {"count": waiting[name](request) if name in waiting else None}
        for letter, label, name, action, subject in pages
        if letter == group and allowed(request, action, subject) and _is_in_reach(url := address(name))
    ]


def _is_in_reach(url: str) -> bool:
    """Whether a page is one that the person's access reaches, as the page itself says."""
    if not confinement():
        return True
    callback: Any = resolve(page_at(url)).func
    return bool(callback.view_class(**callback.view_initkwargs).is_in_reach)


def _administration(request: Any) -> list[dict[str, Any]]:
    items = []
    if allowed(request, Action.VIEW, MEMBERS):
        items.append(_item(request, _("People"), address("organizations:members")))
    if allowed(request, Action.VIEW, CUSTOM_FIELDS):
        items.append(_item(request, _("Custom fields"), address("custom-fields")))
    if allowed(request, Action.VIEW, SETTINGS):
        items.append(_item(request, _("Settings"), address("organizations:settings")))
    return items


def _item(request: Any, label: Any, url: str) -> dict[str, Any]:
    # The overview's address begins every other one.
    is_here = request.path == url or (request.path.startswith(url) and url != address("clauses:overview"))
    return {"label": label, "url": url, "active": is_here, "count": None}
