"""Fixtures of the browser tests: a running site, Chromium, and pages of people who have signed in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.site import ARTEFACTS, Site, running_site
from tests.browser.visitors import PATIENCE, Visitors
from tests.support.services import chromium

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]
Enter = Callable[..., Page]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Keep what the pages of a failed test looked like."""
    report = yield
    if report.when == "call" and report.failed:
        visitors = getattr(item, "funcargs", {}).get("visitors")
        for number, page in enumerate(visitors.pages if visitors else ()):
            if not page.is_closed():
                ARTEFACTS.mkdir(exist_ok=True)
                page.screenshot(path=ARTEFACTS / f"failed-{item.name}-{number}.png")
    return report


@pytest.fixture(scope="session")
def program() -> str:
    """Chromium's program; without one the tests are skipped, or fail where all services are required."""
    found = chromium(os.environ)
    if found.missing:
        (pytest.fail if os.environ.get("REQUIRE_SERVICES") == "1" else pytest.skip)(str(found))
    return found.url


# Until the last test of this folder and no longer: while Playwright runs, Django refuses to use the database in this thread.
@pytest.fixture(scope="package")
def browser(program: str) -> Iterator[Browser]:
    """Chromium."""
    for old in ARTEFACTS.glob("failed-*.png"):
        old.unlink()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="package")
def site(program: str, migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, served and worked for by real processes."""
    with running_site(migrated, tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def visitors(site: Site, browser: Browser) -> Iterator[Visitors]:
    """The browsers of a test; none of their pages may do what :class:`Visitors` watches for."""
    opened = Visitors(site, browser)
    yield opened
    opened.close()
    assert opened.troubles == []


@pytest.fixture
def enter(visitors: Visitors) -> Enter:
    """A function that opens a browser of a person's own and gives its page."""
    return visitors.open
