"""The satisfaction page: its numbers, the rows behind each of them, and what it costs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from feedback.models import FeedbackItem
from organizations.models import Organization, Targets
from organizations.scope import in_organization
from tests.feedback.conftest import at, complaint, item, method, party
from tests.people import MEMBERS, STRANGERS, People
from tests.support.imports import run_import

PAGE = "/o/acme/satisfaction/"
QUARTER = {"period": "2026-Q2"}

pytestmark = pytest.mark.usefixtures("in_acme", "few_answers")


@pytest.fixture
def few_answers(targets: Targets) -> None:
    """Three answers are enough to judge a score."""


@pytest.fixture
def client(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


def text_of(response: Any) -> str:
    """The page's words, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def rows_at(client: Client, url: str) -> set[str]:
    """The references that a list shows at an address of the page."""
    response = client.get(url)
    assert response.status_code == 200
    return {row.reference for row in response.context["table"].rows}


def tile(response: Any, number: int) -> dict[str, Any]:
    found: dict[str, Any] = response.context["tiles"][number]
    return found


@pytest.mark.parametrize("name", MEMBERS)
def test_who_may_read_feedback_may_read_its_sum(name: str, people: People, client_of: Callable[..., Client]) -> None:
    expected = 403 if name == "administrator" else 200
    assert client_of(people[name]).get(PAGE).status_code == expected


@pytest.mark.parametrize("name", STRANGERS)
def test_strangers_find_nothing(name: str, people: People, client_of: Callable[..., Client]) -> None:
    assert client_of(people[name]).get(PAGE).status_code == 404


def test_it_stands_first_in_its_part_of_the_navigation(client: Client) -> None:
    groups = {
        group.letter: [str(entry.label) for entry in group.items] for group in client.get(PAGE).context["navigation"]
    }
    assert groups["c"][:2] == ["Satisfaction", "Feedback"]


def test_with_nothing_recorded_it_says_so_and_shows_no_good_number(client: Client) -> None:
    response = client.get(PAGE, QUARTER)
    assert [entry["value"] for entry in response.context["tiles"]] == ["–", "–", "–", "–"]
    assert tile(response, 0)["tone"] == "none"
    assert "A trend needs scores of two months at least." in text_of(response)
    assert '<svg class="cf-trend' not in response.content.decode()


def test_the_score_opens_exactly_its_rows(client: Client) -> None:
    inside = {item(score).reference for score in (7, 8, 9)}
    item(1, collected_at=at("2026-03-31", 23)), item(text="no score")
    found = tile(client.get(PAGE, QUARTER), 0)
    assert (found["value"], found["tone"]) == ("80.0 %", "met")
    assert rows_at(client, found["url"]) == inside


def test_the_net_promoter_score_opens_exactly_its_rows(client: Client) -> None:
    asked = {item(score, question="Recommend?", is_recommendation=True).reference for score in (10, 9, 9, 3)}
    item(5, 1, 5), item(2, question="How clean was the lounge?")
    found = tile(client.get(PAGE, QUARTER), 1)
    assert (found["value"], found["note"]) == ("+50", "n 4; 95 % interval −34 to +91")
    assert rows_at(client, found["url"]) == asked


def test_an_import_makes_no_net_promoter_score_of_questions_from_0_to_10_until_one_is_said_to_be_it(
    client: Client, case_folder: Callable[[str], Path]
) -> None:
    folder = case_folder("17-nps-of-every-0-10-question")
    said = json.loads((folder / "map.json").read_text()) | {"higher_is_better": {"value": "yes"}}
    run_import("feedback", folder / "questions.csv", said)
    assert tile(client.get(PAGE, {"period": "2026-Q4"}), 1)["value"] == "–"
    for row in FeedbackItem.objects.filter(question__contains="recommend"):
        row.is_recommendation = True
        row.save()
    assert tile(client.get(PAGE, {"period": "2026-Q4"}), 1)["value"] == "+100"


def test_key_customers_and_complaints_read_as_on_the_overview(client: Client) -> None:
    silent = party(is_key_customer=True)
    complaint(outcome_told=True, closed_at=at("2026-05-05"))
    response = client.get(PAGE, QUARTER)
    assert [tile(response, n)["value"] for n in (2, 3)] == ["0/1", "1/1"]
    assert rows_at(client, tile(response, 2)["url"]) == {silent.reference}


def test_silent_key_customers_are_listed_with_the_day_they_were_last_heard(client: Client) -> None:
    item(8, customer=party("Harbour Water", is_key_customer=True), collected_at=at("2026-02-03"))
    party("City Clinic", is_key_customer=True)
    item(8, customer=party("North Dairy", is_key_customer=True))
    words = text_of(client.get(PAGE, QUARTER))
    assert "City Clinic – never" in words
    assert "Harbour Water – 3 Feb 2026" in words
    assert "North Dairy –" not in words


def test_each_month_of_the_table_opens_exactly_its_rows(client: Client) -> None:
    april = {item(8, collected_at=at("2026-04-30", 23)).reference, item(4, collected_at=at("2026-04-01", 0)).reference}
    item(9, collected_at=at("2026-05-01", 0))
    rows = {row["name"]: row for row in client.get(PAGE, QUARTER).context["trend_rows"]}
    assert rows["April 2026"]["score"].mean == 60
    assert rows_at(client, rows["April 2026"]["url"]) == april


def test_the_trend_is_drawn_with_title_text_and_table(client: Client) -> None:
    for month in range(1, 7):
        item(7, collected_at=at(date(2026, month, 10))), item(9, collected_at=at(date(2026, month, 11)))
    html = client.get(PAGE, QUARTER).content.decode()
    drawing = html[html.index('<svg class="cf-trend"') : html.index("</svg>", html.index('<svg class="cf-trend"'))]
    assert 'role="img"' in drawing and "<title" in drawing and "<desc" in drawing and "style=" not in drawing
    assert drawing.count("<circle") == 6
    assert "June 2026" in html and "The table behind the chart" in html


def test_a_filter_holds_for_every_number(client: Client) -> None:
    dairy, clinic = party(segment="Dairies"), party("City Clinic", segment="Clinics")
    wanted = {item(2, customer=dairy).reference, item(4, customer=dairy).reference, item(3, customer=dairy).reference}
    item(10, customer=clinic)
    response = client.get(PAGE, QUARTER | {"segment": "Dairies"})
    assert (tile(response, 0)["value"], tile(response, 0)["tone"]) == ("30.0 %", "gap")
    assert rows_at(client, tile(response, 0)["url"]) == wanted
    assert response.context["trend_rows"][0]["score"].n == 0 and response.context["trend_rows"][1]["score"].n == 3


def test_a_segments_response_rate_is_its_own(client: Client) -> None:
    method("Dairies", population_size=50, asked=10)
    method("Clinics", population_size=500, asked=400)
    item(8, customer=party(segment="Dairies"))
    assert "n 1 of 50; response rate 10 %" in tile(client.get(PAGE, QUARTER | {"segment": "Dairies"}), 0)["note"]


def test_a_chip_takes_its_filter_away_and_keeps_the_period(client: Client) -> None:
    (chip,) = client.get(PAGE, QUARTER | {"segment": "Dairies & Co"}).context["chips"]
    assert chip["label"] == "Segment: Dairies & Co"
    assert parse_qs(urlsplit(chip["url"]).query) == {"period": ["2026-Q2"]}


def test_lines_of_the_tables_open_exactly_their_rows(client: Client) -> None:
    wanted = {item(8, question="Delivery, on the day?").reference}
    item(8, question="Delivery"), item(8)
    tables = client.get(PAGE, QUARTER).context["tables"]
    (line,) = [line for table in tables for line in table["lines"] if line["name"] == "Delivery, on the day?"]
    assert rows_at(client, line["rows_url"]) == wanted


def test_a_filter_that_is_not_valid_shows_nothing_rather_than_everything(client: Client) -> None:
    item(8)
    assert tile(client.get(PAGE, QUARTER | {"source": "gossip"}), 0)["value"] == "–"


def test_where_the_period_has_no_score_the_last_one_that_has_is_offered(client: Client) -> None:
    item(8, collected_at=at("2018-09-24"))
    elsewhere = client.get(PAGE, QUARTER).context["elsewhere"]
    assert elsewhere["label"] == "July to September 2018"
    response = client.get(elsewhere["url"])
    assert tile(response, 0)["value"] == "80.0 %"
    assert any(choice["current"] for choice in response.context["period_choices"])


def test_what_customers_wrote_is_text_and_nothing_else(client: Client) -> None:
    (
        item(8, question="<script>alert(1)</script>", product="{{ secret }}", themes="<b>bold</b>"),
        item(7, collected_at=at("2026-04-15")),
    )
    html = client.get(PAGE, QUARTER).content.decode()
    assert "<script>alert(1)" not in html and "<b>bold</b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html and "{{ secret }}" in html


def test_another_organizations_scores_are_not_counted(client: Client, other: Organization) -> None:
    with in_organization(other):
        item(1)
    item(8)
    assert tile(client.get(PAGE, QUARTER), 0)["value"] == "80.0 %"


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: Client, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    def fill(number: int) -> None:
        for index in range(number):
            customer = party(f"Customer {index}", segment=f"Segment {index}", is_key_customer=True)
            item(
                index % 10,
                customer=customer,
                question=f"Question {index}",
                product=f"Product {index}",
                themes=f"Theme {index}",
            )
            item(7, collected_at=at("2026-04-15")), party(f"Silent {index}", is_key_customer=True), complaint()

    fill(2)
    client.get(PAGE, QUARTER)
    cache.clear()
    with django_assert_max_num_queries(120) as few:
        client.get(PAGE, QUARTER)
    fill(15)
    cache.clear()
    with django_assert_num_queries(len(few)):
        client.get(PAGE, QUARTER)
