"""Real tables, read whole: every row there, every letter right, and a calm sentence for what is no table.

The files are no part of this project; where they are absent these tests are skipped.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from spreadsheets.dates import detect_date_style, parse_date, parse_datetime
from spreadsheets.errors import UnreadableFile
from spreadsheets.reader import open_table
from spreadsheets.table import Cell, Table

DATA = Path(os.environ.get("CUSTOMERFOCUS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"real data is absent ({DATA}); set CUSTOMERFOCUS_REAL_DATA")


def read(name: str) -> Table:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is absent from the real data")
    return open_table(path)


def column(table: Table, header: str) -> list[Cell]:
    index = table.headers.index(header)
    return [row.cells[index] for row in table.rows()]


@pytest.mark.parametrize(
    ("name", "rows", "encoding", "delimiter", "headers"),
    [
        (
            "registers/customer-requirements.csv",
            969,
            "utf-8",
            ",",
            ("Ref", "Customer", "Kind", "Category", "Statement", "Source"),
        ),
        (
            "registers/statutory-21cfr.csv",
            85,
            "utf-8",
            ",",
            ("Citation", "Part", "Heading", "Text", "Jurisdiction", "Effective"),
        ),
        (
            "registers/regulatory-nist-800-53-low.csv",
            149,
            "utf-8",
            ";",
            ("Control", "Family", "Title", "Statement", "Guidance", "Publication"),
        ),
        (
            "registers/gesetzlich-dsgvo.csv",
            99,
            "cp1252",
            ";",
            ("Fundstelle", "Überschrift", "Wortlaut", "Geltungsbereich", "Gültig ab"),
        ),
        ("fb_movielens_2018/ratings.csv", 100_836, "utf-8", ",", ("user_id", "item_id", "rating", "timestamp")),
        ("fb_movielens_2018/movies.csv", 9_742, "utf-8", ",", ("item_id", "title", "genres")),
        (
            "fb_cfpb_narratives/Consumer_Complaints.csv",
            3_947,
            "utf-8",
            ",",
            ("Column A", "Product", "Consumer complaint narrative"),
        ),
    ],
)
def test_every_row_of_a_text_file_is_read(
    name: str, rows: int, encoding: str, delimiter: str, headers: tuple[str, ...]
) -> None:
    table = read(name)
    assert (table.encoding, table.delimiter, table.header_row, table.headers) == (encoding, delimiter, 1, headers)
    assert (table.row_count, table.problem_count, sum(1 for _row in table.rows())) == (rows, 0, rows)


def test_german_articles_keep_their_umlauts_and_dates() -> None:
    table = read("registers/gesetzlich-dsgvo.csv")
    text = " ".join(str(cell) for cell in column(table, "Wortlaut"))
    assert "natürlicher Personen" in text and "Verhältnis" in text and "maßgeblich" in text
    assert "\ufffd" not in text and "Ã" not in text
    dates = column(table, "Gültig ab")
    assert {parse_date(cell, detect_date_style(dates)).isoformat() for cell in dates} == {"2018-05-25"}  # type: ignore[union-attr]


def test_line_breaks_inside_cells_tear_no_row() -> None:
    table = read("registers/regulatory-nist-800-53-low.csv")
    assert all(str(control)[2:3] == "-" for control in column(table, "Control"))
    assert any("\n" in str(cell) for cell in column(table, "Statement") + column(table, "Guidance"))


def test_complaints_are_read_with_both_their_date_columns() -> None:
    table = read("fb_comcast_complaints/Comcast_telecom_complaints_data.csv")
    assert (table.row_count, table.problem_count, table.headers[0]) == (2_224, 0, "Ticket #")
    numeric, named = column(table, "Date"), column(table, "Date_month_year")
    in_figures, in_words = detect_date_style(numeric), detect_date_style(named)
    days = [parse_date(cell, in_figures) for cell in numeric]
    assert days == [parse_date(cell, in_words) for cell in named]
    assert (str(min(filter(None, days))), str(max(filter(None, days)))) == ("2015-01-04", "2015-12-06")
    assert Counter(column(table, "Status")) == {"Solved": 973, "Closed": 734, "Open": 363, "Pending": 154}


def test_a_hundred_thousand_ratings_keep_their_moments() -> None:
    table = read("fb_movielens_2018/ratings.csv")
    stamps = [parse_datetime(cell) for cell in column(table, "timestamp")]
    assert (str(min(filter(None, stamps)).date()), str(max(filter(None, stamps)).date())) == (
        "1996-03-29",
        "2018-09-24",
    )


def test_the_header_of_the_ventilator_analysis_is_found_below_its_titles() -> None:
    table = read("risk_openventilator_fmea/FMEA.xlsx")
    assert (table.sheet, table.header_row, table.row_count, table.problem_count) == ("Sheet1", 5, 35, 0)
    assert table.headers[:3] == ("Problem", "Consequence", "Motor alarm (Sparta0 model)")
    assert [row.cells[11] for row in table.rows()][:3] == [80.0, 50.0, 50.0]


def test_the_cooling_analysis_is_read_with_its_merged_cells_noted() -> None:
    table = read("risk_cern_cooling_fmea/FMEA.xlsx")
    assert (table.row_count, table.headers[2]) == (18, "Failure mode")
    assert any("merged" in str(note) for note in table.notes)


@pytest.mark.parametrize(
    ("name", "header_row", "rows", "first"),
    [
        ("211.csv", 1, 2_132, "ResourceAgencyNum"),
        ("characters.csv", 1, 382, "id"),
        ("excel_pasting.csv", 4, 14, "Year"),
        ("large.xlsx", 5, 29, "SERIES"),
        ("simple.ssv", 1, 6, "date"),
        ("span_rich.xls", 1, 5, "I"),
        ("sparse_with_column_errors.csv", 1, 2_200, "LP"),
        ("weird_head_padding.csv", 12, 76, "Column A"),
    ],
)
def test_messy_files_are_read_as_far_as_they_are_tables(name: str, header_row: int, rows: int, first: str) -> None:
    table = read(f"messy_horror_open/{name}")
    assert (table.header_row, table.row_count, table.headers[0]) == (header_row, rows, first)


def test_chinese_characters_in_big5_are_right() -> None:
    table = read("messy_horror_open/characters.csv")
    assert (table.encoding, table.headers[2]) == ("big5", "景點中文名稱")


def test_requirements_interchange_is_named_and_not_read() -> None:
    for path in (DATA / "req_reqif_samples").glob("*.reqif"):
        with pytest.raises(UnreadableFile, match=r"This is a ReqIF file|The file is empty"):
            open_table(path)


def test_every_real_file_gives_a_table_or_a_calm_sentence() -> None:
    paths = [path for path in DATA.rglob("*") if path.is_file()]
    assert paths
    for path in paths:
        try:
            table = open_table(path)
        except UnreadableFile as error:
            assert str(error).endswith("."), path
        else:
            rows = list(table.rows())
            assert len(rows) == table.row_count, path
            assert all(len(row.cells) == len(table.headers) for row in rows), path
