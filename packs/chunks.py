"""Chunks of a register's rows, each one worker's task: the same rows give the same chunks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHEET_ROWS = 1_048_575  # a sheet's rows without the heading (Excel specifications and limits)
CHUNK_ROWS = 10_000  # about a second's work


@dataclass(frozen=True)
class Chunk:
    """Some of the lines of a register's file, one after another, and all on one sheet.

    Attributes:
        first: the number of its first row; 0 is the register's first.
        count: how many rows it has.
        start: its first byte in the file.
        end: the byte after its last.
        sha256: the digest of its bytes, in hexadecimal.
    """

    first: int
    count: int
    start: int
    end: int
    sha256: str


def cut(lines: Iterable[bytes]) -> Iterator[Chunk]:
    """Yield the chunks of a register's lines, each as soon as its last line was read."""
    first = start = at = number = 0
    sha256 = hashlib.sha256()
    for number, line in enumerate(lines, start=1):
        sha256.update(line)
        at += len(line)
        if number - first == CHUNK_ROWS or number % SHEET_ROWS == 0:
            yield Chunk(first, number - first, start, at, sha256.hexdigest())
            first, start, sha256 = number, at, hashlib.sha256()
    if number > first:
        yield Chunk(first, number - first, start, at, sha256.hexdigest())
