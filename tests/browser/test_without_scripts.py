"""With JavaScript switched off: reading, filtering and every form work all the same."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import PHONE, Site


@pytest.fixture
def page(enter: Enter) -> Page:
    """The quality manager's browser, which runs no scripts."""
    return enter("quality", java_script_enabled=False)


def test_a_list_is_searched_filtered_sorted_and_paged(page: Page, site: Site) -> None:
    page.goto(site.url("requirements/"))
    page.locator("summary.cf-chip", has_text="Kind").click()
    page.get_by_role("link", name="All filters").click()
    page.get_by_role("combobox", name="Kind").select_option(label="Statutory")
    page.get_by_role("form", name="Filters").get_by_role("button", name="Show").click()
    assert "kind=statutory" in page.url
    expect(page.locator("#chips")).to_contain_text("Kind: Statutory")
    shown = int(page.locator("#count").inner_text().split()[0])
    assert 0 < shown < 50
    page.get_by_role("columnheader", name="Title").get_by_role("link").click()
    titles = page.locator("tbody tr td:nth-child(3)").all_inner_texts()
    assert titles == sorted(titles, key=str.casefold)
    assert "kind=statutory" in page.url
    page.get_by_role("searchbox").fill("noise")
    page.get_by_role("searchbox").press("Enter")
    assert "kind=statutory" in page.url
    assert "q=noise" in page.url
    page.get_by_role("link", name="Clear all").click()
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Next", exact=True).click()
    expect(page.get_by_role("navigation", name="Pages")).to_contain_text("51–100 of")
    expect(page.locator("tbody tr")).to_have_count(50)


def test_a_record_is_created_and_changed(page: Page, site: Site) -> None:
    page.goto(site.url("actions/new/"))
    page.get_by_label("Action*").fill("Order a second gauge")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".cf-messages")).to_contain_text("is recorded")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Due").fill("2027-01-15")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".cf-record-main")).to_contain_text("15 Jan 2027")


def test_a_file_is_imported(page: Page, site: Site) -> None:
    page.goto(site.url("actions/import/"))
    content = "Id;Maßnahme;Stand\nN-1;Waage kalibrieren;geplant\n".encode("cp1252")
    page.locator("input[name=file]").set_input_files({"name": "plan.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.locator(".cf-counts")).to_contain_text("New")
    page.get_by_role("link", name="To the register").click()
    expect(page.get_by_role("main")).to_contain_text("Waage kalibrieren")


def test_a_pack_is_asked_for_and_its_page_brings_itself_up_to_date(page: Page, site: Site) -> None:
    page.goto(site.url("packs/new/"))
    page.get_by_role("button", name="Build").click()
    expect(page.get_by_role("link", name="Download,")).to_be_visible(timeout=90_000)


def test_the_menu_opens_on_a_phone(enter: Enter, site: Site) -> None:
    page = enter("auditor", java_script_enabled=False, viewport=PHONE)
    page.goto(site.url())
    expect(page.get_by_role("link", name="Heat map")).to_be_hidden()
    page.get_by_role("button", name="Open the menu").click()
    page.get_by_role("link", name="Heat map").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Heat map")


def test_who_saves_second_sees_both_versions(enter: Enter, site: Site) -> None:
    options: dict[str, Any] = {"java_script_enabled": False}
    first, second = enter("quality", **options), enter("quality", **options)
    for page, words in ((first, "From the first."), (second, "From the second.")):
        page.goto(site.url("actions/ACT-0007/edit/"))
        page.get_by_label("Description").fill(words)
    first.get_by_role("button", name="Save").click()
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("table", name="Both versions")).to_contain_text("From the first.")
    second.get_by_role("button", name="Keep mine").click()
    expect(second.locator(".cf-messages")).to_contain_text("is saved")
