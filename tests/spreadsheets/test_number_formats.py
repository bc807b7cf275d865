"""What numbers show through their formats, and that a table reads them as they show."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spreadsheets.number_formats import shown_by
from spreadsheets.reader import open_table
from spreadsheets.table import ShownNumber, Table, cell_text
from spreadsheets.values import is_percent, parse_decimal, parse_identifier, parse_text, shown

#: Whole formats, and the same drawn together from what people put into them.
WORDS = st.sampled_from(['"REQ-"', '"§ "', "\\-", '" Tage"', '"."', "[Red]", "_-", "[$€-407]"])
PLACES = st.sampled_from(
    ["0", "#", "00", "0.00", "0.0#", "?0", "0%", "0.00%", "General", ".", "#,##0", "yyyy", "@", ";"]
)


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("00000", 123, "00123"),
        ("00000", 1234567, "1234567"),
        ("00000", -7, "-00007"),
        ('"REQ-"000', 7, "REQ-007"),
        ('"REQ-"000', 0, "REQ-000"),
        ("0.00", 3.1, "3.10"),
        ("0.00", 3, "3.00"),
        ("0%", 0.8, "80%"),
        ("0%", 1, "100%"),
        ("0.0%", 0.125, "12.5%"),
        ("0 %", 0.8, "80 %"),
        ("0%;[Red]-0%", -0.5, "-50%"),
        # Per cent is read with all its digits, whatever the format rounds it to.
        ("0%", 0.8333, "83.33%"),
        ('0"."0"."0', 310, "3.1.0"),
        ("000\\-00\\-0000", 123456789, "123-45-6789"),
        ('General" kg"', 5.5, "5.5 kg"),
        ('"R"General', 3, "R3"),
        ("0.0#", 1.5, "1.5"),
        ("0.0#", 1.25, "1.25"),
        ('[$-407]0.00 "€"', 2, "2.00 €"),
    ],
)
def test_a_number_shows_through_its_format(code: str, number: float, text: str) -> None:
    how = shown_by(code)
    assert how is not None and how.render(float(number)) == text


@pytest.mark.parametrize(
    "code",
    [
        "General",
        "0",
        "#",
        "@",
        "yyyy-mm-dd",
        "#,##0.00",
        "# ?/?",
        "0.00E+00",
        ";;;",
        "[>5]0.00",
        "[h]:mm",
        "",
        "0." * 300,
    ],
)
def test_formats_that_add_nothing_leave_the_number_alone(code: str) -> None:
    assert shown_by(code) is None


@pytest.mark.parametrize(("code", "number"), [("0.00", 3.14159), ("00000", 1.5), ('"R"00', 2.5), ("00000", 1e20)])
def test_a_format_takes_no_digit_away(code: str, number: float) -> None:
    how = shown_by(code)
    assert how is not None and how.render(number) is None


@given(st.lists(st.one_of(WORDS, PLACES), max_size=6).map("".join), st.floats(allow_nan=True, allow_infinity=True))
def test_any_format_shows_any_number_or_leaves_it(code: str, number: float) -> None:
    how = shown_by(code)
    assert how is None or isinstance(how.render(number), str | None)


@given(st.integers(0, 6), st.integers(-(10**9), 10**9))
def test_a_number_with_fixed_decimals_stays_the_number(places: int, number: int) -> None:
    value = number / 10**places
    how = shown_by(f"0.{'0' * (places + 1)}")
    assert how is not None
    text = how.render(value)
    assert text is None or Decimal(text) == Decimal(number).scaleb(-places)


@given(st.integers(1, 12), st.integers(0, 10**9))
def test_an_id_with_leading_zeros_keeps_its_digits(width: int, number: int) -> None:
    how = shown_by('"ID "' + "0" * width)
    assert how is not None
    text = how.render(float(number)) or ""
    assert text.startswith("ID ") and int(text[3:]) == number and len(text) >= 3 + width


@given(st.decimals("-10", "10", places=4))
def test_per_cent_counts_in_hundredths(share: Decimal) -> None:
    cell = ShownNumber(float(share), f"{share * 100}%", is_percent=True)
    assert parse_decimal(cell) == share * 100


def save(path: Path, formats: dict[str, tuple[float, str]]) -> Table:
    """A workbook with a column each: its header, and the number and format of its only cell."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*formats, "Text"])
    sheet.append([*(number for number, _code in formats.values()), "words"])
    for column, (_number, code) in enumerate(formats.values(), 1):
        sheet.cell(2, column).number_format = code
    book.save(path)
    return open_table(path)


def test_a_workbook_is_read_as_it_shows(tmp_path: Path) -> None:
    formats: dict[str, tuple[float, str]] = {
        "ID": (123, "00000"),
        "Req": (7, '"REQ-"000'),
        "Clause": (3.1, "0.00"),
        "Share": (0.8, "0%"),
    }
    table = save(tmp_path / "a.xlsx", formats | {"Score": (4.5, "0.0"), "Money": (1234.5, "#,##0.00")})
    (row,) = table.rows()
    assert [cell_text(cell) for cell in row.cells] == ["00123", "REQ-007", "3.10", "80%", "4.5", "1234.5", "words"]
    assert [parse_identifier(cell) for cell in row.cells[:2]] == ["00123", "REQ-007"]
    assert (parse_text(row.cells[2]), parse_decimal(row.cells[2])) == ("3.10", Decimal("3.1"))
    assert (shown(row.cells[3]), parse_decimal(row.cells[3]), is_percent(row.cells[3])) == ("80%", Decimal(80), True)


def test_a_shown_number_survives_between_processes() -> None:
    cell = pickle.loads(pickle.dumps(ShownNumber(0.8, "80%", is_percent=True)))
    assert (float(cell), cell.shown, cell.is_percent) == (0.8, "80%", True)


@pytest.mark.parametrize(("text", "number"), [("80 %", "80"), ("80%", "80"), ("12,5 %", "12.5"), ("-3 %", "-3")])
def test_per_cent_in_a_text_is_read_as_in_a_workbook(text: str, number: str) -> None:
    assert parse_decimal(text) == Decimal(number) and is_percent(text)
