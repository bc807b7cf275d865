"""Chunks: the same rows are always cut the same way, and nothing is left out."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packs import chunks
from packs.chunks import cut


@given(
    st.lists(st.binary(max_size=5).map(lambda line: line.replace(b"\n", b"") + b"\n")),
    st.integers(1, 4),
    st.integers(1, 5),
)
def test_chunks_follow_one_another_and_hold_every_line(lines: list[bytes], size: int, sheet: int) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(chunks, "CHUNK_ROWS", size)
        patched.setattr(chunks, "SHEET_ROWS", sheet)
        found = list(cut(lines))
    whole, at, row = b"".join(lines), 0, 0
    for chunk in found:
        assert (chunk.start, chunk.first) == (at, row)
        assert hashlib.sha256(whole[chunk.start : chunk.end]).hexdigest() == chunk.sha256
        assert 0 < chunk.count <= size
        assert chunk.first // sheet == (chunk.first + chunk.count - 1) // sheet
        at, row = chunk.end, row + chunk.count
    assert (at, row) == (len(whole), len(lines))


def test_a_chunk_is_given_before_the_next_line_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK_ROWS", 2)
    lines = iter([b"1\n", b"2\n", b"3\n"])
    assert next(cut(lines)).count == 2
    assert list(lines) == [b"3\n"]
