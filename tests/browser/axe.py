"""A look at a page as different people see it: on a phone and a laptop, light and dark, and through axe."""

from __future__ import annotations

from functools import cache
from typing import Literal
from zlib import crc32

from playwright.sync_api import Page

from tests.browser.site import LAPTOP, PHONE
from tests.support.installation import PROJECT

Look = tuple[Literal["phone", "laptop"], Literal["light", "dark"]]

#: Colours depend on the scheme and the arrangement on the width, so two looks see all four; which two, pages take in turn.
_LOOKS: tuple[tuple[Look, Look], ...] = (
    (("phone", "light"), ("laptop", "dark")),
    (("phone", "dark"), ("laptop", "light")),
)
_SIZES = {"phone": PHONE, "laptop": LAPTOP}
#: Rows of a long list look like those before them.
_ROWS = 8
# axe would read style sheets that import others by putting them into the page, which the policy of the pages forbids; no
# rule that runs here needs them.
_RUN = """async ([exclude]) => (await axe.run({exclude}, {
  resultTypes: ["violations"], preload: false, rules: {"target-size": {enabled: true}},
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
    looks = _LOOKS[crc32(name.encode()) % len(_LOOKS)]
    return [
        f"{name}, {width}, {scheme}: {found}" for width, scheme in looks for found in _findings(page, width, scheme)
    ]


def _findings(page: Page, width: Literal["phone", "laptop"], scheme: Literal["light", "dark"]) -> list[str]:
    page.set_viewport_size(_SIZES[width])
    page.emulate_media(color_scheme=scheme)
    page.evaluate(_SETTLE)
    wider = page.evaluate(_WIDER)
    return [
        *page.evaluate(_RUN, [[[f"tbody tr:nth-child(n + {_ROWS + 1})"]]]),
        *([f"{wider} pixels wider than the window"] if wider > 0 else []),
    ]
