"""Text files as records: comma, semicolon, tab or pipe between the cells, in any encoding."""

from __future__ import annotations

import csv
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from registers.importing.charset import Charset, find_charset
from registers.importing.dialect import DELIMITERS, NONE, Dialect, find_dialect
from registers.importing.errors import Text, UnreadableFile
from registers.importing.headers import Vocabulary
from registers.importing.table import Cell, Limits

#: The columns of a sheet of Excel; a text with more of them is no table.
MOST_CELLS = 16_384
_SAMPLE_CHARACTERS = 256 * 1024
_DECLARATION = re.compile(r"sep=.\r?\n?", re.IGNORECASE)
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1e\x7f]")


class UnclosedRecord(list[Cell]):
    """The last record of a file in which a quotation mark is opened and never closed; it holds the rest of the file."""


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file whose encoding and dialect are known; see `Source`."""

    path: Path
    charset: Charset
    dialect: Dialect
    limits: Limits

    def records(self) -> Iterator[list[Cell]]:
        """Every record, from the first; raises UnreadableFile where a cell is too long, a row too wide, or the file is gone."""
        # csv has one limit for the whole process; only ever raise it, so that no other reader is cut short.
        csv.field_size_limit(max(csv.field_size_limit(), self.limits.cell_characters))
        count = 0
        try:
            with open_text(self.path, self.charset) as lines:
                for record in self._read(lines):
                    count += 1
                    if len(record) > MOST_CELLS:
                        raise _too_wide(count, len(record))
                    yield record
        except csv.Error as error:
            raise _too_long(count + 1, self.limits) from error
        except OSError as error:
            raise UnreadableFile(_("The file could not be opened. Choose it again.")) from error

    def _read(self, lines: IO[str]) -> Iterator[list[Cell]]:
        # A line that no file holds is put after the last; if it ends up inside a cell, a quotation mark is open there.
        end = f"\x1e{secrets.token_hex(8)}"
        for record in csv.reader(chain(_without_declaration(lines), [end]), **self.dialect.reader_options()):  # type: ignore[arg-type]
            if record == [end]:
                return
            yield _unclosed(record, end) if record and record[-1].endswith(end) else record  # type: ignore[misc]


def open_text_file(
    path: Path,
    *,
    limits: Limits,
    encoding: str | None = None,
    delimiter: str | None = None,
    vocabulary: Vocabulary = (),
) -> TextFile:
    """Find encoding and dialect of the text file at `path`, or take those given; raises UnreadableFile."""
    delimiter = _known_delimiter(delimiter)
    charset = find_charset(path, encoding)
    with open_text(path, charset) as lines:
        sample = lines.read(_SAMPLE_CHARACTERS)
    _refuse_binary(sample)
    return TextFile(path, charset, find_dialect(sample, delimiter, vocabulary), limits)


def open_text(path: Path, charset: Charset) -> IO[str]:
    """Open a text file; what can't be decoded shows as U+FFFD, line ends stay as they are."""
    return path.open(encoding=charset.codec, errors="replace", newline="")


def delimiter_name(delimiter: str) -> Text:
    """What the separator is called in a sentence."""
    names = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("pipes"), NONE: _("one column")}
    return names[delimiter] if delimiter in names else format_lazy(_("“{sign}” between cells"), sign=delimiter)


def _known_delimiter(delimiter: str | None) -> str | None:
    if not delimiter:
        return None
    delimiter = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}.get(
        delimiter.lower(), delimiter
    )
    if len(delimiter) != 1 or delimiter in '"\r\n\0' or delimiter.isalnum():
        known = " ".join(["tab" if sign == "\t" else sign for sign in DELIMITERS])
        raise UnreadableFile(
            format_lazy(_("“{sign}” can't separate cells. Choose one of: {known}"), sign=delimiter, known=known)
        )
    return delimiter


def _refuse_binary(sample: str) -> None:
    if len(_CONTROLS.findall(sample)) > max(2, len(sample) // 100):
        raise UnreadableFile(
            _(
                "This is not a text file: it holds bytes that no text has. Save the table as CSV "
                "(UTF-8) or as XLSX and try again."
            )
        )
    if not sample.strip("\ufeff \t\r\n\0"):
        raise UnreadableFile(
            _("The file is empty: there is no header and no row in it. Check that the right file was chosen.")
        )


def _without_declaration(lines: IO[str]) -> Iterator[str]:
    first = next(lines, "")
    if not _DECLARATION.fullmatch(first):
        yield first
    yield from lines


def _unclosed(record: list[str], end: str) -> UnclosedRecord:
    return UnclosedRecord([*record[:-1], record[-1].removesuffix(end)])


def _too_long(row: int, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        format_lazy(
            _(
                "A cell in row {row} is longer than {limit} characters. Probably a quotation mark is "
                "opened there and not closed: "
                "close it, or save the table as XLSX."
            ),
            row=row,
            limit=limits.cell_characters,
        )
    )


def _too_wide(row: int, cells: int) -> UnreadableFile:
    return UnreadableFile(
        format_lazy(
            _("Row {row} has {cells} cells; a table has at most {limit} columns. Is this the right separator?"),
            row=row,
            cells=f"{cells:,}",
            limit=f"{MOST_CELLS:,}",
        )
    )
