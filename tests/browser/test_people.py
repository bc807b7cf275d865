"""What each person finds who signs in: where they land, what the navigation offers, which buttons they get."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site

READERS = ["Overview", "Requirements", "Interested parties", "Checks", "Legal watch", "Issues", "Risks", "Opportunities", "Suppliers", "Heat map",
           "Satisfaction", "Feedback", "Complaints", "Surveys", "Enhancements", "Monitoring methods", "Actions", "Mentions"]  # fmt: skip
LEADERS = [*READERS, "Sign-offs", "Trail", "Evidence", "Samples", "Requests for evidence"]
NAVIGATION = {
    "quality": [*READERS[:-1], "Import files", *LEADERS[len(READERS) - 1 :], "People", "Custom fields"],
    "owner": READERS,
    "director": [*LEADERS, "People"],
    "auditor": LEADERS,
    "admin": ["Scale", "People", "Custom fields", "Settings"],
}
#: Buttons of the overview, a register, and a record that belongs to the quality manager, which change something.
CHANGING = {"Build evidence pack", "Import", "New requirement", "Edit", "Archive"}
BUTTONS = {"quality": CHANGING, "owner": set(), "director": set(), "auditor": set()}


def offered(page: Page) -> list[str]:
    """The links of the navigation, in order, without the numbers beside them."""
    return [
        text.strip().partition("\n")[0].rstrip("0123456789 ")
        for text in page.get_by_role("navigation", name="Main").locator(".cf-nav a").all_inner_texts()
    ]


def open_row(page: Page, site: Site, owner: str) -> None:
    """Open the first requirement in the list that belongs to a person."""
    page.goto(site.url("requirements/"))
    page.locator("tbody tr", has=page.get_by_text(owner, exact=True)).first.locator("th a").click()
    page.wait_for_url("**/REQ-*/")


@pytest.mark.parametrize("person", NAVIGATION)
def test_a_person_lands_on_a_page_of_theirs_and_is_offered_what_they_may_open(
    enter: Enter, site: Site, person: str
) -> None:
    page = enter(person)
    answer = page.goto(site.url("/"))
    assert answer is not None
    assert answer.status == 200
    expect(page.locator("h1")).to_contain_text("People" if person == "admin" else "Customer focus")
    assert offered(page) == NAVIGATION[person]


@pytest.mark.parametrize("person", NAVIGATION)
def test_every_page_of_the_navigation_opens(enter: Enter, site: Site, person: str) -> None:
    page = enter(person)
    page.goto(site.url("/"))
    addresses = (
        page.get_by_role("navigation", name="Main")
        .locator(".cf-nav a")
        .evaluate_all("links => links.map(link => link.href)")
    )
    assert {address: page.request.get(address).status for address in addresses} == dict.fromkeys(addresses, 200)


@pytest.mark.parametrize("person", BUTTONS)
def test_buttons_that_change_something_are_there_for_those_who_may(enter: Enter, site: Site, person: str) -> None:
    page = enter(person)
    found: set[str] = set()
    for open_page in (
        lambda: page.goto(site.url()),
        lambda: page.goto(site.url("requirements/")),
        lambda: open_row(page, site, "Quality Manager"),
    ):
        open_page()
        found |= {text.strip() for text in page.locator(".cf-head .cf-actions .btn").all_inner_texts()}
    assert CHANGING & found == BUTTONS[person]
    assert any(text.startswith("Export these") for text in found)


def test_a_process_owner_may_edit_the_rows_they_own_and_no_others(enter: Enter, site: Site) -> None:
    page = enter("owner")
    for owner, may_edit in (("Process Owner", 1), ("Quality Manager", 0)):
        open_row(page, site, owner)
        expect(page.locator(".cf-head").get_by_role("link", name="Edit")).to_have_count(may_edit)


def test_the_director_is_offered_to_accept_a_risk_above_appetite(enter: Enter, site: Site) -> None:
    page = enter("director")
    page.goto(site.url("risks/"))
    page.locator("tbody tr", has=page.get_by_text("High", exact=True)).first.locator("th a").click()
    expect(page.get_by_role("link", name="Accept", exact=True)).to_be_visible()


def test_members_of_another_organization_learn_nothing_of_this_one(enter: Enter, site: Site) -> None:
    page = enter("quality@south.demo.example")
    page.goto(site.url("/"))
    assert page.url == site.url(organization="demo-south")
    expect(page.get_by_role("navigation", name="Main")).to_contain_text("Demo Pumps South")
    answer = page.goto(site.url("requirements/REQ-0003/"))
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("Nothing is found at this address")


def test_who_has_not_signed_in_is_asked_to_and_then_sees_what_they_wanted(enter: Enter, site: Site) -> None:
    page = enter()
    page.goto(site.url("risks/"))
    expect(page.locator("h1")).to_have_text("Sign in")
    page.get_by_label("Email").fill("auditor@demo.example")
    page.get_by_label("Password").fill("demo")
    page.keyboard.press("Enter")
    page.wait_for_url(site.url("risks/"))
