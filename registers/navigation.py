"""What every page's frame shows: the way through the clause, and the moment looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import get_script_prefix, get_urlconf, resolve
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from organizations import clock
from organizations.access import allowed
from organizations.auditor_scope import AuditScope, audit_scope
from organizations.links import organization_url
from organizations.models import Membership
from organizations.request import OrganizationRequest
from organizations.roles import CUSTOM_FIELDS, MEMBERS, SETTINGS, Action
from registers.as_of import looking, page_at
from registers.register import registry

GROUPS = (
    ("a", gettext_lazy("Requirements")),
    ("b", gettext_lazy("Risks and opportunities")),
    ("c", gettext_lazy("Satisfaction")),
    ("", gettext_lazy("Leadership")),
)

#: Pages besides registers: (letter of the group, label, URL name, action, subject). Apps add theirs. A letter with a dash
#: before it puts the page before the group's registers; a dash alone, before all groups.
pages: list[tuple[str, Any, str, Action, str]] = []
#: URL name of a page → the rows on it that wait for the person of a request; one query each. Apps add theirs.
waiting: dict[str, Callable[[OrganizationRequest], QuerySet]] = {}
#: So many waiting rows are counted; of more it is said that there are more.
MOST_WAITING = 99


class Entry(NamedTuple):
    """A page that the navigation leads to.

    ``active``: it is the one that is shown; ``waits``: how many rows wait there, if any.
    """

    label: str
    url: str
    active: bool = False
    waits: str = ""


class Place(NamedTuple):
    """A page that the navigation leads to, whoever is there and whatever waits.

    ``name``: its URL name, of registers none.
    """

    label: str
    url: str
    name: str = ""


class Group(NamedTuple):
    """A part of the navigation: that of a sub-clause, or one without a letter."""

    letter: str
    title: str
    items: tuple[Entry, ...]


@dataclass(frozen=True)
class Walker:
    """Who walks through an organization, as far as it decides where they are led.

    It holds which pages they are led to and what these are called. Those who walk alike are equal, so that
    :func:`_ways` works out their ways once.
    """

    organization: str
    roles: frozenset[str]
    scope: AuditScope
    is_in_past: bool
    prefix: str
    urlconf: str | None
    language: str | None
    # Not compared: roles say the same, and every person has rows of their own.
    memberships: Sequence[Membership] = field(compare=False)
    user: None = None

    @classmethod
    def of(cls, request: OrganizationRequest) -> Walker:
        """Return whoever sends a request."""
        return cls(
            request.organization.slug,
            frozenset(membership.role for membership in request.memberships),
            audit_scope(),
            clock.travelled_to() is not None,
            get_script_prefix(),
            get_urlconf(),
            get_language(),
            request.memberships,
        )


def navigation(request: OrganizationRequest) -> dict[str, Any]:
    """Return the side navigation and the moment that is looked at, for pages that show them."""
    if not getattr(request, "organization", None):
        return {}
    # Worked out when a template asks for it: rows alone, as lists fetch them, have no frame.
    groups: Any = SimpleLazyObject(partial(_groups, request))
    html = SimpleLazyObject(lambda: _rendered(tuple(groups), get_language()))
    return {"navigation": groups, "navigation_html": html, **looking(request)}


@lru_cache(maxsize=1024)
def _rendered(groups: tuple[Group, ...], _language: str | None) -> SafeString:
    """Return the navigation as HTML.

    Most people walk the same few ways, and drawing one takes longer than many a query. The language is only a part of
    the key.
    """
    return render_to_string("partials/navigation.html", {"navigation": groups})


def _groups(request: OrganizationRequest) -> tuple[Group, ...]:
    """Return what this person may see of the organization, a group for each part of the clause."""
    overview = organization_url("clauses:overview")  # its address begins every other one
    return tuple(
        Group(letter, title, tuple(_entry(request, place, overview) for place in places))
        for letter, title, places in _ways(Walker.of(request))
    )


@lru_cache(maxsize=1024)
def _ways(walker: Walker) -> tuple[tuple[str, str, tuple[Place, ...]], ...]:
    """Return the groups with letter, title and places: worked out once for all who walk alike."""
    groups = [("", "", _pages(walker, "-"))]
    for letter, title in GROUPS:
        registers = tuple(
            Place(str(register.title), register.url("list"))
            for register in registry
            if register.sub_clause == letter
            and register.in_navigation
            and allowed(walker, Action.VIEW, register.slug)
            and walker.scope.includes(register.sub_clauses)
        )
        before = _pages(walker, f"-{letter}") if letter else ()
        last = _administration(walker) if (letter, title) == GROUPS[-1] else ()
        groups.append((letter, str(title), (*before, *registers, *_pages(walker, letter), *last)))
    return tuple(group for group in groups if group[2])


def _pages(walker: Walker, group: str) -> tuple[Place, ...]:
    return tuple(
        Place(str(label), url, name)
        for letter, label, name, action, subject in pages
        if letter == group and allowed(walker, action, subject) and _is_visible(url := organization_url(name))
    )


def _number(rows: QuerySet) -> str:
    """Return how many rows there are, as the navigation shows it."""
    # Reading a few keys takes less than having them counted.
    found = len(rows.order_by().values_list("pk")[: MOST_WAITING + 1])
    return f"{MOST_WAITING}+" if found > MOST_WAITING else str(found or "")


def _is_visible(url: str) -> bool:
    """Return whether the person's access reaches a page, as the page itself says."""
    if not audit_scope():
        return True
    callback: Any = resolve(page_at(url)).func
    return bool(callback.view_class(**callback.view_initkwargs).is_visible)


def _administration(walker: Walker) -> tuple[Place, ...]:
    found = (
        (MEMBERS, _("People"), "organizations:members"),
        (CUSTOM_FIELDS, _("Custom fields"), "custom-fields"),
        (SETTINGS, _("Settings"), "organizations:settings"),
    )
    return tuple(
        Place(label, organization_url(name)) for subject, label, name in found if allowed(walker, Action.VIEW, subject)
    )


def _entry(request: OrganizationRequest, place: Place, overview: str) -> Entry:
    is_here = request.path == place.url or (request.path.startswith(place.url) and place.url != overview)
    waits = _number(waiting[place.name](request)) if place.name in waiting else ""
    return Entry(place.label, place.url, is_here, waits)
