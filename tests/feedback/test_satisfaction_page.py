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
import time_machine
from django.core.cache import cache
from django.test import Client

from feedback.models import FeedbackItem
from organizations.models import Organization, Targets
from organizations.scope import in_organization
from registers.services import archive
from tests.feedback.conftest import answers, at, complaint, item, method, party, wave
from tests.people import MEMBERS, STRANGERS, People
from tests.support.imports import run_import

PAGE = "/o/acme/satisfaction/"
QUARTER = {"period": "2026-Q2"}

pytestmark = pytest.mark.usefixtures("in_acme", "few_people")


@pytest.fixture
def few_people(targets: Targets) -> None:
    """Ten people are enough to judge a score."""


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
    assert [entry["value"] for entry in response.context["tiles"]] == ["–"] * 5
    assert tile(response, 0)["tone"] == "none"
    assert "A trend needs at least two months in which 10 people answered." in text_of(response)
    assert "Nobody answered a survey in this period." in text_of(response)
    assert "No survey is recorded for this period, so there is no response rate." in text_of(response)
    assert '<svg class="cf-trend' not in response.content.decode()


def test_the_score_opens_exactly_its_rows(client: Client) -> None:
    inside = {row.reference for row in answers(*[7, 8, 9] * 4)}
    item(1, collected_at=at("2026-03-31", 23)), item(text="no score"), item(1, source="dealer_report")
    found = tile(client.get(PAGE, QUARTER), 0)
    assert (found["value"], found["tone"]) == ("80.0 %", "met")
    assert rows_at(client, found["url"]) == inside


def test_the_page_says_what_the_overview_says_of_the_scores(client: Client, outcome: Callable[..., Any]) -> None:
    answers(*[5] * 12), answers(*[9] * 12, question="Friendly?")
    response = client.get(PAGE, QUARTER)
    assert outcome("c3").detail in text_of(response)
    assert tile(response, 0)["value"] == outcome("c3").value == "50.0 %"


def test_the_net_promoter_score_opens_exactly_its_rows(client: Client) -> None:
    asked = {row.reference for row in answers(*[10, 9, 9, 3] * 5, question="Recommend?", is_recommendation=True)}
    item(5, 1, 5), item(2, question="How clean was the lounge?"), item(2, question="Recommend?")
    found = tile(client.get(PAGE, QUARTER), 2)
    assert (found["value"], found["note"]) == ("+50", "“Recommend?”, 20 people, 95 % interval +8 to +79")
    assert rows_at(client, found["url"]) == asked


def test_below_ten_people_the_net_promoter_score_is_too_few(client: Client) -> None:
    answers(*[10] * 9, question="Recommend?", is_recommendation=True)
    found = tile(client.get(PAGE, QUARTER), 2)
    assert (found["value"], found["note"]) == ("too few", "“Recommend?”, 9 people: too few for an interval")


def test_an_import_makes_no_net_promoter_score_of_questions_from_0_to_10_until_one_is_said_to_be_it(
    client: Client, case_folder: Callable[[str], Path]
) -> None:
    folder = case_folder("17-nps-of-every-0-10-question")
    said = json.loads((folder / "map.json").read_text()) | {"higher_is_better": {"value": "yes"}}
    run_import("feedback", folder / "questions.csv", said)
    assert tile(client.get(PAGE, {"period": "2026-Q4"}), 2)["value"] == "–"
    for row in FeedbackItem.objects.filter(question__contains="recommend"):
        row.is_recommendation = True
        row.save()
    assert tile(client.get(PAGE, {"period": "2026-Q4"}), 2)["note"] == (
        "“How likely are you to recommend us?”, 5 people: too few for an interval"
    )


def test_key_customers_and_complaints_read_as_on_the_overview(client: Client) -> None:
    silent = party(is_key_customer=True)
    complaint(outcome_told=True, closed_at=at("2026-05-05"))
    response = client.get(PAGE, QUARTER)
    assert [tile(response, n)["value"] for n in (3, 4)] == ["0/1", "1/1"]
    assert rows_at(client, tile(response, 3)["url"]) == {silent.reference}


def test_silent_key_customers_are_listed_with_the_day_they_were_last_heard(client: Client) -> None:
    item(8, customer=party("Harbour Water", is_key_customer=True), collected_at=at("2026-02-03"))
    complained = party("Alpine Ice", is_key_customer=True)
    complaint(customer=complained, received_at=at("2026-01-02"))
    item(8, customer=complained, collected_at=at("2025-12-02"))
    later = party("Later Water", is_key_customer=True)
    item(8, customer=later, collected_at=at("2026-03-30")), item(8, customer=later, collected_at=at("2026-07-01"))
    party("City Clinic", is_key_customer=True)
    item(8, customer=party("North Dairy", is_key_customer=True))
    complaint(customer=party("South Dairy", is_key_customer=True))
    response = client.get(PAGE, QUARTER)
    found = [
        (row.name, row.last_heard and f"{row.last_heard:%Y-%m-%d}") for row in response.context["silent"]["customers"]
    ]
    assert found == [
        ("City Clinic", None),
        ("Alpine Ice", "2026-01-02"),
        ("Harbour Water", "2026-02-03"),
        ("Later Water", "2026-03-30"),
    ]
    assert "City Clinic – never" in text_of(response)


def test_without_key_customers_none_is_said_to_have_been_heard(client: Client) -> None:
    assert "No key customer is recorded." in text_of(client.get(PAGE, QUARTER))
    item(8, customer=party("North Dairy", is_key_customer=True))
    assert "No key customer was silent in the period." in text_of(client.get(PAGE, QUARTER))


def test_each_month_of_the_table_opens_exactly_its_rows(client: Client) -> None:
    april = {item(8, collected_at=at("2026-04-30", 23)).reference, item(4, collected_at=at("2026-04-01", 0)).reference}
    item(9, collected_at=at("2026-05-01", 0))
    rows = {row["name"]: row for row in client.get(PAGE, QUARTER).context["trend_rows"]}
    assert rows["April 2026"]["score"].mean == 60
    assert rows_at(client, rows["April 2026"]["url"]) == april


def test_the_trend_is_drawn_with_title_text_and_table(client: Client) -> None:
    for month in range(1, 7):
        answers(*[7, 9] * 5, collected_at=at(date(2026, month, 10)))
    html = client.get(PAGE, QUARTER).content.decode()
    drawing = html[html.index('<svg class="cf-trend"') : html.index("</svg>", html.index('<svg class="cf-trend"'))]
    assert 'role="img"' in drawing and "<title" in drawing and "<desc" in drawing and "style=" not in drawing
    assert drawing.count("<circle") == 6
    assert "June 2026" in html and "The table behind the chart" in html


def test_the_trend_is_of_one_question_and_leads_to_the_others(client: Client) -> None:
    for month in range(1, 7):
        answers(*[7] * 11, collected_at=at(date(2026, month, 10)), question="In time?")
        answers(*[1] * 10, collected_at=at(date(2026, month, 10)), question="Friendly?")
    response = client.get(PAGE, QUARTER)
    assert response.context["trend_of"].question == "In time?"
    assert {row["score"].mean for row in response.context["trend_rows"] if row["score"].n} == {70}
    (other,) = response.context["trend_choices"]
    response = client.get(other["url"])
    assert response.context["trend_of"].question == "Friendly?"
    assert {row["score"].mean for row in response.context["trend_rows"] if row["score"].n} == {10}


def test_a_filter_holds_for_every_number(client: Client) -> None:
    dairy, clinic = party(segment="Dairies"), party("City Clinic", segment="Clinics")
    wanted = {
        item(3, customer=dairy, question="How was it?", respondent=f"Contact {number}").reference
        for number in range(10)
    }
    item(10, customer=clinic)
    response = client.get(PAGE, QUARTER | {"segment": "Dairies"})
    assert (tile(response, 0)["value"], tile(response, 0)["tone"]) == ("30.0 %", "gap")
    assert rows_at(client, tile(response, 0)["url"]) == wanted
    assert response.context["trend_rows"][0]["score"].n == 0 and response.context["trend_rows"][1]["score"].n == 10


def test_the_response_rate_is_that_of_the_survey_and_opens_it(client: Client) -> None:
    method("Dairies", population_size=50)
    spring = wave(asked=10, segment="Dairies")
    wave("Clinics' survey", asked=400, segment="Clinics")
    item(8, customer=party(segment="Dairies"), wave=spring, respondent="Ann"), item(1, source="dealer_report")
    found = tile(client.get(PAGE, QUARTER | {"segment": "Dairies"}), 1)
    assert (found["value"], found["url"]) == ("10 %", spring.get_absolute_url())
    assert found["note"] == "“Spring survey”: 10 %, 1 of 10 people asked; 50 customers to be heard"


def test_a_rate_that_cannot_be_is_shown_as_wrong(client: Client) -> None:
    spring = wave(asked=1)
    item(8, wave=spring, respondent="Ann"), item(8, wave=spring, respondent="Bob")
    response = client.get(PAGE, QUARTER)
    assert (tile(response, 1)["value"], tile(response, 1)["tone"]) == ("–", "gap")
    assert "impossible: 2 people answered and 1 were asked" in text_of(response)


def test_a_chip_takes_its_filter_away_and_keeps_the_period(client: Client) -> None:
    (chip,) = client.get(PAGE, QUARTER | {"segment": "Dairies & Co"}).context["chips"]
    assert chip["label"] == "Segment: Dairies & Co"
    assert parse_qs(urlsplit(chip["url"]).query) == {"period": ["2026-Q2"]}
    (chip,) = client.get(PAGE, QUARTER | {"source": "survey"}).context["chips"]
    assert chip["label"] == "Source: survey"


def test_cells_of_the_tables_open_exactly_their_rows(client: Client) -> None:
    dairy = party(segment="Dairies")
    wanted = {item(8, question="Delivery, on the day?", customer=dairy).reference}
    item(8, question="Delivery, on the day?"), item(8, question="Delivery", customer=dairy), item(8)
    item(4, 1, 5, question="Delivery, on the day?", customer=dairy)
    item(8, question="Delivery, on the day?", customer=dairy, source="dealer_report")
    table = client.get(PAGE, QUARTER).context["tables"][0]["table"]
    assert table.columns == ("Dairies", "not given")
    (row,) = [row for row in table.rows if (row.name, row.scale) == ("Delivery, on the day?", "0–10")]
    assert [cell.people for cell in row.cells] == ["2 people", "1 person", "1 person"]
    assert rows_at(client, row.cells[1].url) == wanted
    assert len(rows_at(client, row.cells[0].url)) == 2


def test_a_score_of_too_few_people_is_not_called_below_the_target(client: Client) -> None:
    answers(*[1] * 9), answers(*[1] * 10, question="In time?")
    (few, enough) = sorted(client.get(PAGE, QUARTER).context["tables"][0]["table"].rows, key=lambda row: row.name)
    assert [(few.cells[0].missed, few.cells[0].interval), enough.cells[0].missed] == [(False, ""), True]


def test_grades_from_other_sources_stand_apart(client: Client) -> None:
    grades = {
        row.reference for row in answers(*[2] * 10, low=1, high=6, higher_is_better=False, source="dealer_report")
    }
    answers(*[9] * 10)
    first, other = client.get(PAGE, QUARTER).context["tables"]
    assert [row.cells[0].people for row in first["table"].rows] == ["10 people"]
    assert other["table"].columns == ("Dealer report",)
    assert [row.cells[0].value for row in other["table"].rows] == ["80.0"]
    assert rows_at(client, other["table"].rows[0].cells[1].url) == grades


def test_a_filter_that_is_not_valid_shows_nothing_rather_than_everything(client: Client) -> None:
    answers(*[8] * 10)
    assert tile(client.get(PAGE, QUARTER | {"source": "gossip"}), 0)["value"] == "–"


def test_where_the_period_has_no_score_the_last_one_that_has_is_offered(client: Client) -> None:
    answers(*[8] * 10, collected_at=at("2018-09-24"))
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
        answers(*[1] * 10)
    answers(*[8] * 10)
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
            item(7, wave=wave(f"Survey {index}"), question="Again?"), wave(f"Empty {index}")
            item(7, source="dealer_report", question=f"Grade {index}")
            item(7, collected_at=at("2026-04-15")), party(f"Silent {index}", is_key_customer=True), complaint()

    fill(2)
    client.get(PAGE, QUARTER)
    cache.clear()
    with django_assert_max_num_queries(160) as few:
        client.get(PAGE, QUARTER)
    fill(15)
    cache.clear()
    with django_assert_num_queries(len(few)):
        client.get(PAGE, QUARTER)


@pytest.fixture
def lowest(people: People) -> FeedbackItem:
    """The lowest of twelve answers of the quarter, archived after it ended, as a dealer's grade was; one before it ended."""
    with time_machine.travel(at("2026-06-20"), tick=False):
        given, grades = answers(*[9] * 11, 0, 1), [item(5, source="dealer_report", question="G") for _each in range(2)]
        archive(given[-1], by=people.quality_manager, reason="Entered twice")
    for row in (given[-2], grades[0]):
        archive(row, by=people.quality_manager, reason="Entered twice")
    with time_machine.travel(at("2026-07-20"), tick=False):
        archive(item(0, question="How was it?"), by=people.quality_manager, reason="A test")
    return given[-2]


def test_page_and_statement_count_alike_what_was_archived_after_the_period(
    lowest: FeedbackItem, client: Client, outcome: Callable[..., Any]
) -> None:
    page, found = client.get(PAGE, QUARTER), outcome("c3")
    assert (page.context["judged"].value, page.context["judged"].detail) == (found.value, found.detail)
    # By hand: eleven answers of 90 and one of 0 are 990 / 12.
    assert (found.value, found.numerator, found.denominator) == ("82.5 %", 11, 12)
    cells = [table["table"].rows[0].cells[0] for table in page.context["tables"]]
    assert [(cell.value, cell.people) for cell in cells] == [("82.5", "12 people"), ("50.0", "2 people")]
    assert [len(rows_at(client, cell.url)) for cell in cells if cell.url] == [12]
    assert lowest.reference in rows_at(client, cells[0].url)
    assert lowest.reference in rows_at(client, tile(page, 0)["url"])
    by_month = next(row for row in page.context["trend_rows"] if row["score"].n)
    assert len(rows_at(client, by_month["url"])) == 12


def test_a_list_opened_from_a_past_number_shows_what_was_archived_since(lowest: FeedbackItem, client: Client) -> None:
    address = "/o/acme/feedback/?assertion=c3&period=2026-Q2"
    assert len(rows_at(client, f"{address}&rows=all")) == 12
    assert rows_at(client, address) == {lowest.reference}
    assert rows_at(client, f"{address}&archived=yes") == {lowest.reference}
    assert rows_at(client, "/o/acme/feedback/?counted=2026-02-30") == set()
