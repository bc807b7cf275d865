"""A register as a workbook, read back with two readers that others wrote."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from packs import chunks
from packs.workbook.sheet_xml import CELL_LENGTH
from packs.workbook.workbook import write_workbook
from tests.packs import samples
from typesetting.text import Legible

Rows = list[list[Any]]


def written(folder: Path, rows: list[dict[str, Any]], **info: Any) -> Path:
    register = samples.register(folder, rows)
    pieces = folder / "pieces"
    pieces.mkdir(exist_ok=True)
    write_workbook(register, samples.info(**info), folder / "out.xlsx", pieces)
    return folder / "out.xlsx"


def read(file: Path) -> Rows:
    return [list(row) for row in openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)]


def statement(folder: Path, text: str) -> Any:
    return (
        CalamineWorkbook.from_path(str(written(folder, [{"reference": "R", "statement": text}])))
        .get_sheet_by_index(0)
        .to_python()[1][1]
    )


def test_first_row_holds_the_labels_and_stays_in_sight(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(tmp_path, [samples.requirement(1)])).worksheets[0]
    assert [cell.value for cell in sheet[1]][:3] == ["Reference", "Statement", "Kind"]
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "B2"
    assert sheet.auto_filter.ref == "A1:I2"


def test_values_have_the_type_of_their_column(tmp_path: Path) -> None:
    row = read(written(tmp_path, [samples.requirement(1)]))[1]
    assert row[2:8] == [
        "Statutory",
        "Ιωάννης Παππάς",
        datetime(2024, 1, 2),
        91.5,
        "no",
        datetime(2026, 10, 9, 13, 2, 33),  # one hour before 12:02:33 UTC, as Vienna's clocks showed it
    ]


def test_heading_of_a_moment_names_the_zone(tmp_path: Path) -> None:
    assert read(written(tmp_path, []))[0][7] == "Changed (Europe/Vienna)"


@pytest.mark.parametrize("text", samples.AWKWARD)
def test_awkward_text_is_a_plain_text_cell(tmp_path: Path, text: str) -> None:
    assert statement(tmp_path, text) == Legible()(text)


@pytest.mark.parametrize("text", [text for text in samples.AWKWARD if text[0] in "=+-@"])
def test_text_that_looks_like_a_formula_is_no_formula(tmp_path: Path, text: str) -> None:
    cell = openpyxl.load_workbook(written(tmp_path, [{"reference": "R", "statement": text}])).worksheets[0]["B2"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", text, None)


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip()))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_comes_back_as_it_reads(tmp_path: Path, text: str) -> None:
    assert statement(tmp_path, text) == Legible()(text)


@pytest.mark.parametrize("text", ["<r><t>injected</t></r>", "<r>broken & </r>"])
def test_markup_of_the_spreadsheet_itself_stays_text(tmp_path: Path, text: str) -> None:
    assert statement(tmp_path, text).strip() == text


@pytest.mark.parametrize("text", ["x" * 40_000, "\U0001f44d" * 20_000])
def test_a_text_too_long_for_a_cell_is_cut_and_says_where_the_rest_is(tmp_path: Path, text: str) -> None:
    value = statement(tmp_path, text)
    assert len(value.encode("utf-16-le")) // 2 <= CELL_LENGTH
    assert value.startswith(text[:16_000])
    assert value.endswith("data/records/requirements.jsonl]")


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("rate", "12345678901234567890.5"),
        ("rate", "1e999"),
        ("rate", "about 3"),
        ("effective_date", "1899-12-31"),
        ("effective_date", "soon"),
        ("changed_at", "never"),
    ],
)
def test_a_value_a_spreadsheet_cannot_keep_exactly_stays_text(tmp_path: Path, column: str, value: str) -> None:
    at = [column.name for column in samples.COLUMNS].index(column)
    assert read(written(tmp_path, [{"reference": "R", column: value}]))[1][at] == value


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [samples.requirement(number) for number in range(20)]
    first = written(tmp_path / "one", rows).read_bytes()
    assert written(tmp_path / "two", rows).read_bytes() == first


def test_no_time_of_making_is_written(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path, [])) as book:
        core = book.read("docProps/core.xml").decode()
    assert core.count("2026-10-09T12:02:33Z") == 2  # created, modified: the as-of moment


def test_rows_beyond_a_sheet_go_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "SHEET_ROWS", 4)
    sheets = openpyxl.load_workbook(written(tmp_path, [samples.requirement(n) for n in range(10)])).worksheets
    assert [sheet.title for sheet in sheets] == ["Requirements", "Requirements (2)", "Requirements (3)"]
    references = [row[0] for sheet in sheets for row in list(sheet.iter_rows(values_only=True))[1:]]
    assert references == [f"REQ-{n:04}" for n in range(10)]


@pytest.mark.parametrize("title", ["a/b: c*[d]?", "'quoted'", "x" * 60, "/", "Ü\x00"])
def test_any_title_makes_a_sheet_name(tmp_path: Path, title: str) -> None:
    register = samples.register(tmp_path, [samples.requirement(1)])
    write_workbook(replace(register, title=title), samples.info(), tmp_path / "out.xlsx", tmp_path)
    assert 1 <= len(openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames[0]) <= 31
