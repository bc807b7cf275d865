"""Risks and opportunities on the pages of what they are linked to, or arise from."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registers.services import archive, set_links
from requirements_registry.models import InterestedParty
from risks.models import ContextIssue, Risk, SupplierReview
from risks.panels import SHOWN
from tests.people import People


@pytest.fixture
def browser(client_of: Any, people: People) -> Client:
    client: Client = client_of(people.quality_manager)
    return client


def groups(browser: Client, record: Any) -> dict[str, Any]:
    """The groups of the panel on a record's page, by title."""
    beside = browser.get(record.get_absolute_url()).context["panels"]["side"]
    panels = [panel for panel in beside if panel.template == "risks/panel.html"]
    return {str(group["title"]): group for panel in panels for group in panel.context["groups"]}


def test_an_issue_shows_the_risks_that_come_from_it(browser: Client, make_risk: Any) -> None:
    issue = ContextIssue(title="Energy", category="economic")
    issue.save()
    small, grave = make_risk((1, 1)), make_risk((5, 5))
    for risk in (small, grave):
        set_links(risk, "issues", [issue])
    make_risk()
    assert groups(browser, issue)["risks"]["items"] == [grave, small]


def test_a_party_shows_the_opportunities_that_would_serve_it(
    browser: Client, make_opportunity: Any, party: InterestedParty
) -> None:
    row = make_opportunity((3, 3))
    assert groups(browser, party)["opportunities"]["items"] == [row]


def test_a_supplier_review_shows_what_arose_from_it(browser: Client, make_risk: Any, today: Any) -> None:
    supplier = InterestedParty(name="Seal Works", kind="external_provider")
    supplier.save()
    review = SupplierReview(supplier=supplier, reviewed_on=today, conclusion="Late")
    review.save()
    risk = make_risk(origin=review.reference)
    found = groups(browser, review)
    assert found["risks"]["items"] == [risk]
    assert found["risks"]["add_url"].endswith(f"?origin={review.reference}")


def test_archived_risks_are_not_among_them(browser: Client, make_risk: Any, requirement: Any, people: People) -> None:
    archive(make_risk(), by=people.quality_manager, reason="Twice")
    assert groups(browser, requirement)["risks"]["items"] == []


def test_who_may_not_add_is_not_offered_to(client_of: Any, people: People, make_risk: Any, requirement: Any) -> None:
    make_risk()
    assert groups(client_of(people.auditor), requirement)["risks"]["add_url"] == ""


def test_beyond_ten_the_list_shows_all_of_them(browser: Client, make_risk: Any, requirement: Any) -> None:
    for _number in range(SHOWN + 1):
        make_risk()
    group = groups(browser, requirement)["risks"]
    assert len(group["items"]) == SHOWN
    assert browser.get(group["more_url"]).context["page_obj"].count.number == SHOWN + 1


def test_a_risk_has_no_panel_of_risks(browser: Client, make_risk: Any) -> None:
    assert groups(browser, make_risk()) == {}


def test_the_panel_takes_as_many_queries_for_five_risks_as_for_one(
    browser: Client, make_risk: Any, requirement: Any
) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(requirement.get_absolute_url())
        return len(queries)

    make_risk((2, 2))
    one = counted()
    for _number in range(4):
        make_risk((2, 2))
    assert Risk.objects.count() == 5
    assert counted() == one
