"""Small inputs on which readers go wrong: each is read as it is meant, or said to be what it is.

The files are no part of this project; where they are absent these tests are skipped.
"""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from feedback.models import FeedbackItem
from imports.mapping import ImportMapping
from imports.pipeline import read_table
from registers.register import registry
from requirements_registry.models import Requirement
from risks.models import Risk
from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from spreadsheets.table import Table, cell_text
from tests.support.imports import Imported, run_import

CASES = Path(os.environ.get("CUSTOMERFOCUS_CASES") or Path(__file__).resolve().parents[2].parent / "shared" / "cases")
pytestmark = [
    pytest.mark.skipif(not CASES.is_dir(), reason=f"the cases are absent ({CASES}); set CUSTOMERFOCUS_CASES"),
    pytest.mark.usefixtures("in_acme"),
]
#: What an import asks for besides.
SURVEY: dict[str, Any] = {"source": {"value": "survey"}, "higher_is_better": {"value": "yes"}}


def case(name: str) -> Path:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"the case {name} is absent")
    return path


def mapping_of(path: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((path.parent / "map.json").read_text())
    return plain


def read(slug: str, name: str) -> Table:
    """The table of a case, with the words that the register knows."""
    path = case(name)
    return read_table(path, path.name, registry[slug], ImportMapping())


def imported(slug: str, name: str, said: dict[str, Any] | None = None, **options: Any) -> Imported:
    return run_import(slug, case(name), said, **options)


def notes(table: Table) -> str:
    return " ".join(map(str, table.notes))


def test_per_cent_cells_are_per_cent() -> None:
    assert (
        imported("risks", "03-percent-cell-100/pct.xlsx", {"ratings": {"value": "percent"}}, dry_run=True).counts[0]
        == 2
    )
    refused = imported("risks", "03-percent-cell-100/pct.xlsx", {"ratings": {"value": "ten"}})
    assert refused.counts == (0, 0, 0, 2)
    assert [problem["value"] for problem in refused.report.problems] == ["80%", "100%"]
    assert not Risk.objects.exists()


@pytest.mark.parametrize("slug", ["feedback", "requirements", "risks", "actions", "checks"])
def test_a_header_of_short_names_with_digits_is_one(slug: str) -> None:
    table = read(slug, "05-header-names-with-digits/survey.csv")
    assert (table.header_row, table.headers, table.row_count) == (1, ("Q1", "Q2", "Q3"), 3)


def test_groups_in_the_text_column_are_groups() -> None:
    done = imported("requirements", "06-groups-in-the-text-column/named-header.xlsx")
    assert done.counts == (6, 0, 0, 0)
    assert {each.category for each in Requirement.objects.all()} == {"1- Login", "2- Reports", "3- Safety"}


def test_timestamps_of_forms_are_moments() -> None:
    done = imported(
        "feedback",
        "07-google-forms-timestamp/form.csv",
        SURVEY | {"collected_at": "Timestamp", "text": "Why?", "score": None, "question": None, "questions": {}},
    )
    assert done.counts == (2, 0, 0, 0)
    assert min(FeedbackItem.objects.values_list("collected_at", flat=True)).isoformat() == "2026-03-04T16:06:07+00:00"


def test_codes_and_words_for_no_answer() -> None:
    path = case("11-no-answer-codes/codes.csv")
    said = mapping_of(path) | SURVEY
    assert run_import("feedback", path, said, dry_run=True).counts == (2, 0, 0, 2)
    assert run_import("feedback", path, said | {"empty": {"score": [6, 7]}}).counts == (4, 0, 0, 0)
    words = {"sehr zufrieden": "5", "eher unzufrieden": "2"}
    verbal = imported(
        "feedback", "11-no-answer-codes/verbal.csv", said | {"values": {"score": words}, "empty": {"score": [0]}}
    )
    assert verbal.counts[3] == 0
    assert verbal.report.as_json()["no_answers"]["score"] == {"weiß nicht": 1, "keine Angabe": 1, "0": 1}


def test_the_encoding_that_makes_fewer_letters_wrong_counts() -> None:
    table = read("feedback", "12-two-code-pages-in-one-file/mixed.csv")
    assert table.encoding == "cp1252" and "4 lines are in another encoding, DOS 850" in notes(table)
    assert sum("Délai très long, caisse fermée" in cell_text(row.cells[2]) for row in table.rows()) == 14


def test_answers_at_the_end_are_answers() -> None:
    path = case("13-answers-at-the-end-passed-over/answers.csv")
    done = run_import("feedback", path, mapping_of(path) | SURVEY)
    assert done.counts == (2, 0, 0, 2)
    assert {problem["row"] for problem in done.report.problems} == {4, 5}


def test_ids_come_as_they_show() -> None:
    table = read("requirements", "14-ids-by-number-format/ids.xlsx")
    shown = [[cell_text(cell) for cell in row.cells[:2]] for row in table.rows()]
    assert shown[:2] == [["00123", "3.10"], ["REQ-007", "3.10"]]
    done = imported("requirements", "14-ids-by-number-format/ids.xlsx", skip_invalid=True)
    assert done.counts == (3, 0, 0, 1) and "was shortened by a spreadsheet program" in done.reasons[0]
    clauses = dict(Requirement.objects.values_list("external_id", "source_clause"))
    assert (clauses["00123"], clauses["REQ-007"]) == ("3.10", "3.10")


def test_formulas_drawn_down_are_passed_over_once() -> None:
    done = imported("risks", "16-formulas-drawn-down-with-errors/fmea.xlsx", {"ratings": {"value": "ten"}})
    assert done.counts == (2, 0, 0, 0)
    told = notes(done.examination.table)
    assert "26 rows hold nothing but formulas and were passed over" in told and "shows an error" not in told


def test_null_in_a_mapping_is_no_value() -> None:
    path = case("18-null-in-mapping/codes.csv")
    assert run_import("feedback", path, mapping_of(path) | SURVEY).counts == (2, 0, 0, 0)
    assert set(FeedbackItem.objects.values_list("score", flat=True)) == {Decimal(4), None}


def test_filtered_rows_are_counted_and_can_be_left_out() -> None:
    path = case("19-filtered-rows/filtered.xlsx")
    assert "4 rows are hidden in the sheet" in notes(read("requirements", "19-filtered-rows/filtered.xlsx"))
    said = mapping_of(path)
    assert run_import("requirements", path, said | {"options": {"hidden_rows": "read"}}, dry_run=True).counts[0] == 8
    assert run_import("requirements", path, said | {"options": {"hidden_rows": "leave"}}).counts[0] == 4


def test_a_document_of_numbers_says_how_to_export_it() -> None:
    with pytest.raises(UnreadableFile, match="Export To, Excel or CSV"):
        open_table(case("20-numbers-file/table.numbers"))


@pytest.mark.parametrize("slug", ["checks", "feedback", "requirements", "risks", "actions"])
def test_a_header_narrower_than_its_rows_is_one(slug: str) -> None:
    table = read(slug, "21-header-narrower-than-its-rows/checklist.xlsx")
    assert (table.header_row, table.headers[:3], table.row_count) == (1, ("Technique", "Item", "Rating"), 5)


def test_a_vertical_tab_is_a_line_break_and_is_said() -> None:
    path = case("22-vertical-tab/answers.csv")
    done = run_import("feedback", path, mapping_of(path))
    assert FeedbackItem.objects.get(external_id="1").text == "in need of support.\n\nOverall good"
    assert "vertical tabs are read as line breaks" in notes(done.examination.table)


def test_a_quotation_mark_that_swallows_rows_is_refused() -> None:
    path = case("23-quotation-mark-never-closed/answers.csv")
    done = run_import("feedback", path, mapping_of(path) | SURVEY)
    assert done.counts[3] == 1 and not FeedbackItem.objects.exists()
    assert "A quotation mark opened in row 3 isn't closed there" in done.reasons[0]


@pytest.mark.parametrize(
    ("name", "header_row", "rows"),
    [
        ("1 Kundenanforderungen_2026 FINAL (2).xlsx", 4, 32),  # below them: a total, “32 Anforderungen”
        ("2 Rechtskataster.csv", 3, 8),
        ("3 Risiken_Chancen 5x5.xlsx", 4, 10),
        ("4 Reklamationen 2026.xlsx", 2, 37),
        ("5 Umfrage 2026.xlsx", 3, 13),
        ("6 Maßnahmenplan.xlsx", 3, 25),
        ("7 Normenliste.csv", 1, 3),
        ("8 Pruefungen.xlsx", 1, 20),
    ],
)
def test_sheets_as_quality_managers_keep_them_are_found_whole(name: str, header_row: int, rows: int) -> None:
    table = open_table(case(f"first-hour/{name}"))
    assert (table.header_row, table.row_count, table.problem_count) == (header_row, rows, 0)
