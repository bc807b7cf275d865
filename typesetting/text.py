"""Untrusted text made fit to be read.

What a reader couldn't see, or what would steer the page, is shown as its code: `U+202E` (right-to-left override) in a
record becomes `[U+202E]` on paper and in a workbook. The JSON lines of the pack keep every character as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set as AbstractSet
from typing import Any

HIDDEN = {"Cc", "Cf", "Cs"}  # control, format (bidi overrides, zero-width marks), lone surrogates
JOINERS = {"\N{SOFT HYPHEN}", "\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}"}  # hidden, but spelling needs them
LINE_ENDS = str.maketrans({"\r": "\n", "\N{LINE SEPARATOR}": "\n", "\N{PARAGRAPH SEPARATOR}": "\n"})
BREAKING_SPACE = re.compile(r"[^\S\u00a0\u2007\u202f]+")  # all white space but the three spaces that don't break
ELLIPSIS = "…"
LONGEST_WORD, PIECE = 28, 10  # characters: words beyond may break, into pieces of this length
#: In scripts written with spaces; lines of the others break anywhere.
LONG_WORD = re.compile(rf"([!-~\u00a0-\u04ff]{{{LONGEST_WORD},}})")


class Legible:
    """A rewriter of text for readers.

    With `glyphs` (code points) whatever has no glyph is shown as its code as well.
    """

    def __init__(self, glyphs: AbstractSet[int] | None = None) -> None:
        self._table = _Table(glyphs)

    def __call__(self, text: str) -> str:
        """Return `text` as a reader can see it.

        It has one kind of line end, and `[U+…]` for each character that can't be shown.
        """
        if text.isascii() and text.isprintable():
            return text
        # CR LF goes first: as two line ends of their own they would make an empty line.
        return text.replace("\r\n", "\n").translate(LINE_ENDS).translate(self._table)

    def everywhere(self, value: object) -> Any:
        """Return plain data with every text in it made legible.

        Plain data are lists, dicts and scalars; keys of dicts are left alone.
        """
        if isinstance(value, str):
            return self(value)
        if isinstance(value, dict):
            return {key: self.everywhere(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.everywhere(item) for item in value]
        return value


class _Table(dict[int, str]):
    """A table for `str.translate` that decides about a character when it first meets it."""

    def __init__(self, glyphs: AbstractSet[int] | None) -> None:
        self.glyphs = glyphs

    def __missing__(self, code: int) -> str:
        self[code] = chr(code) if self._shown(code) else f"[U+{code:04X}]"
        return self[code]

    def _shown(self, code: int) -> bool:
        character = chr(code)
        if character in "\n\t":
            return True
        if _is_noncharacter(code) or (unicodedata.category(character) in HIDDEN and character not in JOINERS):
            return False
        return self.glyphs is None or code in self.glyphs


def _is_noncharacter(code: int) -> bool:
    """Say whether a code is U+FDD0…U+FDEF or one of a plane's last two (Unicode, 23.7)."""
    return 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE


def one_line(text: str) -> str:
    """Return `text` with every run of white space as one space.

    Spaces at which no line may break stay.
    """
    return BREAKING_SPACE.sub(" ", text).strip()


def shortened(text: str, length: int) -> str:
    """Return `text`, or its beginning with an ellipsis where it is longer than `length`.

    It is cut between words, unless that would leave less than half.
    """
    if len(text) <= length:
        return text
    start = text[:length]
    cut = start.rfind(" ")
    return start[: cut if cut > length // 2 else length].rstrip() + ELLIPSIS


def breakable(text: str) -> str | list[str]:
    """Return `text`, or its pieces where a line must be able to break inside a long word."""
    if not LONG_WORD.search(text):
        return text
    parts = LONG_WORD.split(text)  # every second one is a long word
    return [piece for at, part in enumerate(parts) for piece in (_pieces(part) if at % 2 else [part])]


def _pieces(word: str) -> list[str]:
    return [word[start : start + PIECE] for start in range(0, len(word), PIECE)]
