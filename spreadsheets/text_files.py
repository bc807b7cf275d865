"""Text files as records: comma, semicolon, tab or pipe between the cells, in any encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets import sandbox
from spreadsheets.dialects import DELIMITERS, NONE, Dialect, find_dialect
from spreadsheets.encodings import Charset, find_charset
from spreadsheets.errors import Text, UnreadableFile
from spreadsheets.headers import Vocabulary
from spreadsheets.sandbox import Folder
from spreadsheets.table import Cell, Limits
from spreadsheets.text_worker import MOST_CELLS, Refused, read_back, rows

#: A text of so many bytes can't take much memory or time, whatever it holds: it is read where it is, since to start a
#: process takes longer than to read it.
_SMALL = 1024 * 1024
_SAMPLE_CHARACTERS = 256 * 1024
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1e\x7f]")


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file whose encoding and dialect are known; see `Source`."""

    path: Path
    charset: Charset
    dialect: Dialect
    limits: Limits
    #: Where the rows of a large one are; lives as long as the file is in use, and is removed with it.
    folder: Folder | None = None

    def records(self) -> Iterator[list[Cell]]:
        """Yield every record, from the first.

        Raises UnreadableFile where there is more than is taken in, or the file is gone.
        """
        try:
            yield from read_back(self.folder.path) if self.folder else rows(self.path, self.bounds)  # type: ignore[misc]
        except Refused as refused:
            raise UnreadableFile(_sentence(refused.code, refused.row, refused.cells, self.limits)) from refused
        except OSError as error:
            raise UnreadableFile(_("The file could not be opened. Choose it again.")) from error

    @property
    def bounds(self) -> dict[str, Any]:
        """How it is read, as plain values; see :func:`spreadsheets.text_worker.rows`."""
        names = ("memory_bytes", "seconds", "cell_characters", "row_characters", "rows")
        bounds: dict[str, Any] = {name: getattr(self.limits, name) for name in names}
        return bounds | {"codec": self.charset.codec, "reader": self.dialect.reader_options()}


def open_text_file(
    path: Path,
    *,
    limits: Limits,
    encoding: str | None = None,
    delimiter: str | None = None,
    vocabulary: Vocabulary = (),
) -> TextFile:
    """Find encoding and dialect of the text file at `path`, or take those given.

    Raises UnreadableFile.
    """
    delimiter = _known_delimiter(delimiter)
    charset = find_charset(path, encoding)
    with open_text(path, charset) as lines:
        sample = lines.read(_SAMPLE_CHARACTERS)
    _refuse_binary(sample)
    text = TextFile(path, charset, find_dialect(sample, delimiter, vocabulary), limits)
    return text if path.stat().st_size <= _SMALL else _read_apart(text)


def _read_apart(text: TextFile) -> TextFile:
    """Have the rows of a large text read in a process of its own."""
    folder = Folder(prefix="text-")
    index = sandbox.opened("spreadsheets.text_worker", text.path, folder.path, text.bounds)
    if "error" in index:
        raise UnreadableFile(_sentence(index["error"], index.get("row", 0), index.get("cells", 0), text.limits))
    return replace(text, folder=folder)


def open_text(path: Path, charset: Charset) -> IO[str]:
    """Open a text file; what can't be decoded shows as U+FFFD, line ends stay as they are."""
    return path.open(encoding=charset.codec, errors="replace", newline="")


def delimiter_name(delimiter: str) -> Text:
    """Return what the separator is called in a sentence."""
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
    # A stray sign or two makes no text binary.
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


def _sentence(code: str, row: int, cells: int, limits: Limits) -> Text:
    sentences = {
        "long": format_lazy(
            _(
                "A cell in row {row} is longer than {limit} characters. Probably a quotation mark is "
                "opened there and not closed: "
                "close it, or save the table as XLSX."
            ),
            row=row,
            limit=limits.cell_characters,
        ),
        "endless": format_lazy(
            _(
                "Row {row} is longer than {limit} characters. Either this is no table, or a quotation mark is opened there "
                "and not closed: close it, or save the table as XLSX."
            ),
            row=row,
            limit=f"{limits.row_characters:,}",
        ),
        "wide": format_lazy(
            _("Row {row} has {cells} cells; a table has at most {limit} columns. Is this the right separator?"),
            row=row,
            cells=f"{cells:,}",
            limit=f"{MOST_CELLS:,}",
        ),
        "many": format_lazy(
            _("The file has more than {limit} rows. Split it and import the parts one by one."),
            limit=f"{limits.rows:,}",
        ),
    }
    return sentences.get(
        code, _("The file took too long or too much memory to read. Split it and import the parts one by one.")
    )
