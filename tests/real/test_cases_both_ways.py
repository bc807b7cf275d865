"""The small inputs again as the other kind of file, CSV as workbook and workbook as CSV: the same rows come of them."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from spreadsheets.reader import open_table
from spreadsheets.table import cell_text
from tests.real.test_cases import CASES, SURVEY, case, mapping_of
from tests.support.imports import run_import

pytestmark = [
    pytest.mark.skipif(not CASES.is_dir(), reason=f"the cases are absent ({CASES}); set CUSTOMERFOCUS_CASES"),
    pytest.mark.usefixtures("in_acme"),
]
MARKS = {"scale_min": {"value": 1}, "scale_max": {"value": 6}, "higher_is_better": {"value": "no"}}


def other_kind(path: Path, folder: Path) -> Path:
    """The same cells as a workbook, or as a CSV file."""
    if path.suffix == ".csv":
        # As a spreadsheet program holds it: figures as numbers.
        table = open_table(path)
        book = openpyxl.Workbook()
        book.active.append(list(table.headers))
        for row in table.rows():
            book.active.append([_typed(cell_text(cell)) for cell in row.cells])
        book.save(made := folder / f"{path.stem}.xlsx")
        return made
    sheet = openpyxl.load_workbook(path, data_only=True).worksheets[0]
    with (made := folder / f"{path.stem}.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [["" if cell is None else cell for cell in row] for row in sheet.iter_rows(values_only=True)]
        )
    return made


def _typed(text: str) -> Any:
    return int(text) if text.isdigit() and (text == "0" or not text.startswith("0")) else text or None


@pytest.mark.parametrize(
    ("slug", "name", "said"),
    [
        ("feedback", "05-header-names-with-digits/survey.csv", SURVEY | {"questions": {key: {"words": True} for key in ("Q1", "Q2", "Q3")}}),
        ("requirements", "06-groups-in-the-text-column/named-header.xlsx", {}),
        ("feedback", "07-google-forms-timestamp/form.csv", SURVEY | {"collected_at": "Timestamp", "text": "Why?", "score": None, "question": None, "questions": {}}),
        ("feedback", "09-marks-one-is-best/marks.csv", MARKS),
        ("feedback", "10-missing-value-words/na.csv", SURVEY),
        ("feedback", "11-no-answer-codes/codes.csv", SURVEY | {"empty": {"score": [6, 7]}}),
        ("feedback", "13-answers-at-the-end-passed-over/answers.csv", SURVEY),
        ("risks", "15-risk-register-words/register.csv", {"ratings": {"value": "ten"}}),
    ],
)  # fmt: skip
def test_the_same_rows_come_of_the_other_kind_of_file(
    slug: str, name: str, said: dict[str, Any], tmp_path: Path
) -> None:
    path = case(name)
    mapping = (mapping_of(path) if path.suffix == ".csv" and (path.parent / "map.json").exists() else {}) | said
    first = run_import(slug, path, mapping, dry_run=True)
    again = run_import(slug, other_kind(path, tmp_path), mapping, dry_run=True)
    assert first.counts[0] > 0, first.reasons
    assert again.counts == first.counts and again.reasons == first.reasons
