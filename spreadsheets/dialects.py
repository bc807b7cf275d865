"""How a text file separates and quotes its cells: a sample is read each way and compared."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from spreadsheets.headers import Vocabulary, known_words

#: Separators in the order in which they win when nothing else decides.
DELIMITERS = "\t;,|"
#: Stands for "no separator": a sign that text does not contain.
NONE = "\x1f"

_SAMPLE_RECORDS = 400
_LINES_IN_A_CELL = 200
#: A second column must be at least this regular, or the file is read as having one column only.
_LEAST = 0.1


class Dialect(NamedTuple):
    """How cells are separated and quoted.

    `quoted`: whether quotation marks enclose cells; `skip_blanks`: whether blanks after a separator are dropped.
    """

    delimiter: str
    quoted: bool = True
    skip_blanks: bool = False

    def reader_options(self) -> dict[str, object]:
        """Return keyword arguments for :func:`csv.reader`."""
        return {
            "delimiter": self.delimiter,
            "quoting": csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE,
            "skipinitialspace": self.skip_blanks,
            "strict": False,
        }


def find_dialect(sample: str, delimiter: str | None = None, vocabulary: Vocabulary = ()) -> Dialect:
    """Find the dialect of a file from its first part.

    `delimiter` is taken as given when there is one. Each separator is tried with and without quotation marks; the best
    gives rows of equal width with the header as wide as the rest, and cells that don't look torn.
    """
    # Excel reads such a first line, and some programs write one for it.
    declared = re.match(r"sep=(.)\r?\n", sample, re.IGNORECASE)
    if declared and not delimiter:
        delimiter = declared[1]
    candidates = [candidate for sign in delimiter or DELIMITERS for candidate in _quotings(sample, sign)]
    best = max(candidates, key=lambda candidate: _score(sample, candidate, vocabulary))
    if delimiter or _score(sample, best, vocabulary) >= _LEAST:
        return best
    return max(_quotings(sample, NONE), key=lambda candidate: _soundness(_read(sample, candidate), candidate))


def _quotings(sample: str, sign: str) -> list[Dialect]:
    if '"' not in sample:
        return [Dialect(sign)]
    # A quotation mark after a blank opens a cell only where the blank is dropped.
    spaced = [Dialect(sign, skip_blanks=True)] if f'{sign} "' in sample else []
    return [Dialect(sign), *spaced, Dialect(sign, quoted=False)]


def _read(sample: str, dialect: Dialect) -> list[list[str]]:
    reader = csv.reader(io.StringIO(sample, newline=""), **dialect.reader_options())  # type: ignore[arg-type]
    try:
        return [record for record in islice(reader, _SAMPLE_RECORDS) if any(cell.strip() for cell in record)]
    except csv.Error:
        return []


def _score(sample: str, dialect: Dialect, vocabulary: Vocabulary) -> float:
    records = _read(sample, dialect)
    width, regular = _regularity(records)
    if width < 2:
        return 0.0
    # Regular rows count most; of two regular readings the one with more columns is better.
    score = regular**2 * (1 - 1 / width)
    score *= 1.0 if len(records[0]) == width else 0.7
    score *= _soundness(records, dialect) * (1 - _torn(sample, dialect))
    if f"{dialect.delimiter} " in sample:
        # Signs that have a blank after them nearly everywhere are punctuation.
        prose = sample.count(f"{dialect.delimiter} ") / sample.count(dialect.delimiter)
        score *= 0.3 if prose > 0.8 else 1.0
    return score + 0.2 * max((known_words(record, vocabulary) for record in records[:30]), default=0)


def _regularity(records: Sequence[Sequence[str]]) -> tuple[int, float]:
    """Return the most common width of records, and the share of records that have it.

    Only records of two cells or more have a width; the share is of all.
    """
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 1, 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0] == len(records[0]), item[0]))
    return width, count / len(records)


def _torn(sample: str, dialect: Dialect) -> float:
    """Return the share of records in which something stands after a closing quotation mark."""
    if not dialect.quoted or '"' not in sample:
        return 0.0
    # Only strict reading refuses what stands after a closing quotation mark; else it becomes part of the cell.
    reader = csv.reader(io.StringIO(sample, newline=""), **dialect.reader_options() | {"strict": True})  # type: ignore[arg-type]
    read = torn = 0
    while read < _SAMPLE_RECORDS:
        read += 1
        try:
            next(reader)
        except StopIteration:
            break
        except csv.Error:
            torn += 1
    return torn / read


def _soundness(records: Sequence[Sequence[str]], dialect: Dialect) -> float:
    """Return 1 where no cell looks torn at, or swallowed between, quotation marks; else less."""
    cells = [cell for record in records for cell in record]
    if not cells:
        return 0.0
    if not dialect.quoted:
        # A little less than 1: where both readings do, quotation marks enclose cells.
        return 0.9 * (1 - sum(1 for cell in cells if cell.startswith('"')) / len(cells))
    # So long a cell was swallowed by a quotation mark that nothing closes.
    if any(cell.count("\n") + cell.count("\r") > _LINES_IN_A_CELL for cell in cells):
        return 0.3
    torn = sum(1 for cell in cells if cell.startswith(' "')) / len(cells)
    return (0.95 if dialect.skip_blanks else 1.0) * (1 - torn)
