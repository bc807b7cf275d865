"""Header words: when two are the same, which row holds them, what columns are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets.headers import clean_headers, find_header, normalize_header
from spreadsheets.table import column_letters


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Gültig ab", "Gueltig_ab"),
        ("Gültig ab", "GÜLTIG AB:"),
        ("Gültig ab", "Gu\u0308ltig\nab"),
        ("Straße", "STRASSE"),
        ("userId", "User ID"),
        ("user_id", "User-ID"),
        ("Ticket #", "ticket"),
        ("Détection", "detection"),
        ("PublicName", "public name"),
        ("ÜBERSCHRIFT", "Ueberschrift"),
        ("  Risk \r\n priority ", "risk priority"),
        ("Größe", "GROESSE"),
    ],
)
def test_headers_that_differ_in_spelling_alone_are_equal(one: str, other: str) -> None:
    assert normalize_header(one) == normalize_header(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Valid from", "Valid to"), ("Owner", "Owned"), ("#", "%"), ("Wert 1", "Wert 2"), ("要求", "名称")],
)
def test_different_headers_stay_different(one: str, other: str) -> None:
    assert normalize_header(one) != normalize_header(other)


@given(st.text())
def test_a_normalized_header_is_its_own_normal_form(text: str) -> None:
    assert normalize_header(normalize_header(text)) == normalize_header(text)


@pytest.mark.parametrize(
    ("index", "letters"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")]
)
def test_columns_have_the_letters_of_spreadsheet_programs(index: int, letters: str) -> None:
    assert column_letters(index) == letters


@given(st.lists(st.sampled_from(["", "A", "A (2)", "Column A", "Column B", " ", "x\ny", None, 3.0]), max_size=12))
def test_every_column_gets_a_name_of_its_own(cells: list[object]) -> None:
    names, _notes = clean_headers(cells, range(len(cells)))  # type: ignore[arg-type]
    assert len(set(names)) == len(names) == len(cells)
    assert all(name == name.strip() and name for name in names)


def test_a_header_that_goes_on_and_on_is_cut() -> None:
    (name,), _notes = clean_headers(["word " * 100], [0])
    assert len(name) <= 200 and name.endswith("…")


def test_years_can_name_columns() -> None:
    records = [
        ["CO2, in tonnes", "", "", ""],
        ["Year", "2000", "2001", "2002"],
        ["Timber", "2,666", "2,274", "1,877"],
        ["Steel", "22,927", "20,744", "18"],
    ]
    found = find_header(records)
    assert found is not None and found[0] == 1


def test_values_that_recur_below_do_not_make_a_header() -> None:
    records = [["Ref", "Kind", "Source"], *([f"R-{n}", "customer", "Contract"] for n in range(9))]
    found = find_header(records)
    assert found is not None and found[0] == 0


@pytest.mark.parametrize("records", [[], [[]], [["", None]], [["1", "2"]], [[1.0, True]], [["-", "..."]]])
def test_nothing_or_numbers_alone_hold_no_header(records: list[list[object]]) -> None:
    assert find_header(records) is None  # type: ignore[arg-type]
