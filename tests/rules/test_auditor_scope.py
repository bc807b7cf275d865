"""What is out of reach of a confined auditor is on no page: every page of the product, whatever is still to be written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from organizations.access import OrganizationView
from organizations.models import Membership, Organization, Site
from organizations.scope import in_organization
from registers.register import Register, registry
from registers.services import set_links
from tests.people import People
from tests.rules.pages import House, Page, furnish, organization_pages
from tests.rules.test_permissions import expected
from tests.support.factories import make

#: Is in every text of the rows that are out of reach.
SECRET = "7777"
#: What the auditor may see.
LETTERS, SITE = "a", "N"


@pytest.fixture
def house(acme: Organization, people: People) -> House:
    """Rows at North behind every page; rows at South, and rows of no site, in every register; the auditor confined to a at North."""
    house = furnish(acme, people)
    with in_organization(acme):
        north, south = (
            Site.objects.get_or_create(code=code, defaults={"name": name})[0]
            for code, name in (("N", "North"), ("S", "South"))
        )
        for record in house.records.values():
            record.site = north
            record.save()
        for register in registry:
            for site in (south, None):
                make(register.model, 7777, site=site)
    Membership.objects.filter(organization=acme, user=people.auditor).update(sub_clauses=LETTERS, sites=[north.pk])
    return house


def is_reached(page: Page) -> bool:
    """Whether the page is about what the auditor may see, as its view says."""
    view: Any = page.pattern.callback.view_class  # type: ignore[attr-defined]
    letters = page.register.sub_clauses if page.register else view.sub_clauses
    return letters is not None and (not letters or LETTERS in letters)


def content(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return bytes(body).decode("utf-8", "replace")


def test_pages_out_of_reach_are_not_there_and_the_others_hold_nothing_that_is(
    house: House, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.auditor)
    wrong, told = {}, set()
    for page in organization_pages():
        answer, status = browser.get(house.address(page)), expected(page, "auditor")
        wanted = {status} if is_reached(page) else {404, 405, status} - {200}
        if answer.status_code not in wanted:
            wrong[page.name] = answer.status_code
        if answer.status_code == 200 and SECRET in content(answer):
            told.add(page.name)
    whole = {"packs:pack", "packs:download"}  # the pack is of all sub-clauses and sites
    assert wrong == dict.fromkeys(whole, 404)
    assert told == set()


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_rows_out_of_reach_are_not_there_in_lists_counts_exports_and_pages(
    register: Register, house: House, acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser, base = client_of(people.auditor), f"/o/acme/{register.slug}/"
    reached = not register.sub_clauses or LETTERS in register.sub_clauses
    with in_organization(acme):
        hidden = list(register.model.objects.exclude(site__code=SITE).values_list("reference", flat=True))
        shown = list(register.model.objects.filter(site__code=SITE).values_list("reference", flat=True))
    assert len(hidden) >= 2
    assert {browser.get(f"{base}{reference}/").status_code for reference in hidden} == {404}
    if not reached:
        assert {browser.get(f"{base}{reference}/").status_code for reference in shown} == {404}
        return
    for address in ("?archived=all", "export.csv?archived=all", f"suggest/?q={SECRET}"):
        assert SECRET not in content(browser.get(base + address)).replace(f"q={SECRET}", "")
    assert f">{len(shown)} row" in content(browser.get(f"{base}?archived=all")).replace("\n", "")


def test_of_a_linked_row_out_of_reach_only_the_reference_is_told(
    house: House, acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    risks, requirements = registry["risks"].model, registry["requirements"].model
    Membership.objects.filter(organization=acme, user=people.auditor).update(sub_clauses="b")
    with in_organization(acme):
        risk, hidden = house.records["risks"], requirements.objects.filter(site__code="S").first()
        set_links(risks.objects.get(pk=risk.pk), "requirements", [hidden])
    page = content(client_of(people.auditor).get(f"/o/acme/risks/{risk.reference}/"))
    assert hidden.reference in page
    assert SECRET not in page
    assert f"/{hidden.reference}/" not in page


def test_the_history_of_a_row_tells_of_others_out_of_reach_the_reference_alone(
    house: House, people: People, acme: Organization, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        row = registry["requirements"].model.objects.filter(site__code=SITE).first()
        for name in ("Secret customer", "Hidden client"):
            row.interested_party = make(
                registry["interested-parties"].model, 1, name=name, site=Site.objects.get(code="S"), reference=""
            )
            row.revision += 1
            row.save()
    for page in ("", "history/"):
        text = content(client_of(people.auditor).get(f"/o/acme/requirements/{row.reference}/{page}"))
        assert row.interested_party.reference in text
        assert "Secret customer" not in text
        assert "Hidden client" not in text


def test_numbers_and_the_rows_behind_them_agree_for_a_confined_auditor(
    house: House, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.auditor)
    overview = browser.get("/o/acme/")
    columns = overview.context["columns"]
    assert [column["letter"] for column in columns] == ["a"]
    for verb in columns[0]["verbs"]:
        for line in verb["assertions"]:
            count = browser.get(line["url"]).context["page_obj"].count.number
            good, _, total = line["number"].partition("/")
            assert not total or count == (int(total) if "rows=all" in line["url"] else int(total) - int(good)), line


def test_the_navigation_offers_what_is_in_reach(house: House, people: People, client_of: Callable[..., Client]) -> None:
    browser = client_of(people.auditor)
    groups = browser.get("/o/acme/").context["navigation"]
    addresses = [item.url for group in groups for item in group.items]
    assert {browser.get(address).status_code for address in addresses} == {200}
    assert "/o/acme/risks/" not in addresses


def test_a_page_that_says_nothing_is_shut_to_confined_auditors() -> None:
    assert OrganizationView.sub_clauses is None
