"""Cells to text, identifiers, numbers, yes and no, and choices."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets.errors import BadValue
from spreadsheets.table import UNCALCULATED, Cell
from spreadsheets.values import (
    NumberStyle,
    choice_words,
    find_number_style,
    parse_boolean,
    parse_choice,
    parse_decimal,
    parse_identifier,
    parse_integer,
    parse_text,
)

POINT, COMMA = NumberStyle.POINT, NumberStyle.COMMA
WORDS = choice_words(
    [("open", "Open"), ("closed", "Closed"), ("on_hold", "Waiting")],
    [("open", "Offen"), ("closed", "Geschlossen"), ("on_hold", "Wartet")],
    also={"Solved": "closed"},
)


@pytest.mark.parametrize("cell", [None, "", "  \n"])
def test_blank_cells_have_no_value(cell: Cell) -> None:
    assert parse_text(cell) is None
    assert parse_identifier(cell) is None
    assert parse_decimal(cell) is None
    assert parse_integer(cell) is None
    assert parse_boolean(cell) is None
    assert parse_choice(cell, WORDS) is None


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  a  b ", "a  b"),
        ("one\r\ntwo\rthree\tx", "one\ntwo\nthree\tx"),
        ("a\0b\x1bc\x85", "a�b�c�"),
        ("\u202eabc", "\u202eabc"),
        ("e\u0301", "e\u0301"),
        ("=1+1", "=1+1"),
        ("<script>", "<script>"),
        ("\ud800", "�"),
        (223441.0, "223441"),
        (2.5, "2.5"),
        (0.1 + 0.2, "0.3"),
        (True, "TRUE"),
        (dt.date(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2), "2020-01-02"),
        (dt.datetime(2020, 1, 2, 3, 4), "2020-01-02 03:04:00"),
        (dt.time(3, 4), "03:04:00"),
        (Decimal("1E+2"), "100"),
        (7, "7"),
    ],
)
def test_text_stays_as_it_stands(cell: Cell, text: str) -> None:
    assert parse_text(cell) == text


def test_a_text_too_long_is_refused_with_both_lengths() -> None:
    with pytest.raises(BadValue, match=r"The text has 6 characters; at most 5 fit here"):
        parse_text("abcdef", max_length=5)


@pytest.mark.parametrize("cell", ["#DIV/0!", "#N/A", "#BEZUG!", "#ref!", UNCALCULATED])
def test_formulas_that_failed_are_refused_everywhere(cell: str) -> None:
    for parse in (parse_text, parse_identifier, parse_decimal, parse_integer, parse_boolean):
        with pytest.raises(BadValue, match=r"formula"):
            parse(cell)
    with pytest.raises(BadValue, match=r"formula"):
        parse_choice(cell, WORDS)


@pytest.mark.parametrize("cell", ["#1 of 3", "#hashtag", "# Ticket"])
def test_a_hash_alone_makes_no_error(cell: str) -> None:
    assert parse_text(cell) == cell


@pytest.mark.parametrize(
    ("cell", "identifier"),
    [(223441.0, "223441"), (7, "7"), (" REQ-1 ", "REQ-1"), ("12E5", "12E5"), (3.1, "3.1"), ("1" * 19, "1" * 19)],
)
def test_identifiers_come_as_text(cell: Cell, identifier: str) -> None:
    assert parse_identifier(cell) == identifier


@pytest.mark.parametrize("cell", [5.7e17, "5.7E+17", "5,7E+17", 1e15, 123456789012345680])
def test_identifiers_shortened_by_a_spreadsheet_program_are_refused(cell: Cell) -> None:
    with pytest.raises(
        BadValue, match=r"which keeps 15 digits of a number. Export the data again with the id column as text"
    ):
        parse_identifier(cell)


def test_identifiers_turned_into_dates_are_refused() -> None:
    with pytest.raises(BadValue, match=r"The id was turned into a date: 2020-03-01"):
        parse_identifier(dt.date(2020, 3, 1))


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("0,5", "0.5"),
        ("-0.25", "-0.25"),
        ("−3", "-3"),
        ("+3", "3"),
        (" 7 ", "7"),
        ("1 234,5", "1234.5"),
        ("1\u202f234\u202f567", "1234567"),
        ("1'234.50", "1234.5"),
        (",5", "0.5"),
        ("5.7E+17", "5.7E+17"),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (1e20, "1E+20"),
        (5, "5"),
        (Decimal("1.50"), "1.5"),
        ("0,123", "0.123"),
    ],
)
def test_numbers_are_read_as_people_write_them(cell: Cell, number: str) -> None:
    assert parse_decimal(cell) == Decimal(number)


@pytest.mark.parametrize(
    "cell",
    [
        "abc",
        "1,2,3",
        "1.2.3",
        "12 %%",
        "%12",
        "%",
        "5 €",
        "--5",
        "1e999999",
        "٣",
        "0x10",
        "1_000",
        "nan",
        "Infinity",
        "1,234,56",
        "9" * 50,
        True,
        math.nan,
        math.inf,
    ],
)
def test_what_is_no_number_is_refused(cell: Cell) -> None:
    with pytest.raises(BadValue, match=r"is not a number. Write the number alone"):
        parse_decimal(cell)


@pytest.mark.parametrize("cell", [dt.date(2020, 2, 1), dt.datetime(2020, 2, 1, 3), dt.time(3)])
def test_a_date_where_a_number_belongs_is_explained(cell: Cell) -> None:
    with pytest.raises(BadValue, match=r"a date or time.*turn 1\.2 into the first of February"):
        parse_decimal(cell)


@pytest.mark.parametrize("cell", ["-", "–", "n/a", "N/A", "k.A."])
def test_signs_for_nothing_have_no_value(cell: str) -> None:
    assert parse_decimal(cell) is None


def test_a_number_with_two_readings_waits_for_the_style_of_its_column() -> None:
    with pytest.raises(BadValue, match=r"“1,234” can be read as 1234 or as 1\.234\. Say whether"):
        parse_decimal("1,234")
    assert parse_decimal("1,234", POINT) == 1234
    assert parse_decimal("1,234", COMMA) == Decimal("1.234")
    assert parse_decimal("1.234", COMMA) == 1234


def test_the_style_does_not_touch_numbers_that_leave_no_doubt() -> None:
    assert parse_decimal("1.234,56", POINT) == parse_decimal("1,234.56", COMMA) == Decimal("1234.56")


@pytest.mark.parametrize(
    ("cells", "style"),
    [
        (["1,234", "1,5"], COMMA),
        (["1,234", "1.5"], POINT),
        (["1,234", "2,345"], None),
        (["1,5", "1.5"], None),
        (["12", None, 3.5, "x"], None),
        (["1.234,5"], COMMA),
        (["1,234,567"], POINT),
        ([], None),
    ],
)
def test_the_style_of_a_column_is_found(cells: list[Cell], style: NumberStyle | None) -> None:
    assert find_number_style(cells)[0] == style


def test_a_column_that_does_not_tell_gives_the_cell_to_ask_about() -> None:
    assert find_number_style(["7", "1,234", "2,345"]) == (None, "1,234")
    assert find_number_style(["1,234", "1.5"]) == (POINT, "")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_decimals_written_either_way_come_back(number: Decimal) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert parse_decimal(english) == parse_decimal(german) == parse_decimal(f"{number:.2f}") == number


@given(st.text(max_size=50) | st.floats() | st.integers())
def test_any_cell_is_a_number_or_a_bad_value(cell: Cell) -> None:
    for style in (None, POINT, COMMA):
        try:
            number = parse_decimal(cell, style)
        except BadValue as error:
            assert str(error.message) and str(error.remedy)
        else:
            assert number is None or number.is_finite()


@pytest.mark.parametrize(("cell", "number"), [("5", 5), ("5,0", 5), (5.0, 5), ("1.234.567", 1234567), ("-3", -3)])
def test_whole_numbers_are_read(cell: Cell, number: int) -> None:
    assert parse_integer(cell) == number


@pytest.mark.parametrize("cell", ["5,5", 5.5, "0.1"])
def test_fractions_are_no_whole_numbers(cell: Cell) -> None:
    with pytest.raises(BadValue, match=r"is not a whole number"):
        parse_integer(cell)


@pytest.mark.parametrize("cell", ["Ja", "YES", "true", "x", "WAHR", "1", 1.0, True, "✓", " y "])
def test_words_for_yes(cell: Cell) -> None:
    assert parse_boolean(cell) is True


@pytest.mark.parametrize("cell", ["Nein", "NO", "false", "Falsch", "0", 0.0, False, "off"])
def test_words_for_no(cell: Cell) -> None:
    assert parse_boolean(cell) is False


def test_other_words_are_neither_yes_nor_no() -> None:
    with pytest.raises(BadValue, match=r"“maybe” is neither yes nor no"):
        parse_boolean("maybe")


@pytest.mark.parametrize(
    ("cell", "code"),
    [("OPEN", "open"), ("geschlossen", "closed"), ("solved", "closed"), ("On Hold", "on_hold"), ("wartet ", "on_hold")],
)
def test_choices_are_known_by_code_by_label_in_each_language_and_by_the_value_map(cell: str, code: str) -> None:
    assert parse_choice(cell, WORDS) == code


def test_an_unknown_choice_is_refused_with_the_known_ones_and_the_nearest() -> None:
    with pytest.raises(BadValue, match=r"“geschlosen” is not one of the known values. Did you mean “geschlossen”"):
        parse_choice("geschlosen", WORDS)
    with pytest.raises(BadValue, match=r"Write one of: open, closed, on_hold; or map"):
        parse_choice("zzzz", WORDS)


def test_a_label_that_two_codes_share_stands_for_neither() -> None:
    words = choice_words([("low", "Level"), ("high", "Level")])
    assert words == {"low": "low", "high": "high"}


def test_codes_may_be_numbers_and_blank_ones_are_no_choice() -> None:
    words = choice_words([("", "---------"), (1, "Rare"), (2, "Often")])
    assert words == {"1": 1, "rare": 1, "2": 2, "often": 2}
    assert parse_choice(2.0, words) == 2


def test_a_label_goes_before_a_code_and_the_value_map_before_both() -> None:
    assert parse_choice("b", choice_words([("a", "b"), ("b", "c")])) == "a"
    assert parse_choice("a", choice_words([("a", "b"), ("b", "c")])) == "a"
    assert parse_choice("b", choice_words([("a", "b"), ("b", "c")], also={"b": "b"})) == "b"


@pytest.mark.parametrize("label", ["A", "A+", "A-", "C", "C++", "C#", "a +"])
def test_labels_that_differ_by_signs_are_told_apart(label: str) -> None:
    words = choice_words(
        [(f"code {place}", each) for place, each in enumerate(["A", "A+", "A-", "C", "C++", "C#", "A +"])]
    )
    assert (
        parse_choice(f" {label.lower()} ", words) == f"code {['A', 'A+', 'A-', 'C', 'C++', 'C#', 'a +'].index(label)}"
    )


def test_a_word_that_several_labels_look_like_is_refused_though_it_is_a_code() -> None:
    with pytest.raises(BadValue):
        parse_choice("grade a", choice_words([("grade_a", "Grade: A"), ("other", "Grade, A")]))
