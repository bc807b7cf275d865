"""Titles above a table and small sheets beside it say scales and words: proposed with the rest, and confirmed."""

from __future__ import annotations

import io
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client

from feedback.scale_titles import ToldScale, told_scales
from imports.questions import asked_of
from organizations.models import User
from requirements_registry.models import Requirement
from spreadsheets.legends import explained
from tests.imports.test_pages import form_of, uploaded
from tests.people import People
from tests.support.imports import run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("Befragung 2026 – Skala 1 (sehr gut) bis 6 (ungenügend)", (1, 6, False)), ("Scale: 1 (poor) to 7 (excellent)", (1, 7, True)),
        ("Skala von 1 bis 4", (1, 4, None)), ("Noten 1-6", (1, 6, None)), ("Skala: 1 = sehr gut, 5 = schlecht", (1, 5, False)),
        ("Skala 1 (sehr unzufrieden) bis 5 (sehr zufrieden)", (1, 5, True)), ("Skala 6 (ungenügend) bis 1 (sehr gut)", (1, 6, False)),
        ("Scale 1 (good) to 5 (good)", (1, 5, None)),
    ],
)  # fmt: skip
def test_titles_tell_scales(text: str, scale: tuple[int, int, bool | None]) -> None:
    assert list(told_scales([text])) == [ToldScale(Decimal(scale[0]), Decimal(scale[1]), scale[2])]


@pytest.mark.parametrize("text", ["Umfrage 2026", "Stand 1.2.2026", "Skala", "Scale 5 to 5", "Revision 3 bis 7", ""])
def test_other_titles_tell_none(text: str) -> None:
    assert not list(told_scales([text]))


def test_legends_explain_codes_and_contradict_nobody() -> None:
    assert explained(["A = hoch, B = mittel, C = niedrig", "x: done; y - open"]) == {
        "A": "hoch", "B": "mittel", "C": "niedrig", "x": "done", "y": "open",
    }  # fmt: skip
    assert explained(["A = hoch", "A = niedrig", "Stand: 24.11.2026, von A. B."]) == {"Stand": "24.11.2026"}


SCORES = "Kundenbefragung – Skala 1 (sehr gut) bis 6 (ungenügend);;;\n\nDatum;Kunde;{0};{1}\n2026-09-14;Weber;1;2\n2026-09-15;Trumpf;4;3\n"


def test_a_title_proposes_scale_and_direction_of_each_column_that_fits_it(tmp_path: Path) -> None:
    imported = run_import("feedback", text_file(tmp_path, SCORES.format("Q1 Qualität", "Gesamt")), dry_run=True)
    (survey,) = asked_of(imported.examination)
    assert survey["scales"] == [{"low": "1", "high": "6", "best": "no"}]
    # What a header says of its own column goes before.
    imported = run_import("feedback", text_file(tmp_path, SCORES.format("Q1 Qualität", "NPS 0-10")), dry_run=True)
    (survey,) = asked_of(imported.examination)
    assert survey["scales"] == [{"low": "1", "high": "6", "best": "no"}, {"low": "0", "high": "10", "best": "yes"}]


def test_a_title_proposes_the_scale_of_a_single_score(tmp_path: Path) -> None:
    text = "Skala 1 (schlecht) bis 7 (sehr gut);;\nDatum;Kunde;Score\n2026-09-14;Weber;1\n2026-09-15;Trumpf;5\n"
    imported = run_import("feedback", text_file(tmp_path, text), dry_run=True)
    assert {q["name"]: q["proposed"] for q in asked_of(imported.examination)} == {
        "scale_min": "1", "scale_max": "7", "higher_is_better": "yes",
    }  # fmt: skip


def workbook(*legend: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    for cells in (
        ("Nr", "Anforderung", "Priorität"),
        ("1", "It holds", "A"),
        ("2", "It lasts", "hoch"),
        ("3", "It shines", "Z"),
    ):
        book.active.append(cells)
    sheet = book.create_sheet("Legende")
    for row in legend:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "legend", [[("A = hoch, B = mittel, C = niedrig",)], [("Kürzel", "Bedeutung"), ("A", "hoch"), ("B", "mittel")]]
)
def test_a_legend_proposes_what_words_mean_and_nothing_is_written_before_it_is_confirmed(
    legend: list[tuple[str, ...]],
    client_of: Callable[[User | None], Client],
    people: People,
    tmp_path: Path,
    settings: Any,
) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    browser = client_of(people.quality_manager)
    job, page = uploaded(browser, workbook(*legend), name="list.xlsx", register="requirements")
    assert page.context["counts"]["refused"] == 2
    asked = {
        field.label: field.initial
        for name, field in page.context["values_form"].fields.items()
        if name.startswith("word-")
    }
    assert asked == {"In Criticality, “A” means": "high", "In Criticality, “Z” means": ""}
    browser.post(job.get_absolute_url(), form_of(page) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    assert page.context["counts"]["created"] == 2 and not Requirement.objects.exists()
