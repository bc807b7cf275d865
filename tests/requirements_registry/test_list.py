"""The lists: how a requirement stands, what is next, and the same number of queries whatever the rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registers.register import registry
from requirements_registry.models import Requirement, WatchEntry
from requirements_registry.services import acknowledge

Make = Callable[..., Requirement]


def standing(row: Requirement) -> tuple[Any, str]:
    found = registry["requirements"].records().get(pk=row.pk)
    return found.state and found.state[0], found.conformity


def understood(make_requirement: Make, house: Any, **fields: Any) -> Requirement:
    row = make_requirement(**fields)
    acknowledge(row, by=house.owner, words="No leak.")
    return row


def test_a_draft_has_no_state(make_requirement: Make) -> None:
    assert standing(make_requirement(status="draft")) == (None, "")


def test_without_check_there_is_no_evidence(make_requirement: Make, house: Any) -> None:
    assert standing(understood(make_requirement, house)) == ("No evidence", "No check yet")


def test_a_few_checks_are_counted(make_requirement: Make, make_check: Any, house: Any) -> None:
    row = understood(make_requirement, house)
    for days, result in ((40, "not_met"), (30, "met"), (20, "met"), (400, "met")):
        make_check(row, result, days_ago=days)
    assert standing(row) == ("Met", "2 of 3")


def test_many_checks_are_given_in_per_cent(make_requirement: Make, make_check: Any, house: Any) -> None:
    row = understood(make_requirement, house)
    for n in range(104):
        make_check(row, "not_met" if n == 0 else "met", days_ago=200 - n)
    assert standing(row) == ("Met", "99.0 % of 104")


def test_a_check_before_the_twelve_months_is_given_by_its_day(
    make_requirement: Make, make_check: Any, house: Any
) -> None:
    row = understood(make_requirement, house, check_days=900)
    make_check(row, days_ago=500)
    state, why = standing(row)
    assert state == "Met"
    assert why.startswith("Met on ")


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        (["not_met"], ("Gap", "Last check failed")),
        (["not_met", "not_met"], ("Gap", "Failed twice")),
        (["partly"], ("Attention", "Partly met")),
    ],
)
def test_a_failed_check_shows(
    make_requirement: Make, make_check: Any, house: Any, results: list[str], expected: tuple[str, str]
) -> None:
    row = understood(make_requirement, house)
    for result in results:
        make_check(row, result)
    assert standing(row) == expected


def test_an_overdue_check_shows(make_requirement: Make, make_check: Any, house: Any) -> None:
    row = understood(make_requirement, house)
    make_check(row, days_ago=181)
    assert standing(row) == ("Attention", "Check overdue")


def test_an_open_acknowledgement_shows(make_requirement: Make, make_check: Any) -> None:
    row = make_requirement()
    make_check(row)
    assert standing(row) == ("Attention", "Acknowledgement open")


def test_a_missing_owner_shows(make_requirement: Make, make_check: Any) -> None:
    row = make_requirement(owner=None)
    make_check(row)
    assert standing(row) == ("Attention", "No owner")


def test_the_next_review_follows_the_rows_own_interval(make_requirement: Make, house: Any) -> None:
    row = make_requirement(last_reviewed_on=house.today, review_days=10)
    assert (registry["requirements"].records().get(pk=row.pk).next_review - house.today).days == 10


def test_the_next_review_follows_the_organizations_interval_else(make_requirement: Make, house: Any) -> None:
    row = make_requirement(last_reviewed_on=house.today)
    assert (registry["requirements"].records().get(pk=row.pk).next_review - house.today).days == 365


@pytest.fixture
def rows(make_requirement: Make, make_check: Any, house: Any) -> Callable[[int], None]:
    def make(count: int) -> None:
        for n in range(count):
            row = understood(make_requirement, house, title=f"Requirement {n}")
            make_check(row)
            WatchEntry(requirement=row, looked_on=house.today).save()

    return make


def queries(house: Any, path: str) -> int:
    client = house.client(house.quality)
    client.get(house.url(path))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(house.url(path)).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "path",
    [
        "requirements/",
        "requirements/?sort=next_review",
        "requirements/?q=Requirement",
        "checks/",
        "legal-watch/",
        "interested-parties/",
        "requirements/REQ-0001/",
        "checks/CHK-0001/",
    ],
)
def test_a_page_takes_the_same_queries_whatever_the_rows(house: Any, rows: Callable[[int], None], path: str) -> None:
    rows(3)
    few = queries(house, path)
    rows(15)
    assert queries(house, path) == few


@pytest.mark.parametrize(
    "column", ["title", "kind", "source_text", "owner", "next_review", "status", "interested_party"]
)
def test_a_list_sorts_by_its_columns_both_ways(house: Any, rows: Callable[[int], None], column: str) -> None:
    rows(2)
    for sort in (column, f"-{column}"):
        assert house.client(house.quality).get(house.url(f"requirements/?sort={sort}")).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=customer", 1),
        ("kind=statutory", 0),
        ("status=active&criticality=medium", 1),
        ("interested_party=Harbour+Water", 1),
        ("source=contract", 1),
        ("q=casing+pressure", 1),
        ("q=nothing", 0),
    ],
)
def test_filters_narrow_the_list(house: Any, make_requirement: Make, query: str, found: int) -> None:
    make_requirement()
    page = house.client(house.quality).get(house.url(f"requirements/?{query}"))
    assert page.context["page_obj"].count.number == found


def test_the_export_holds_every_field(house: Any, make_requirement: Make) -> None:
    make_requirement(guidance="See annex B")
    response = house.client(house.quality).get(house.url("requirements/export.csv"))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert {"See annex B", "Contract 7", "owner@house.example"} <= set(text.replace("\r\n", ",").split(","))


def test_a_check_recorded_from_a_requirement_is_about_it(house: Any, make_requirement: Make) -> None:
    row = make_requirement()
    page = house.client(house.owner).get(house.url(f"checks/new/?requirement={row.reference}")).content.decode()
    assert row.reference in page


def test_a_contributor_records_a_check(house: Any, make_requirement: Make) -> None:
    row = make_requirement()
    data = {
        "requirement": row.reference,
        "checked_on": f"{house.today}",
        "method": "Test",
        "result": "met",
        "checker": house.owner.pk,
    }
    response = house.client(house.owner).post(house.url("checks/new/"), data)
    assert response.status_code == 302
    assert row.checks.get().criterion == "No leak."
