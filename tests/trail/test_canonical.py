"""Canonical JSON: the bytes that digests, seals and packs are made of (RFC 8785)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trail.sealing.canonical import as_json, canonical_bytes

LARGEST = 2**53 - 1
texts = st.text(st.characters(exclude_categories=["Cs"]))
ascii_keys = st.text(st.characters(max_codepoint=127))
scalars = st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | texts


def nested(keys: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(keys, inner), max_leaves=30)


@given(nested(ascii_keys))
def test_same_bytes_as_the_standard_library_for_ascii_keys(value: Any) -> None:
    expected = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert canonical_bytes(value) == expected


@given(nested(texts))
def test_parsing_gives_the_value_back(value: Any) -> None:
    assert json.loads(canonical_bytes(value)) == value


@given(st.dictionaries(texts, st.none()))
def test_keys_are_sorted_by_utf16_code_units(value: dict[str, None]) -> None:
    keys = list(json.loads(canonical_bytes(value)))
    assert keys == sorted(value, key=lambda key: key.encode("utf-16-be"))


def test_key_order_of_the_example_in_rfc_8785() -> None:
    value = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "ö": 7}
    assert list(json.loads(canonical_bytes(value)).values()) == [2, 4, 6, 7, 1, 5, 3]


def test_control_characters_are_escaped_the_short_way() -> None:
    assert canonical_bytes('\b\t\n\f\r\x00\x1f\x7f"\\/') == b'"\\b\\t\\n\\f\\r\\u0000\\u001f\x7f\\"\\\\/"'


@pytest.mark.parametrize("value", [1.0, date(2026, 1, 1), Decimal(1), b"bytes", {1: "key"}, [{None: 1}], {1, 2}])
def test_what_is_not_plain_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        canonical_bytes(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, {"é\ud800": 1}, 2**53, -(2**53)])
def test_what_json_cannot_carry_is_a_value_error(value: Any) -> None:
    with pytest.raises(ValueError):
        canonical_bytes(value)


def test_the_largest_whole_numbers_are_kept() -> None:
    assert canonical_bytes([LARGEST, -LARGEST]) == b"[9007199254740991,-9007199254740991]"


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("97.80"), "97.80"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 10, 9), "2026-10-09"),
        (datetime(2026, 10, 9, 14, 2, tzinfo=timezone(timedelta(hours=2))), "2026-10-09T12:02:00.000000Z"),
        (datetime(2026, 10, 9, 14, 2, 3, 4, tzinfo=UTC), "2026-10-09T14:02:03.000004Z"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Colour.RED, "red"),
        (True, True),
        (None, None),
        ((1, Decimal("0.5")), [1, "0.5"]),
        ({"due": date(2026, 1, 2)}, {"due": "2026-01-02"}),
    ],
)
def test_plain_writes_values_as_text_that_has_one_form(value: Any, written: Any) -> None:
    assert as_json(value) == written
    assert type(as_json(value)) is type(written)


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.just(timezone(timedelta(hours=5, minutes=45))))
)
def test_plain_moments_keep_their_microseconds(moment: datetime) -> None:
    assert datetime.fromisoformat(as_json(moment)) == moment


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_plain_decimals_keep_their_value(number: Decimal) -> None:
    assert Decimal(as_json(number)) == number


@pytest.mark.parametrize("value", [datetime(2026, 1, 1), Decimal("NaN"), Decimal("Infinity")])
def test_plain_refuses_values_without_one_meaning(value: Any) -> None:
    with pytest.raises(ValueError):
        as_json(value)


@pytest.mark.parametrize("value", [1.5, b"bytes", object()])
def test_plain_refuses_other_types(value: Any) -> None:
    with pytest.raises(TypeError):
        as_json(value)
