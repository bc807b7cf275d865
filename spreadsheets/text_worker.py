"""The rows of cells of a text file whose encoding and dialect are known.

A large text is read in a process of its own (`python -m spreadsheets.text_worker FILE FOLDER BOUNDS`, see
:mod:`spreadsheets.sandbox`), which writes them as JSON lines: a list a row, inside ``{"unclosed": …}`` the last one where a
quotation mark is never closed, inside ``{"torn": …}`` one in which something follows a closing mark.
"""

from __future__ import annotations

import csv
import json
import re
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from spreadsheets.sandbox import INDEX, bound_process

#: The columns of a sheet of Excel; a text with more of them is no table.
MOST_CELLS = 16_384
#: The file of rows in the folder.
ROWS = "rows.jsonl"
# A first line that names the separator is no row; :mod:`spreadsheets.dialects` has read it.
_DECLARATION = re.compile(r"sep=.\r?\n?", re.IGNORECASE)


class Refused(Exception):
    """Why a text is read no further: the code, the row, and how many cells it has.

    The code is long (a cell), endless (a row), wide or many.
    """

    def __init__(self, code: str, row: int, cells: int = 0) -> None:
        super().__init__(code, row, cells)
        self.code, self.row, self.cells = code, row, cells


class Unclosed(list[Any]):
    """The last row of a text in which a quotation mark is opened and never closed.

    It holds the rest of the file.
    """


class Torn(list[Any]):
    """A row in which something else than a separator follows a closing quotation mark.

    Where it holds line breaks, the mark was opened in one row and closed by one of another: it holds these too.
    """


def rows(path: Path, bounds: dict[str, Any]) -> Iterator[list[str]]:
    """Yield every row of a text, from the first.

    Args:
        path: the file.
        bounds: ``codec``, ``reader`` (options of ``csv.reader``), and the most there may be: ``cell_characters``,
            ``row_characters``, ``rows``.

    Raises:
        Refused: there is more.
        OSError: the file is gone.
    """
    # csv has one limit for the whole process; only ever raise it, so that no other reader is cut short.
    csv.field_size_limit(max(csv.field_size_limit(), bounds["cell_characters"]))
    count = 0
    with path.open(encoding=bounds["codec"], errors="replace", newline="") as file:
        # A line that no file holds is put after the last; if it ends up inside a cell, a quotation mark is open there.
        end = f"\x1e{secrets.token_hex(8)}"
        lines = _Lines(file, bounds["row_characters"], end)
        quoted = bounds["reader"]["quoting"] != csv.QUOTE_NONE
        try:
            for row in csv.reader(lines, **bounds["reader"]):
                if row == [end]:
                    return
                count += 1
                torn = quoted and _is_torn(lines.said, bounds["reader"])
                lines.forget()
                if len(row) > MOST_CELLS:
                    raise Refused("wide", count, len(row))
                if count > bounds["rows"]:
                    raise Refused("many", count)
                if row and row[-1].endswith(end):
                    yield Unclosed([*row[:-1], row[-1].removesuffix(end)])
                else:
                    yield Torn(row) if torn else row
        except csv.Error as error:
            raise Refused("long", count + 1) from error
        except _Endless as error:
            raise Refused("endless", count + 1) from error


def _is_torn(lines: list[str], reader: dict[str, Any]) -> bool:
    """Return whether something follows a closing quotation mark in the lines of a row, as no sound CSV has it."""
    if not any('"' in line for line in lines):
        return False
    try:
        # Only strict reading refuses it; else it becomes part of the cell.
        for _row in csv.reader(lines, **reader | {"strict": True}):
            pass
    except csv.Error as error:
        # A quotation mark that is never closed is seen otherwise, by the mark after the last line.
        return "expected after" in str(error)
    return False


class _Endless(Exception):
    """The lines of one row have more characters than a row may have."""


class _Lines:
    """The lines of a text, with a mark after the last.

    There are never more of them at once than a row may have.
    """

    def __init__(self, file: IO[str], most: int, end: str) -> None:
        self._file, self._most, self._end = file, most, end
        self._first, self._taken = True, 0
        #: The lines of the row that is being read.
        self.said: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def forget(self) -> None:
        """Begin another row."""
        self._taken = 0
        self.said.clear()

    def __next__(self) -> str:
        # One more than a row may have: a line that never ends isn't read whole to find out.
        line = self._file.readline(self._most + 1)
        if self._first:
            self._first = False
            if _DECLARATION.fullmatch(line):
                line = self._file.readline(self._most + 1)
        self._taken += len(line)
        if self._taken > self._most:
            raise _Endless
        if not line:
            line, self._end = self._end, ""
            if not line:
                raise StopIteration
        self.said.append(line)
        return line


def main(path: str, folder: str, bounds: str) -> None:
    """Write the rows of the text at ``path`` into ``folder``, or what is wrong with them.

    ``bounds`` is JSON of what :func:`rows` takes, with memory_bytes and seconds for the process.
    """
    said = json.loads(bounds)
    bound_process(said)
    index: dict[str, Any] = {}
    try:
        with (Path(folder) / ROWS).open("wb") as file:
            for row in rows(Path(path), said):
                kind = "unclosed" if isinstance(row, Unclosed) else "torn"
                plain = type(row) is list
                file.write(orjson.dumps(row if plain else {kind: list(row)}) + b"\n")
    except Refused as refused:
        index = {"error": refused.code, "row": refused.row, "cells": refused.cells}
    except MemoryError:
        index = {"error": "memory"}
    (Path(folder) / INDEX).write_bytes(orjson.dumps(index))


def read_back(folder: Path) -> Iterator[list[Any]]:
    """Yield the rows that a process wrote; raises OSError where they are gone."""
    with (folder / ROWS).open("rb") as file:
        for line in file:
            row = orjson.loads(line)
            if type(row) is not list:
                row = Unclosed(row["unclosed"]) if "unclosed" in row else Torn(row["torn"])
            yield row


if __name__ == "__main__":
    main(*sys.argv[1:4])
