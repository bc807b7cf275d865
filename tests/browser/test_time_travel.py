"""Looking at the past: a record before its last change, nothing to change it with, its export, and back to today."""

from __future__ import annotations

import csv

from playwright.sync_api import Page, expect

from tests.browser.axe import look_at
from tests.browser.conftest import Enter
from tests.browser.site import Site, shoot


def rename(page: Page, title: str) -> None:
    """Give the record that is open another title."""
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Title").fill(title)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_a_record_is_seen_as_it_was_before_it_was_changed_and_left_for_today_again(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url("requirements/"))
    page.locator("tbody th a").first.click()
    record = page.url
    reference = page.locator(".cf-over span").first.inner_text()
    rename(page, "Seals wear sooner than the data sheet says")
    rename(page, "Seals of 2026 wear sooner")

    before = page.locator(".cf-timeline li").nth(1)
    before.get_by_role("link", name="As it stood").click()
    banner = page.get_by_role("region", name="Moment that is looked at")
    expect(banner).to_contain_text("You are looking at")
    expect(page.get_by_role("heading", level=1)).to_have_text("Seals wear sooner than the data sheet says")
    expect(page.get_by_role("link", name="Edit", exact=True)).to_have_count(0)
    expect(page.locator("main form[method=post]")).to_have_count(0)
    assert look_at(page, "requirements-detail of the past") == []
    shoot(page, "past-record")

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Requirements", exact=True).click()
    expect(banner).to_be_visible()
    page.get_by_role("searchbox").fill("Seals wear sooner than")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_text("Export this one").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Plain rows (CSV)").click()
    with download.value.path().open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["Reference"], "Seals wear sooner than the data sheet says" in row.values()) == (reference, True)

    page.locator("tbody th a").click()
    banner.get_by_role("link", name="Back to today").click()
    assert page.url == record
    expect(page.get_by_role("heading", level=1)).to_have_text("Seals of 2026 wear sooner")
    expect(banner).to_have_count(0)

    page.locator(".cf-moments summary").click()
    page.get_by_label("Show everything as it stood at").fill("2001-02-03T04:05")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Demo Pumps was not here yet")
    page.get_by_role("link", name="Look at today").click()
    assert page.url == record
