"""Pieces that were compressed apart are one stream when written after one another."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packs.workbook.deflate import END, joined_crc, piece, read_piece, write_piece
from packs.workbook.zip_writer import Zip


@given(st.binary(), st.binary())
def test_the_checksum_of_two_texts_is_that_of_their_checksums_joined(first: bytes, second: bytes) -> None:
    assert joined_crc(zlib.crc32(first), zlib.crc32(second), len(second)) == zlib.crc32(first + second)


@given(st.integers(33, 60), st.integers(33, 60))
def test_the_checksum_of_more_than_memory_holds_can_be_joined(one: int, other: int) -> None:
    """Whichever of three long texts are joined first, the result is the same."""
    a, b, c = zlib.crc32(b"a"), zlib.crc32(b"b"), zlib.crc32(b"c")
    first = joined_crc(joined_crc(a, b, 1 << one), c, 1 << other)
    assert first == joined_crc(a, joined_crc(b, c, 1 << other), (1 << one) + (1 << other))


@given(st.lists(st.binary(max_size=200)))
def test_pieces_after_one_another_unpack_to_all_they_hold(texts: list[bytes]) -> None:
    stream = b"".join(block for text in texts for block in piece(text).blocks()) + END
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    assert inflate.decompress(stream) == b"".join(texts)
    assert inflate.eof and not inflate.unused_data


def test_a_piece_in_a_file_is_the_piece_that_was_written(tmp_path: Path) -> None:
    write_piece(tmp_path / "piece", [b"one ", b"two"])
    read = read_piece(tmp_path / "piece")
    assert (read.size, read.crc) == (7, zlib.crc32(b"one two"))
    assert zlib.decompressobj(-zlib.MAX_WBITS).decompress(b"".join(read.blocks())) == b"one two"


def test_a_piece_that_fails_half_way_has_no_name(tmp_path: Path) -> None:
    def failing() -> object:
        yield b"one"
        raise ValueError("two")

    with pytest.raises(ValueError, match="two"):
        write_piece(tmp_path / "piece", failing())  # type: ignore[arg-type]
    assert not (tmp_path / "piece").exists()


def test_a_zip_of_pieces_is_read_by_others(tmp_path: Path) -> None:
    write_piece(tmp_path / "piece", [b"rows"])
    with Zip(tmp_path / "out.zip") as archive:
        archive.add("sheet.xml", [piece(b"<head>"), read_piece(tmp_path / "piece"), piece(b"</head>")])
        archive.add("empty.xml", [])
    with zipfile.ZipFile(tmp_path / "out.zip") as archive_read:
        assert archive_read.testzip() is None
        assert archive_read.read("sheet.xml") == b"<head>rows</head>"
        assert archive_read.read("empty.xml") == b""
