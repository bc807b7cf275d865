"""A writer of zips whose files may come as pieces that were compressed elsewhere.

Nothing in such a zip differs between two runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from zipfile import ZIP_DEFLATED

from packs.verify import Entry, directory
from packs.workbook.deflate import END, Piece, joined_crc

NO_COMMENT = b"\0\0"


class Zip:
    """A zip to write to, with the headers that `verify.py` asks of a pack, also beyond 4 GiB."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")
        self._entries: list[Entry] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            # `directory` is made for packs, whose comment is a digest; a workbook has none.
            ending = directory(self._entries, self._file.tell())
            self._file.write(ending[: -len(b"\0\0sha256:")] + NO_COMMENT)
        self._file.close()

    def add(self, name: str, pieces: Sequence[Piece]) -> None:
        """Add a file that consists of pieces."""
        crc = 0
        for piece in pieces:
            crc = joined_crc(crc, piece.crc, piece.size)
        packed = sum(piece.packed for piece in pieces) + len(END)
        size = sum(piece.size for piece in pieces)
        entry = Entry(name.encode("ascii"), ZIP_DEFLATED, crc, packed, size, self._file.tell())
        self._entries.append(entry)
        self._file.write(entry.local())
        for piece in pieces:
            self._file.writelines(piece.blocks())
        self._file.write(END)
