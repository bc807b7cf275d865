"""Scores of any scale and direction become comparable by their position."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.scale import as_given, position, scale_in_words

numbers = st.decimals(min_value=-10_000, max_value=10_000, places=4)


@st.composite
def scored(draw: st.DrawFn) -> tuple[Decimal, Decimal, Decimal]:
    """A score and the scale that it lies on."""
    low, high = sorted((draw(numbers), draw(numbers)))
    if low == high:
        high += 1
    return draw(st.decimals(min_value=low, max_value=high, places=4)), low, high


@pytest.mark.parametrize(
    ("score", "low", "high", "higher", "expected"),
    [
        ("10", "0", "10", True, "100"),
        ("0", "0", "10", True, "0"),
        ("4.0", "0.5", "5", True, "77.7778"),
        ("1", "1", "6", False, "100"),
        ("6", "1", "6", False, "0"),
        ("2", "1", "5", False, "75"),
        ("-1", "-2", "2", True, "25"),
    ],
)
def test_known_positions(score: str, low: str, high: str, higher: bool, expected: str) -> None:
    assert position(Decimal(score), Decimal(low), Decimal(high), higher_is_better=higher) == Decimal(expected)


@given(scored())
def test_a_position_lies_between_the_worst_and_the_best(row: tuple[Decimal, Decimal, Decimal]) -> None:
    for higher in (True, False):
        found = position(*row, higher_is_better=higher)
        assert found is not None and 0 <= found <= 100


@given(scored())
def test_turning_the_direction_mirrors_the_position(row: tuple[Decimal, Decimal, Decimal]) -> None:
    up, down = (position(*row, higher_is_better=higher) for higher in (True, False))
    assert up is not None and down is not None
    assert abs(up + down - 100) <= Decimal("0.0001")


@given(scored(), st.booleans())
def test_the_best_answer_is_at_a_hundred_and_the_worst_at_zero(
    row: tuple[Decimal, Decimal, Decimal], higher: bool
) -> None:
    _score, low, high = row
    best, worst = (high, low) if higher else (low, high)
    assert position(best, low, high, higher_is_better=higher) == 100
    assert position(worst, low, high, higher_is_better=higher) == 0


@pytest.mark.parametrize(
    ("score", "low", "high"), [(None, 0, 10), (5, None, 10), (5, 0, None), (11, 0, 10), (-1, 0, 10), (5, 5, 5)]
)
def test_what_lies_on_no_scale_has_no_position(score: int | None, low: int | None, high: int | None) -> None:
    values = [None if value is None else Decimal(value) for value in (score, low, high)]
    assert position(*values, higher_is_better=True) is None


@pytest.mark.parametrize(
    ("number", "text"), [("4.0000", "4"), ("0.5000", "0.5"), ("100.0000", "100"), ("0.0000", "0"), ("-2.5", "-2.5")]
)
def test_numbers_are_written_as_their_source_gave_them(number: str, text: str) -> None:
    assert as_given(Decimal(number)) == text


def test_a_scale_whose_lowest_is_best_says_so() -> None:
    assert scale_in_words(Decimal(1), Decimal(6), False) == "1–6, lowest is best"
