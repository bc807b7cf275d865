"""People in front of browsers of their own, and what none of their pages may do: log an error, break a rule, ask elsewhere."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.site import LAPTOP, Site

#: Milliseconds that anything on a page may take.
PATIENCE = 30_000
#: What Chromium says of every answer of 400 and more; the watcher looks at the answers themselves.
_SAID_OF_ANSWERS = "Failed to load resource"


class Visitors:
    """Browsers of people, opened when they are asked for."""

    def __init__(self, site: Site, browser: Browser) -> None:
        self.site, self.browser = site, browser
        self.pages: list[Page] = []
        #: What must not happen and did, on any page so far.
        self.troubles: list[str] = []
        self._contexts: list[BrowserContext] = []

    def open(self, person: str = "", **options: Any) -> Page:
        """A page of a person who is signed in, in a browser of its own; of nobody, for an empty name.

        Args:
            person: an address, or its part before ``@demo.example``.
            options: those of Playwright's ``new_context``.
        """
        email = person if "@" in person else f"{person}@demo.example"
        cookies = self.site.cookies_of(self.browser, email) if person else None
        # Nothing moves: transitions are only waited for.
        still: dict[str, Any] = {"viewport": LAPTOP, "storage_state": cookies, "reduced_motion": "reduce"}
        context = self.browser.new_context(**still | options)
        context.set_default_timeout(PATIENCE)
        self._contexts.append(context)
        self._watch(context)
        self.pages.append(context.new_page())
        return self.pages[-1]

    def close(self) -> None:
        """Close all browsers."""
        for context in self._contexts:
            context.close()

    def _watch(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("request", self._request)
        context.on("response", self._response)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_SAID_OF_ANSWERS):
            self.troubles.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.site.address, "data:", "blob:")):
            self.troubles.append(f"asked elsewhere: {request.url}")

    def _response(self, response: Response) -> None:
        is_part = response.request.resource_type != "document"
        if response.status >= (400 if is_part else 500):
            self.troubles.append(f"answer {response.status}: {response.url}")
