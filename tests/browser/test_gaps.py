"""From a number on the overview to the rows behind it, to the row that is mended, and back to another number."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site

LATE = "Actions dated, none overdue without escalation"


def statement(page: Page, title: str) -> Locator:
    """The line of a statement on the overview."""
    return page.locator(".cf-assertion", has=page.get_by_role("link", name=title))


def exceptions(page: Page, title: str) -> int:
    """How many rows fall short, by the statement's number, like 16/18."""
    good, total = statement(page, title).locator(".cf-assertion-number").inner_text().replace(",", "").split("/")
    return int(total) - int(good)


def test_an_overdue_action_is_escalated_and_the_overview_counts_one_gap_less(enter: Enter, site: Site) -> None:
    page = enter("quality")
    page.goto(site.url())
    before = exceptions(page, LATE)
    assert before > 0
    statement(page, LATE).get_by_role("link").click()
    expect(page.locator("tbody tr")).to_have_count(before)
    expect(page.get_by_role("heading", level=1)).to_have_text(LATE)
    expect(page.locator("tbody tr").first).to_contain_text("It is late, and nobody told top management")

    page.locator("tbody th a").first.click()
    reference = page.locator(".cf-over span").first.inner_text()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Escalated").fill(page.evaluate("new Date().toISOString().slice(0, 10)"))
    page.get_by_label("Escalation", exact=True).fill(
        "Told the managing director; a second fitter is on it from Monday."
    )
    page.get_by_label("Reason for the change").fill("Seen on the overview")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".cf-messages")).to_contain_text(f"{reference} is saved.")
    expect(page.locator(".cf-timeline li").first).to_contain_text("Seen on the overview")

    page.goto(site.url())
    assert exceptions(page, LATE) == before - 1
    statement(page, LATE).get_by_role("link").click()
    expect(page.get_by_role("main")).not_to_contain_text(reference)


def test_an_owner_acknowledges_a_requirement_and_one_less_is_not_understood(enter: Enter, site: Site) -> None:
    title = "Owners acknowledged the current version"
    page = enter("owner")
    page.goto(site.url())
    before = exceptions(page, title)
    statement(page, title).get_by_role("link").click()
    page.locator("tbody tr", has=page.get_by_text("Process Owner", exact=True)).first.locator("th a").click()
    page.get_by_role("link", name="Acknowledge").first.click()
    page.get_by_label("In your own words").fill(
        "Every pump leaves with its test record; I stop the shipment where it is missing."
    )
    page.locator(".cf-form-actions button[type=submit]").click()
    expect(page.locator("#acknowledgements")).to_contain_text("I stop the shipment")
    page.goto(site.url())
    assert exceptions(page, title) == before - 1


def test_rows_are_mended_in_the_list_one_after_another(enter: Enter, site: Site) -> None:
    title = "Applicability of law decided"
    page = enter("quality")
    page.goto(site.url())
    before = exceptions(page, title)
    assert before > 1
    statement(page, title).get_by_role("link").click()
    first, second = (page.locator("tbody th a").nth(place).inner_text() for place in (0, 1))
    page.get_by_role("link", name=f"Mend {first}").click()
    expect(page.get_by_label("Applicability")).to_be_focused()
    page.get_by_label("Applicability").select_option("yes")
    page.get_by_label("Decided by").select_option(label="Quality Manager")
    page.get_by_label("Justification").fill("We sell to this country.")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_role("main")).not_to_contain_text(first)
    expect(page.locator("tr", has=page.locator("#mend"))).to_contain_text(second)
    expect(page.locator("#count")).to_have_text(f"{before - 1} row{'s' * (before > 2)}")
    page.get_by_role("link", name="Next gap").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text(title)


def test_every_number_leads_to_as_many_rows_as_it_says(enter: Enter, site: Site) -> None:
    page = enter("auditor")
    page.goto(site.url())
    lines = page.locator(".cf-assertion:has(.cf-word.cf-gap)")
    counted = {}
    for line in lines.all():
        number = re.fullmatch(r"([\d,]+)/([\d,]+)", line.locator(".cf-assertion-number").inner_text())
        if number:
            good, total = (int(part.replace(",", "")) for part in number.groups())
            # Whoever still has days to acknowledge hasn't, and is no exception.
            waiting = re.search(r"([\d,]+) not acknowledged yet", line.inner_text())
            in_time = int(waiting[1].replace(",", "")) if waiting else 0
            counted[str(line.get_by_role("link").get_attribute("href"))] = total - good - in_time
    assert len(counted) > 5
    for address, wrong in counted.items():
        page.goto(site.url(address))
        assert re.match(r"[\d,]+", page.locator("#count").inner_text()), address
        assert int(re.match(r"[\d,]+", page.locator("#count").inner_text())[0].replace(",", "")) == wrong, address  # type: ignore[index]
