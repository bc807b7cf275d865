"""The heat map: its counts are those of the lists behind its cells, and a fixed number of queries gives them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations.models import Site
from organizations.scope import in_organization
from registers.services import archive
from risks.models import Scale
from risks.models.scale import default_scale
from risks.views.heat_map import lines_of
from tests.people import People
from tests.risks.conftest import assessed, fresh


@pytest.fixture
def browser(client_of: Any, people: People) -> Client:
    client: Client = client_of(people.auditor)
    return client


def cells(page: Any) -> dict[tuple[int, int], Any]:
    """The filled cells of a heat map by likelihood and consequence."""
    lines = page.context["lines"]
    return {
        (line.number, consequence): cell
        for line in lines
        for consequence, cell in enumerate(line.cells, start=1)
        if cell.count
    }


def listed(browser: Client, url: str) -> int:
    """How many rows a list has."""
    count: int = browser.get(url).context["page_obj"].count.number
    return count


@pytest.fixture
def several(make_risk: Any, make_scale: Callable[..., Scale], today: date, people: People) -> None:
    """Risks in several cells, some assessed at other stages, on other scales, closed or archived."""
    make_scale()
    for levels in ((5, 5), (5, 5), (2, 3), (3, 2)):
        assessed(make_risk(levels), (1, 4), "target")
    assessed(make_risk(), (4, 4), "inherent")
    make_risk((5, 5), status="closed", closing_note="Withdrawn")
    archive(make_risk((5, 5)), by=people.quality_manager, reason="Twice")


def test_the_map_opens_with_the_stage_that_counts(browser: Client, make_risk: Any, make_scale: Any) -> None:
    """Of the inherent one as long as nothing shows what became of it, as the statement about appetite judges."""
    make_scale()
    assessed(make_risk(), (4, 4), "inherent")
    assert {at: cell.count for at, cell in cells(browser.get("/o/acme/heat-map/")).items()} == {(4, 4): 1}
    assessed(make_risk(), (2, 3), "current")
    assert {at: cell.count for at, cell in cells(browser.get("/o/acme/heat-map/")).items()} == {(2, 3): 1}


@pytest.mark.parametrize(
    ("stage", "expected"),
    [
        ("current", {(5, 5): 2, (2, 3): 1, (3, 2): 1}),
        ("inherent", {(4, 4): 1}),
        ("target", {(1, 4): 4}),
        ("anything", {(5, 5): 2, (2, 3): 1, (3, 2): 1}),
    ],
)
def test_each_stage_has_its_own_map(
    browser: Client, several: None, stage: str, expected: dict[tuple[int, int], int]
) -> None:
    assert {at: cell.count for at, cell in cells(browser.get(f"/o/acme/heat-map/?stage={stage}")).items()} == expected


@pytest.mark.parametrize(
    "query", ["", "?stage=inherent", "?stage=target", "?status=closed", "?archived=all", "?q=leaks", "?level=Medium"]
)
def test_every_cell_counts_the_rows_of_the_list_behind_it(browser: Client, several: None, query: str) -> None:
    page = browser.get(f"/o/acme/heat-map/{query}")
    filled = cells(page)
    assert filled
    assert {at: listed(browser, cell.url) for at, cell in filled.items()} == {
        at: cell.count for at, cell in filled.items()
    }
    assert page.context["placed"] == sum(cell.count for cell in filled.values())


def test_what_has_no_place_is_counted_and_listed(browser: Client, several: None, make_risk: Any) -> None:
    make_risk()
    elsewhere = browser.get("/o/acme/heat-map/").context["elsewhere"]
    assert (elsewhere["count"], listed(browser, elsewhere["url"])) == (2, 2)


def test_rows_on_other_axes_have_no_place(
    browser: Client, make_risk: Any, make_scale: Callable[..., Scale], three_by_three: dict[str, Any], today: date
) -> None:
    make_scale(**three_by_three)
    make_risk((3, 3), days_ago=10)
    make_scale(today, **{name: getattr(default_scale(today), name) for name in three_by_three})
    page = browser.get("/o/acme/heat-map/")
    assert (cells(page), page.context["elsewhere"]["count"], len(page.context["lines"])) == ({}, 1, 5)


def test_a_scale_with_the_same_axes_keeps_rows_in_their_place(
    browser: Client, make_risk: Any, make_scale: Callable[..., Scale], today: date
) -> None:
    make_scale()
    make_risk((3, 3), days_ago=10)
    make_scale(today, appetite=4)
    page = browser.get("/o/acme/heat-map/")
    assert [(at, cell.is_above) for at, cell in cells(page).items()] == [((3, 3), True)]


def test_opportunities_have_a_map_of_their_own(browser: Client, make_risk: Any, make_opportunity: Any) -> None:
    make_risk((5, 5))
    make_opportunity((2, 4))
    page = browser.get("/o/acme/heat-map/opportunities/")
    assert {at: cell.count for at, cell in cells(page).items()} == {(2, 4): 1}
    assert not any(cell.is_above for line in page.context["lines"] for cell in line.cells)
    assert listed(browser, cells(page)[2, 4].url) == 1


def test_the_map_is_narrowed_like_the_list(browser: Client, make_risk: Any, inside: Any) -> None:
    site = Site(code="N", name="North")
    site.save()
    make_risk((5, 5), site=site)
    make_risk((5, 5))
    page = browser.get(f"/o/acme/heat-map/?site={site.pk}")
    assert {at: cell.count for at, cell in cells(page).items()} == {(5, 5): 1}
    assert listed(browser, cells(page)[5, 5].url) == 1


def test_a_filter_that_is_not_valid_shows_nothing(browser: Client, several: None) -> None:
    assert cells(browser.get("/o/acme/heat-map/?site=999")) == {}


def test_each_level_is_named_and_counted_beside_the_map(browser: Client, several: None) -> None:
    page = browser.get("/o/acme/heat-map/")
    assert [
        (entry["band"].name, entry["band"].start, entry["end"], entry["count"]) for entry in page.context["bands"]
    ] == [
        ("Very high", 15, 25, 2),
        ("High", 10, 14, 0),
        ("Medium", 5, 9, 2),
        ("Low", 1, 4, 0),
    ]


def test_a_cell_says_its_level_in_words(browser: Client, several: None) -> None:
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", browser.get("/o/acme/heat-map/").content.decode()))
    assert "5 Almost certain" in text
    assert "2 Very high" in text
    assert "2 of 4 risks lie above the appetite" in text
    assert "scores above 9 need an action" in text


def test_the_other_organization_has_a_map_of_its_own(client_of: Any, people: People, several: None) -> None:
    assert cells(client_of(people.neighbour).get("/o/other/heat-map/")) == {}
    assert client_of(people.neighbour).get("/o/acme/heat-map/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_rows(browser: Client, make_risk: Any) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get("/o/acme/heat-map/")
        return len(queries)

    make_risk((1, 1))
    few = counted()
    for number in range(1, 6):
        make_risk((number, number))
    assert counted() == few


def test_the_lines_run_from_the_highest_likelihood_down(today: date, acme: Any) -> None:
    with in_organization(acme):
        lines = lines_of(default_scale(today).risk_grid, {(5, 1): 3}, 9, "/list/?a=b")
    assert [line.number for line in lines] == [5, 4, 3, 2, 1]
    assert (lines[0].cells[0].count, lines[0].cells[0].url, lines[0].cells[1].is_above) == (
        3,
        "/list/?a=b&likelihood=5&consequence=1",
        True,
    )


def test_an_older_assessment_does_not_count(browser: Client, make_risk: Any) -> None:
    risk = make_risk((5, 5), days_ago=20)
    assessed(risk, (1, 1))
    assert {at: cell.count for at, cell in cells(browser.get("/o/acme/heat-map/")).items()} == {(1, 1): 1}
    assert fresh(risk).assessments.count() == 2
