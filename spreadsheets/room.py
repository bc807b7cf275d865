"""How much of a workbook is written out: a stray value in the last column must not fill the disk with blanks.

Part of the process that opens a workbook: it imports the standard library and orjson alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

# A workbook is written out to no more than this and so many times its size: one text may stand in a million cells.
WRITTEN, WRITTEN_RATIO = 64 * 1024 * 1024, 64
# A row with more blanks than this and hardly anything else is written without them.
MANY_BLANKS = 64


class Refused(Exception):
    """Why a workbook is not opened, as a code the importer words."""


class Room:
    """How many bytes and cells of a workbook may still be written out."""

    def __init__(self, size: int, cells: int) -> None:
        self.size, self.cells = size, cells

    @classmethod
    def of(cls, workbook: Path, bounds: dict[str, int]) -> Room:
        size = WRITTEN + WRITTEN_RATIO * workbook.stat().st_size
        return cls(min(size, bounds["unpacked_bytes"]), bounds["cells"])

    def line(self, cells: list[Any]) -> bytes:
        """Return the line that holds a row.

        Raises:
            Refused: there is no room for it.
        """
        self.cells -= len(cells)
        if self.cells < 0:
            raise Refused("wide")
        written = orjson.dumps(without_gaps(cells)) + b"\n"
        self.size -= len(written)
        if self.size < 0:
            raise Refused("large")
        return written


def without_gaps(line: list[Any]) -> list[Any] | dict[str, Any]:
    """Return the row as it is, or what stands in it where nearly all of it is blank."""
    blanks = line.count(None) if len(line) > MANY_BLANKS else 0
    if blanks <= MANY_BLANKS or 2 * blanks < len(line):
        return line
    return {"width": len(line), "cells": [[at, cell] for at, cell in enumerate(line) if cell is not None]}
