"""A list as one works with it: arranged and kept, changed in bulk, edited in place, by keys alone, and on a phone."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.axe import look_at
from tests.browser.conftest import Enter
from tests.browser.site import PHONE, Site, shoot

PASTE = """text => {
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
}"""
COPY = """() => {
  const clipboardData = new DataTransfer();
  document.activeElement.dispatchEvent(new ClipboardEvent("copy", {clipboardData, bubbles: true, cancelable: true}));
  return clipboardData.getData("text/plain");
}"""


def headings(page: Page) -> list[str]:
    """The columns shown."""
    return page.locator("thead th").evaluate_all("all => all.map(each => each.dataset.column)")  # type: ignore[no-any-return]


def test_a_list_is_arranged_kept_under_a_name_and_opened_again(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("actions/"))
    page.locator("summary", has_text="Columns").click()
    page.locator("#add-waiting_days").click()
    expect(page.locator("#sort-waiting_days")).to_be_visible()
    page.locator("#without-kind").click()
    expect(page.locator("#sort-kind")).to_have_count(0)
    page.locator("#earlier-waiting_days").click()
    expect(page.locator("thead th").last).to_have_attribute("data-column", "due_on")
    page.keyboard.press("Escape")
    page.locator("#sort-status").click()
    expect(page.locator("#sort-status")).to_have_attribute("data-shift", re.compile("sort=-status"))
    page.locator("#sort-due_on").click(modifiers=["Shift"])
    expect(page.locator(".cf-rank")).to_have_count(2)
    assert page.url.endswith("sort=status,due_on")
    assert headings(page) == ["reference", "title", "status", "origin", "owner", "waiting_days", "due_on"]
    page.locator("summary", has_text="Arrange").click()
    page.get_by_label("Group by").select_option("owner")
    expect(page.locator(".cf-group").first).to_be_visible()
    page.keyboard.press("Escape")
    assert "sort=status%2Cdue_on" in page.url
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="Save this list as a view").click()
    page.get_by_label("Name").fill("By owner")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".cf-messages")).to_contain_text("is saved")
    page.goto(site.url("actions/"))
    page.locator("summary", has_text="Views").click()
    page.get_by_role("link", name="By owner", exact=True).click()
    expect(page.locator("#view-name")).to_have_text("By owner")
    assert headings(page)[5] == "waiting_days"


def test_many_rows_are_changed_after_a_look_without_a_mouse(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("actions/?status=planned&sort=reference"))
    rows = page.locator("tbody tr[data-href]").count()
    for key in ("j", "x", "j", "j", "x"):
        page.keyboard.press(key)
    expect(page.locator("#bulk")).to_contain_text("2 picked")
    assert page.evaluate(COPY).count("\n") == 2
    page.get_by_label(f"all {rows} that match").focus()
    page.keyboard.press("Space")
    page.locator("#bulk").get_by_role("button", name="Change").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Change {rows} rows")
    page.get_by_label("Kind", exact=True).select_option("preventive")
    page.get_by_label("Reason for the change").fill("Sorted anew")
    page.get_by_role("button", name="See what it comes to").click()
    expect(page.get_by_role("main")).to_contain_text("Nothing is written yet.")
    expect(page.get_by_role("table").first).to_contain_text("Preventive action")
    assert look_at(page, "actions-bulk-job") == []
    shoot(page, "bulk-look")
    page.get_by_role("button", name="Change", exact=False).first.click()
    expect(page.get_by_role("main")).to_contain_text("changed.")
    page.get_by_role("link", name="To the register").click()
    expect(page.get_by_role("cell", name="Preventive action")).to_have_count(rows)


def test_a_cell_is_edited_in_place_and_whoever_is_second_sees_both_versions(enter: Enter, site: Site) -> None:
    first, second = enter("quality"), enter("quality")
    for page in (first, second):
        page.goto(site.url("actions/?sort=reference&columns=title,due_on"))
        page.keyboard.press("c")
        page.keyboard.press("Enter")
        expect(page.locator("#cell-editor input[type=text]")).to_be_focused()
    for page, words in ((first, "From the first"), (second, "From the second")):
        page.keyboard.press("Control+a")
        page.keyboard.type(words)
        page.keyboard.press("Enter")
        if page is first:
            expect(page.locator("#cell-editor")).to_have_count(0)
    expect(second.locator(".cf-cell-conflict")).to_contain_text("From the first")
    assert look_at(second, "actions-cell") == []
    second.get_by_role("button", name="Keep mine").click()
    expect(second.locator("tbody tr[data-href]").first).to_contain_text("From the second")


def test_cells_are_copied_and_pasted_like_in_a_spreadsheet(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("actions/?sort=reference&columns=title,waiting_days"))
    page.keyboard.press("c")
    for key in ("ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    assert page.evaluate(COPY) == "30\n30"
    page.evaluate(PASTE, "45\n46\n")
    expect(page.get_by_role("heading", level=1)).to_have_text("Paste cells")
    expect(page.get_by_role("table")).to_contain_text("Waiting time: 30 → 46")
    assert look_at(page, "actions-cells") == []
    page.get_by_role("button", name="Change 2 rows").click()
    expect(page.locator("tbody tr[data-href]").nth(1)).to_contain_text("46")


def test_on_a_phone_rows_are_picked_and_the_list_is_arranged(enter: Enter, site: Site) -> None:
    options: dict[str, Any] = {"viewport": PHONE}
    page = enter("quality", **options)
    page.goto(site.url("actions/"))
    page.locator(".cf-pick input[name=row]").first.check()
    expect(page.locator("#bulk")).to_contain_text("1 picked")
    page.locator("summary", has_text="Arrange").click()
    page.get_by_label("Group by").select_option("status")
    expect(page.locator(".cf-group").first).to_be_visible()
    assert look_at(page, "actions-list") == []
