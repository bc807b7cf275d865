"""Pages that were fetched before, opened in Chromium with the product's scripts; no web server, and nothing is asked of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from playwright.sync_api import Route, sync_playwright

from tests.support.markup import ASKED, TAG

_ADDRESS = "http://pages.example/"
#: What stands before a part of a page, which other pages fetch.
_PART = '<!doctype html><html><script src="/static/django_htmx/htmx-2.min.js"></script><body><div hx-disable>'
#: The element or attribute that a page has and shouldn't, and people's texts that stand where htmx would listen to markup.
_FOUND = """([tag, asked]) => {
  const off = htmx.config.disableSelector;
  const found = [...document.querySelectorAll(`${tag}, [hx-get="${asked}"]`)].map((each) => `element: ${each.outerHTML}`);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const inside = texts.currentNode.parentElement;
    if (!texts.currentNode.data.includes(tag) || inside.closest("option, textarea, script, svg")) continue;
    const markup = inside.appendChild(document.createElement("i")), heeded = !markup.closest(off);
    markup.remove();
    if (!heeded) continue;
    const within = [];
    for (let each = inside; each && each.id !== "main"; each = each.parentElement) {
      within.unshift(each.localName + (each.className ? `.${each.className}` : ""));
    }
    found.push(`htmx listens in: ${within.join(" > ")}`);
  }
  return [...new Set(found)];
}"""


def look_at_each(program: str, pages: Mapping[str, str]) -> dict[str, list[str]]:
    """Open each page; say what of the planted became an element, was asked for, or stands where htmx would heed it."""
    asked: list[str] = []
    shown = ""

    def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            route.fulfill(body=shown, content_type="text/html; charset=utf-8")
        elif path.endswith(".js") and (found := finders.find(path.removeprefix("/static/"))):
            route.fulfill(body=Path(found).read_bytes(), content_type="text/javascript")
        else:
            asked.append(path)
            route.fulfill(status=204)

    troubles = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.route("**/*", serve)
        for name, html in pages.items():
            shown = html if "<html" in html else f"{_PART}{html}"
            asked.clear()
            page.goto(_ADDRESS)
            listens = page.evaluate("() => new Promise((done) => setTimeout(() => done(typeof htmx), 20))")
            found = page.evaluate(_FOUND, [TAG, ASKED])
            silent = [] if listens == "object" else ["htmx isn't there"]
            troubles[name] = [*silent, *found, *(f"asked: {path}" for path in asked if path.startswith(ASKED))]
        browser.close()
    return troubles
