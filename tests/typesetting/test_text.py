"""Text from records made fit to be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typesetting.text import LONGEST_WORD, Legible, breakable, one_line, shortened

legible = Legible()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00b", "a[U+0000]b"),
        ("evil\u202egpj.exe", "evil[U+202E]gpj.exe"),
        ("\ufeffstart", "[U+FEFF]start"),
        ("\ufffe\uffff\ufdd0\U0001ffff", "[U+FFFE][U+FFFF][U+FDD0][U+1FFFF]"),
        ("lone \ud800", "lone [U+D800]"),
        ("zero\u200bwidth", "zero[U+200B]width"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
    ],
)
def test_what_a_reader_cannot_see_is_shown_as_its_code(text: str, shown: str) -> None:
    assert legible(text) == shown


@pytest.mark.parametrize(
    "text", ["Größe", "客户", "Ελληνικά", "soft\u00adhyphen", "tab\tand\nline", "\U0001f44d", "کتاب\u200cها"]
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert legible(text) == text


def test_a_character_without_a_glyph_is_shown_as_its_code() -> None:
    assert Legible(frozenset(map(ord, "ab ")))("a \U0001f600 b") == "a [U+1F600] b"


@given(st.text(st.characters(exclude_categories=[])))
def test_legible_text_can_always_be_written_and_is_legible(text: str) -> None:
    shown = legible(text)
    assert legible(shown.encode().decode()) == shown


def test_every_text_in_nested_data_is_made_legible() -> None:
    assert legible.everywhere({"a": ["\x00", {"b": "\u202e"}, 1, None]}) == {
        "a": ["[U+0000]", {"b": "[U+202E]"}, 1, None]
    }


def test_text_is_shortened_between_words_and_says_so() -> None:
    assert shortened("a requirement of the customer", 20) == "a requirement of…"
    assert shortened("short", 20) == "short"
    assert shortened("x" * 30, 20) == "x" * 20 + "…"


def test_one_line_joins_lines() -> None:
    assert one_line(" a\n\tb\u2028c ") == "a b c"


def test_no_break_spaces_stay() -> None:
    assert one_line("2026-10-09\u00a014:02  Vienna") == "2026-10-09\u00a014:02 Vienna"


@given(st.text())
def test_pieces_of_a_breakable_text_are_the_text(text: str) -> None:
    pieces = breakable(text)
    assert "".join(pieces) == text


def test_a_long_word_is_cut_into_pieces() -> None:
    pieces = breakable("see " + "x" * 35 + " there")
    assert isinstance(pieces, list)
    assert max(map(len, pieces)) < LONGEST_WORD
