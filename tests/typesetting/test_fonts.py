"""The fonts of the report and what they can show."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from typesetting.fonts import Fonts, code_points


def test_fonts_cover_latin_greek_cyrillic_and_chinese(fonts: Fonts) -> None:
    assert set(map(ord, "Größe œuvre Ελλάδα Київ 客户要求…–“”")) <= fonts.glyphs


def test_fonts_have_no_emoji(fonts: Fonts) -> None:
    assert ord("\U0001f600") not in fonts.glyphs


def test_missing_fonts_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="make setup"):
        Fonts.found_in([tmp_path / "noto-sans"])


def font(tmp_path: Path, groups: list[tuple[int, int]], form: int = 12, tag: bytes = b"cmap") -> Path:
    """A file with nothing but a character map."""
    subtable = struct.pack(">HHLLL", form, 0, 16 + 12 * len(groups), 0, len(groups))
    subtable += b"".join(struct.pack(">LLL", first, last, 1) for first, last in groups)
    table = struct.pack(">HHHHL", 0, 1, 3, 10, 12) + subtable
    file = tmp_path / f"{form}{tag.decode()}.ttf"
    file.write_bytes(struct.pack(">LHHHH", 0x10000, 1, 0, 0, 0) + struct.pack(">4sLLL", tag, 0, 28, len(table)) + table)
    return file


def test_code_points_are_read_from_the_character_map(tmp_path: Path) -> None:
    assert code_points(font(tmp_path, [(65, 67), (0x1F600, 0x1F600)])) == {65, 66, 67, 0x1F600}


def test_a_font_without_a_map_of_all_unicode_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="4cmap.ttf"):
        code_points(font(tmp_path, [], form=4))


def test_a_file_that_is_no_font_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="12glyf.ttf"):
        code_points(font(tmp_path, [], tag=b"glyf"))
