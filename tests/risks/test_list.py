"""The lists: levels, filters, sorting, export, header words; the same number of queries whatever the rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from registers.register import registry
from registers.services import archive
from requirements_registry.models import InterestedParty
from risks.models import ContextIssue, SupplierReview
from spreadsheets.headers import normalize_header
from tests.people import People
from tests.risks.conftest import accepted, assessed

SLUGS = ["issues", "risks", "opportunities", "supplier-reviews"]


@pytest.fixture
def browser(client_of: Any, people: People) -> Client:
    client: Client = client_of(people.quality_manager)
    return client


@pytest.fixture
def references(browser: Client) -> Callable[[str], list[str]]:
    """The references that a list shows under a query string."""

    def of(query: str, slug: str = "risks") -> list[str]:
        return [row.reference for row in browser.get(f"/o/acme/{slug}/{query}").context["table"].rows]

    return of


@pytest.fixture
def three(make_risk: Any) -> list[str]:
    """A grave, a small and an unassessed risk."""
    return [
        make_risk((5, 5), response="avoid").reference,
        make_risk((1, 2), affects="both").reference,
        make_risk(owner=None).reference,
    ]


def test_sorting_by_level_goes_by_the_score(three: list[str], references: Any) -> None:
    assert references("?sort=-level") == three


@pytest.mark.parametrize(
    ("query", "which"),
    [
        ("?level=Very+high", [0]),
        ("?level=Low", [1]),
        ("?level=-", [2]),
        ("?appetite=above", [0]),
        ("?appetite=within", [1]),
        ("?response=avoid", [0]),
        ("?affects=both", [1]),
        ("?stage=current", [0, 1]),
        ("?likelihood=5&consequence=5", [0]),
        ("?likelihood=1", [1]),
        ("?placed=no", [2]),
        ("?placed=yes", [0, 1]),
        ("?stage=target", []),
        ("?stage=target&placed=no", [0, 1, 2]),
        ("?level=Nonsense", []),
        ("?likelihood=x", []),
        ("?q=seal+leaks", [0, 1, 2]),
        ("?status=closed", []),
        ("?status=open", [0, 1, 2]),
    ],
)
def test_filters_narrow_the_list(three: list[str], references: Any, query: str, which: list[int]) -> None:
    assert sorted(references(query)) == [three[index] for index in which]


def test_risks_are_found_by_what_they_are_linked_to(
    three: list[str], references: Any, make_risk: Any, requirement: Any
) -> None:
    unlinked = make_risk(linked=False).reference
    assert sorted(references(f"?requirements={requirement.reference}")) == three
    assert unlinked not in references(f"?requirements={requirement.reference}")


def test_archived_risks_are_shown_when_asked_for(make_risk: Any, references: Any, people: People) -> None:
    risk = make_risk()
    archive(risk, by=people.quality_manager, reason="Twice")
    assert (references(""), references("?archived=yes")) == ([], [risk.reference])


def test_the_level_is_shown_with_its_tone(browser: Client, three: list[str]) -> None:
    rows = browser.get("/o/acme/risks/?sort=-level").context["table"].rows
    levels = [next(cell for cell in row.cells if cell.label == "Level") for row in rows]
    assert [(cell.text, cell.tone) for cell in levels] == [("Very high", "gap"), ("Low", "met"), ("", "")]


def test_an_export_holds_level_and_priority(browser: Client, make_risk: Any) -> None:
    make_risk((5, 5), severity=8, occurrence=5, detection=3)
    answer = browser.get("/o/acme/risks/export.csv")
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["Level"], row["Score"], row["Risk priority number"], row["Requirements"]) == (
        "Very high",
        "25",
        "120",
        "REQ-0001",
    )


def filled(slug: str, make_risk: Any, make_opportunity: Any, people: People) -> None:
    """One more row of a register, with all it can point to."""
    if slug == "risks":
        risk = make_risk((5, 5))
        assessed(risk, (5, 5), "inherent")
        accepted(risk, people)
    elif slug == "opportunities":
        assessed(make_opportunity((5, 5)), (1, 1), "target")
    elif slug == "issues":
        ContextIssue(title="Energy", category="economic", owner=people.contributor).save()
    else:
        supplier = InterestedParty(name="Seal Works", kind="external_provider")
        supplier.save()
        SupplierReview(
            supplier=supplier, reviewed_on="2026-01-05", conclusion="Good", reviewer=people.contributor
        ).save()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_list_takes_as_many_queries_for_ten_rows_as_for_two(
    browser: Client, make_risk: Any, make_opportunity: Any, people: People, slug: str
) -> None:
    def counted(rows: int) -> int:
        for _row in range(rows):
            filled(slug, make_risk, make_opportunity, people)
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"/o/acme/{slug}/")
        return len(queries)

    assert counted(2) == counted(8)


@pytest.mark.parametrize("slug", ["risks", "opportunities"])
def test_a_page_takes_as_many_queries_for_five_assessments_as_for_two(
    browser: Client, make_risk: Any, make_opportunity: Any, slug: str
) -> None:
    row = (make_risk if slug == "risks" else make_opportunity)((5, 5))

    def counted(assessments: int) -> int:
        for _number in range(assessments):
            assessed(row, (2, 2))
        with CaptureQueriesContext(connection) as queries:
            browser.get(row.get_absolute_url())
        return len(queries)

    assert counted(2) == counted(3)


# --- header words -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", SLUGS)
def test_no_header_word_names_two_fields(slug: str) -> None:
    names: dict[str, set[str]] = {}
    for column in registry[slug].bound.values():
        for word in (column.name, column.label, *column.column.words) if column.is_importable else ():
            names.setdefault(normalize_header(word), set()).add(column.name)
    assert {word: fields for word, fields in names.items() if len(fields) > 1} == {}


@pytest.mark.parametrize("slug", SLUGS)
def test_every_field_of_a_form_has_its_column(slug: str) -> None:
    assert set(registry[slug].form.Meta.fields) <= set(registry[slug].bound)
