"""Without a mouse: single keys, and a tab order that reaches what a page is for."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site

#: What the tab key reaches is seen: something is drawn around it. (The button inside a date field isn't the page's to draw.)
_SEEN = """() => {
  const reached = document.activeElement, style = getComputedStyle(reached);
  return !reached.matches(":focus") || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
}"""


def focused(page: Page) -> str:
    """The words on what has the focus."""
    return str(
        page.evaluate(
            "document.activeElement.innerText || document.activeElement.ariaLabel || document.activeElement.outerHTML"
        )
    )


def test_single_keys_search_create_and_explain_themselves(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("requirements/"))
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("noise n")
    expect(page.get_by_role("searchbox")).to_have_value("noise n")
    page.goto(site.url("requirements/"))
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url("**/requirements/new/")


def test_rows_are_walked_opened_and_edited_by_keys(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("actions/"))
    references = page.locator("tbody th a").all_inner_texts()
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == references[1]
    page.keyboard.press("k")
    assert focused(page) == references[0]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/actions/{references[0]}/")
    page.keyboard.press("e")
    page.wait_for_url(f"**/actions/{references[0]}/edit/")


def test_keys_can_be_switched_off(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("requirements/"))
    page.keyboard.press("?")
    page.get_by_label("Single-key shortcuts on this device").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).not_to_be_focused()
    expect(page).to_have_url(site.url("requirements/"))


@pytest.mark.parametrize(
    ("path", "goal"),
    [
        ("", "Build evidence pack"),
        ("requirements/", "New requirement"),
        ("requirements/REQ-0003/", "Edit"),
        ("requirements/new/", "Save"),
        ("requirements/import/", "Look at the file"),
        ("packs/new/", "Build"),
    ],
)
def test_the_tab_key_reaches_the_primary_action_and_is_always_seen(
    enter: Enter, site: Site, path: str, goal: str
) -> None:
    page = enter("quality")
    page.goto(site.url(path))
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to content"
    page.keyboard.press("Enter")
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(_SEEN), f"Nobody sees where the focus is: {focused(page)}"
        if focused(page).strip() == goal:
            return
    raise AssertionError(f"{goal} isn't reached; the focus is on {focused(page)!r}.")


def test_a_form_is_filled_in_and_saved_without_a_mouse(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("issues/new/"))
    page.get_by_label("Title").or_(page.locator("form.cf-form input[type=text]")).first.focus()
    page.keyboard.type("Fewer apprentices apply")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName === 'SELECT' && document.activeElement.required"):
            page.keyboard.press("ArrowDown")
        if page.evaluate("document.activeElement.tagName === 'TEXTAREA' && document.activeElement.required"):
            page.keyboard.type("It takes longer to fill places in production.")
        if focused(page) == "Save":
            page.keyboard.press("Enter")
            break
    expect(page.locator(".cf-messages")).to_contain_text("is recorded")
