"""Every page can be used by everybody: axe finds nothing serious, and nothing scrolls sideways on a phone."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import URLPattern, get_resolver
from playwright.sync_api import Browser, Page

from registers.register import registry
from tests.browser.axe import look_at
from tests.browser.pages import LOOKED_AT_ONCE, NO_PAGES, ON_A_JOURNEY, THINGS, Place, all_places
from tests.browser.site import Site
from tests.browser.visitors import Visitors

Desks = Callable[[str], tuple[Page, list[str]]]


@pytest.fixture(scope="module")
def things(site: Site) -> dict[str, Any]:
    """References of rows that pages are about."""
    found: dict[str, Any] = site.home.run(THINGS)
    return found


@pytest.fixture(scope="module")
def desks(site: Site, browser: Browser) -> Iterator[Desks]:
    """A function that gives the one page each person looks at all their pages in, and what happens on it."""
    opened: dict[str, tuple[Page, Visitors]] = {}

    def desk(person: str) -> tuple[Page, list[str]]:
        if person not in opened:
            visitor = Visitors(site, browser)
            opened[person] = visitor.open(person), visitor
        page, visitor = opened[person]
        visitor.troubles.clear()
        return page, visitor.troubles

    yield desk
    for _page, visitor in opened.values():
        visitor.close()


@pytest.mark.parametrize("place", all_places(), ids=str)
def test_a_page_is_usable_by_everybody(place: Place, desks: Desks, site: Site, things: dict[str, Any]) -> None:
    address = site.url(place.path.format_map(things), place.organization)
    page, troubles = desks(place.person)
    answer = page.goto(address)
    assert answer is not None
    assert (page.url, answer.status) == (address, place.status)
    assert page.title()
    assert page.locator("h1").count() == 1
    assert look_at(page, str(place)) == []
    assert troubles == []


def _names(patterns: list[Any], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or ''}"
        else:
            yield from _names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)


def _is_no_page(name: str) -> bool:
    slugs = [register.slug for register in registry]
    return name in NO_PAGES or any(
        name == f"{slug}{rest}" for slug in slugs for rest in NO_PAGES if rest.startswith("-")
    )


def test_every_address_is_a_page_that_is_looked_at_or_no_page_for_a_reason() -> None:
    names = set(_names(get_resolver().url_patterns))
    looked_at = {place.name for place in all_places()} | ON_A_JOURNEY.keys()
    alike = {rest for rest in LOOKED_AT_ONCE for name in looked_at if name.endswith(rest)}
    assert sorted(name for name in names - looked_at if not _is_no_page(name) and not name.endswith(tuple(alike))) == []
    assert sorted(looked_at - names) == [], "These pages aren't there any more."
    assert sorted(name for name in looked_at if _is_no_page(name)) == []
    assert sorted(name for name in NO_PAGES if not name.startswith("-") and name not in names) == []


@pytest.mark.parametrize("name", ON_A_JOURNEY)
def test_a_page_on_a_journey_is_looked_at_there(name: str) -> None:
    module, _, test = ON_A_JOURNEY[name].rpartition(".")
    assert f'look_at(page, "{name}")' in inspect.getsource(
        getattr(importlib.import_module(f"tests.browser.{module}"), test)
    )
