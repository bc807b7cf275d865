"""A look at a page as different people see it: on a phone and a laptop, light and dark, and through axe."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser.site import LAPTOP, PHONE
from tests.installation import PROJECT

#: Rules of axe that depend on the colours alone: all that can differ between light and dark.
_COLOUR_RULES = ["color-contrast", "link-in-text-block"]
#: Rows of a long list look like those before them.
_ROWS = 8
_RUN = """async ([exclude, options]) => (await axe.run({exclude}, {
  resultTypes: ["violations"], rules: {"target-size": {enabled: true}}, ...options,
})).violations.filter(found => ["serious", "critical"].includes(found.impact)).flatMap(found => found.nodes.map(
  node => `${found.id}: ${node.target.join(" ")} (${node.any.concat(node.all, node.none).map(check => check.message).join("; ")})`))"""
#: Colours and sizes change by transitions; what is looked at is what they end in. (A running pack's wheel never ends.)
_SETTLE = """() => Promise.all(document.getAnimations().filter(each => each.effect.getComputedTiming().endTime < Infinity).map(
  each => each.finished.catch(() => null)))"""
_WIDER = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"


@cache
def _axe() -> str:
    return (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text()


def look_at(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open: serious and critical findings of axe, and scrolling sideways.

    ``name`` is the URL name of the page; ``tests.browser.pages`` knows which pages are looked at where.
    """
    page.evaluate(_axe())
    wrong = []
    for width, size in (("phone", PHONE), ("laptop", LAPTOP)):
        for scheme in ("light", "dark"):
            wrong += [f"{name}, {width}, {scheme}: {found}" for found in _findings(page, size, scheme)]  # type: ignore[arg-type]
    return wrong


def _findings(page: Page, size: ViewportSize, scheme: Literal["light", "dark"]) -> list[str]:
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    page.evaluate(_SETTLE)
    options: dict[str, Any] = {"runOnly": {"type": "rule", "values": _COLOUR_RULES}} if scheme == "dark" else {}
    wider = page.evaluate(_WIDER)
    return [
        *page.evaluate(_RUN, [[[f"tbody tr:nth-child(n + {_ROWS + 1})"]], options]),
        *([f"{wider} pixels wider than the window"] if wider > 0 else []),
    ]
