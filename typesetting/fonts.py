"""The fonts of the report, and which characters they have glyphs for.

The report brings its own fonts, so that it looks the same wherever it was made. In PDF/UA a character without a glyph
stops the typesetter, so the report asks first.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

#: As npm's font packages name the folders of weights.
WEIGHTS = ("400Regular", "700Bold")


@dataclass(frozen=True)
class Fonts:
    """Font families: for each the files of its weights."""

    families: tuple[tuple[Path, ...], ...]

    @classmethod
    def found_in(cls, folders: Sequence[Path]) -> Fonts:
        """Return the families in `folders`, one each, with a folder for every weight.

        Raises:
            FileNotFoundError: a weight is missing.
        """
        return cls(tuple(_weights(folder) for folder in folders))

    @property
    def folders(self) -> list[Path]:
        """The folders that hold the files."""
        return [file.parent for files in self.families for file in files]

    @property
    def glyphs(self) -> frozenset[int]:
        """The code points that some family can show in all its weights."""
        return frozenset().union(*(frozenset.intersection(*map(code_points, files)) for files in self.families))


def _weights(family: Path) -> tuple[Path, ...]:
    files = [file for weight in WEIGHTS for file in sorted((family / weight).glob("*.ttf"))]
    if len(files) != len(WEIGHTS):
        raise FileNotFoundError(f"The report's fonts are not complete under {family}; run `make setup`.")
    return tuple(files)


@cache
def code_points(file: Path) -> frozenset[int]:
    """Return the code points for which a TrueType or OpenType font has a glyph.

    Reads the full Unicode subtable of the table `cmap` (platform 3, encoding 10, format 12: OpenType specification,
    "cmap").

    Raises:
        ValueError: the file has no such table.
    """
    table = _table(file, b"cmap")
    for platform, encoding, offset in struct.iter_unpack(">HHL", table[4 : 4 + 8 * _number(table, 2, ">H")]):
        if (platform, encoding, _number(table, offset, ">H")) == (3, 10, 12):
            groups = table[offset + 16 : offset + 16 + 12 * _number(table, offset + 12, ">L")]
            return frozenset(
                code for first, last, _ in struct.iter_unpack(">LLL", groups) for code in range(first, last + 1)
            )
    raise ValueError(f"{file.name} has no character map for all of Unicode; choose another font.")


def _table(file: Path, wanted: bytes) -> bytes:
    with file.open("rb") as font:
        directory = font.read(16 * _number(font.read(12), 4, ">H"))
        for tag, _, offset, length in struct.iter_unpack(">4sLLL", directory):
            if tag == wanted:
                font.seek(offset)
                return font.read(length)
    raise ValueError(f"{file.name} is not a font with a {wanted.decode()} table.")


def _number(data: bytes, offset: int, form: str) -> int:
    return int(struct.unpack_from(form, data, offset)[0])
