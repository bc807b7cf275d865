"""Chunks of a register's rows: what one worker does at a time, and always the same for the same rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHEET_ROWS = 1_048_575  # a sheet's rows without the heading (Excel specifications and limits)
CHUNK_ROWS = 10_000  # about a second's work


@dataclass(frozen=True)
class Chunk:
    """Some of the lines of a register's file: `count` rows from number `first` (0 is the register's first row) on.

    They are the bytes from `start` to `end`, and `sha256` is the digest of these. A chunk never spans two sheets.
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
