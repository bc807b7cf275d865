"""Header rows: where one is, what its columns are called, and when names are the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from statistics import median

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from spreadsheets.errors import Text
from spreadsheets.table import Cell, cell_text, column_letters, is_blank

#: Words a register knows, normalized: a collection, or a function that tells whether it knows one.
Vocabulary = Collection[str] | Callable[[str], bool]
Record = Sequence[Cell]

# How many filled records may be the header, how many below one are looked at, and characters of a name, at most and
# usually.
CANDIDATES = 30
BODY = 20
LONGEST_NAME = 200
SHORT_NAME = 60

# As they are spelt where a keyboard lacks them; NFKD would leave the bare letter of some and keep the others.
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "o", "å": "a", "œ": "oe", "ł": "l", "ı": "i"})
_CAMEL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_NOT_WORD = re.compile(r"[\W_]+")
_BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"[\s\d.,:;/%€$£+\-−()'’]*")
# Q1, Item 12, F3a, NPS_2: a word and its number, as questions and measured values are called.
_NUMBERED = re.compile(r"[^\W\d_]{1,12}[ _.-]?\d{1,3}[a-z]?")


def normalize_header(text: str) -> str:
    """Fold a header to the form in which equal words are equal.

    Case, accents, umlauts and their ae/oe/ue spellings, camel case and punctuation make no difference:
    "Gültig ab", "Gueltig_ab" and "GÜLTIG AB:" all give "gueltig ab". A header of signs alone stays as it is.
    """
    return _normalized(text) if len(text) <= LONGEST_NAME else _normalized.__wrapped__(text)


@lru_cache(maxsize=4096)  # the same few words are asked for in every row; long texts would fill the memory
def _normalized(text: str) -> str:
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text.strip()))
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_FOLDED))
    folded = "".join(sign for sign in folded if not unicodedata.combining(sign)).casefold()
    return _NOT_WORD.sub(" ", folded).strip() or _BREAKS.sub(" ", text.casefold()).strip()


def header_text(cell: Cell) -> str:
    """Return a header cell on one line, without outer blanks, cut at 200 characters."""
    text = _BREAKS.sub(" ", cell_text(cell)).strip()
    return text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"


def clean_headers(cells: Record, columns: Sequence[int]) -> tuple[tuple[str, ...], tuple[Text, ...]]:
    """Name the given columns by their header cells; every name is distinct and none is blank.

    Returns the names, and sentences about the names that had to be made up.
    """
    texts = [header_text(cells[column]) if column < len(cells) else "" for column in columns]
    # All that the file says is taken beforehand, so that no made-up name is that of a later column.
    taken = {text for text in texts if text}
    names: list[str] = []
    for column, text in zip(columns, texts, strict=True):
        wanted = text or f"Column {column_letters(column)}"
        names.append(wanted if text and text not in names else distinct(wanted, taken))
        taken.add(names[-1])
    nameless = [name for name, text in zip(names, texts, strict=True) if not text]
    repeated = [name for name, text in zip(names, texts, strict=True) if text and name != text]
    return tuple(names), tuple(_notes_on_names(nameless, repeated))


def _notes_on_names(nameless: Sequence[str], repeated: Sequence[str]) -> Iterator[Text]:
    if nameless:
        yield format_lazy(_("Columns without a header are called by their letters: {names}."), names=listed(nameless))
    if repeated:
        yield format_lazy(_("Headers that occur more than once are numbered: {names}."), names=listed(repeated))


def listed(names: Sequence[object], most: int = 5) -> str:
    """Return the first few of many things, as a list in a sentence."""
    return ", ".join(map(str, names[:most])) + (", …" if len(names) > most else "")


def distinct(name: str, taken: Collection[str]) -> str:
    """Return the name, numbered where it is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name} ({number})" in taken:
        number += 1
    return f"{name} ({number})"


def looks_like_name(cell: Cell) -> bool:
    """Return whether a cell could name a column.

    That is a text with a letter in it, and neither a number nor a date.
    """
    if not isinstance(cell, str) or len(cell) > LONGEST_NAME:
        return False
    return not _NUMBER.fullmatch(cell) and any(sign.isalpha() for sign in cell)


def known_words(cells: Record, vocabulary: Vocabulary) -> int:
    """Count the cells that are header words the register knows."""
    knows = vocabulary if callable(vocabulary) else vocabulary.__contains__
    return sum(1 for cell in cells if looks_like_name(cell) and knows(normalize_header(cell_text(cell))))


def find_header(records: Sequence[Record], vocabulary: Vocabulary = ()) -> tuple[int, float] | None:
    """Find the header among a file's first records.

    Returns the position of the header in `records` and its score, or None where no record could be one. A header
    is a row of many distinct short texts, wholly filled as the rows below are, with words the register knows; among
    equals the uppermost wins.
    """
    filled = [index for index, record in enumerate(records) if _present(record)]
    widths = [len(_present(records[index])) for index in filled] or [1]
    overall, widest = median(widths), max(widths)
    scored: list[tuple[bool, float, int]] = []
    for place, index in enumerate(filled[:CANDIDATES]):
        body = [records[below] for below in filled[place + 1 : place + 1 + BODY]]
        # A header that is repeated on every page is no value for that.
        around = [each for each in [*body, *(records[above] for above in filled[:place])] if each != records[index]]
        typical = max(overall, median(map(len, map(_present, body))) if body else 0)
        coverage = min(1.0, len(_present(records[index])) / typical)
        score = _score(records[index], body, around, coverage, vocabulary)
        if score > 0:
            # A title fills few columns; only words the register knows make a header of so short a row.
            eligible = coverage >= 0.4 or known_words(_once(records[index], around), vocabulary) >= 2
            # A row below others with nothing below itself is hardly a header.
            score += 0.5 * len(_present(records[index])) / widest - (0.0 if body or not place else 1.5)
            scored.append((eligible, score - 0.3 * min(place, 3) - 0.01 * place, -index))
    if not scored:
        return None
    _eligible, score, index = max(scored)
    # A header that is repeated on every printed page counts where it stands first.
    return records.index(records[-index]), score


def _present(record: Record) -> list[Cell]:
    return [cell for cell in record if not is_blank(cell)]


def _score(
    cells: Record, body: Sequence[Record], around: Sequence[Record], coverage: float, vocabulary: Vocabulary
) -> float:
    """Return how much a record looks like a header: by itself, by what stands below it, and by all records around it."""
    present = _present(cells)
    texts = [cell_text(cell).strip() for cell in present]
    years = _are_years(texts)
    names = len(present) if years else sum(1 for cell in present if looks_like_name(cell))
    if not names:
        return 0.0
    distinct = len({normalize_header(text[:LONGEST_NAME]) for text in texts}) / len(texts)
    short = sum(1 for text in texts if len(text) <= SHORT_NAME) / len(texts)
    score = 3 * coverage + 2.5 * names / len(texts) + distinct + 1.5 * short
    score += 2 * _contrast(cells, body, years) - 2 * (1 - len(_once(cells, around)) / len(present))
    # Digits are rare in names and common in values, references among them.
    score -= 0.0 if years else _digits(cells, body) / len(texts)
    # A row of single letters is likelier a line of marks above the header than the header itself.
    score -= 0.7 if sum(1 for text in texts if len(text.strip("'\"()[].")) == 1) > len(texts) / 2 else 0.0
    return score + min(known_words(_once(cells, around), vocabulary), 4)


def _are_years(texts: Sequence[str]) -> bool:
    """Return whether a row names its columns by years, as tables of figures do."""
    years = [text for text in texts if _YEAR.fullmatch(text)]
    # One cell beside the years may name the column of what is counted.
    return len(years) >= 3 and len(years) >= len(texts) - 1 and len(set(years)) == len(years)


def _once(cells: Record, around: Sequence[Record]) -> list[Cell]:
    """Return the record's cells that stand in no other record, in the same column.

    Values do so, headers don't.
    """
    return [
        cell
        for column, cell in enumerate(cells)
        if not is_blank(cell) and not any(column < len(record) and record[column] == cell for record in around)
    ]


def _digits(cells: Record, body: Sequence[Record]) -> int:
    """Count the cells with digits, but for names such as Q1 over columns that hold no such names themselves."""
    return sum(
        1
        for column, cell in enumerate(cells)
        if any(map(str.isdigit, text := cell_text(cell).strip()))
        and (not _NUMBERED.fullmatch(text) or any(map(_NUMBERED.fullmatch, _texts_in(column, body))))
    )


def _texts_in(column: int, records: Sequence[Record]) -> list[str]:
    return [cell_text(record[column]).strip() for record in records if column < len(record)]


def _contrast(cells: Record, body: Sequence[Record], years: bool) -> float:
    """Return how far the record differs in kind from what stands below it.

    1 is names over numbers, -1 numbers over numbers.
    """
    total = weight = 0
    for column, cell in enumerate(cells):
        below = [record[column] for record in body if column < len(record) and not is_blank(record[column])]
        if is_blank(cell) or not below:
            continue
        total += 1
        values = [value for value in below if not looks_like_name(value) and len(cell_text(value)) < SHORT_NAME]
        if 2 * len(values) > len(below):
            weight += 1 if years or looks_like_name(cell) else -1
    # Few rows below prove little.
    return weight / total * min(1.0, len(body) / 4) if total else 0.0
