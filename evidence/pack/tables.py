"""Registers as the report prints them: the first rows, the most telling columns, long texts shortened visibly."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from itertools import accumulate, islice
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evidence.pack.contents import PackColumn, RegisterRows, read_rows
from evidence.pack.words import number
from registers.typesetting.legible import one_line, shortened

ROWS_PRINTED = 200  # of each register; typesetting takes about 155 kB of memory a row
COLUMNS_PRINTED = 6
TEXT_LENGTH = 140  # characters of a cell
PAGE, PADDING, WIDEST = 112, 2, 60  # places in a line of a table, between two columns, and of the widest column
LONGEST_WORD, PIECE = 28, 10  # characters: words beyond may break, into pieces of this length
WORD = re.compile(r"[!-~\u00a0-\u04ff]+")  # in scripts written with spaces; the others break anywhere
LONG_WORD = re.compile(rf"([!-~\u00a0-\u04ff]{{{LONGEST_WORD},}})")


def register_table(register: RegisterRows, zone: ZoneInfo) -> dict[str, Any]:
    """Return a register as data for the template: title, a note on what is printed, headings, cells and widths."""
    columns = register.columns[:COLUMNS_PRINTED]
    rows = [
        [shortened(one_line(shown(row.get(column.name), column, zone)), TEXT_LENGTH) for column in columns]
        for row in islice(read_rows(register.rows), ROWS_PRINTED)
    ]
    shares = widths([[column.label, *(row[at] for row in rows)] for at, column in enumerate(columns)])
    fitting = columns[: len(shares)]
    return {
        "title": register.title,
        "note": _note(register, len(rows)),
        "headings": [column.label for column in fitting],
        "right": [column.kind == "number" for column in fitting],
        "rows": [[breakable(cell) for cell in row[: len(fitting)]] for row in rows],
        "widths": shares,
    }


def shown(value: Any, column: PackColumn, zone: ZoneInfo) -> str:
    """Return a value of a row as a reader sees it; moments are in `zone`, codes of choices become their words."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(shown(item, column, zone) for item in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    if column.kind == "datetime" and (moment := local(value, zone)):
        return moment.isoformat("\N{NO-BREAK SPACE}", "minutes")
    return dict(column.choices).get(str(value), str(value))


def local(moment: Any, zone: ZoneInfo) -> datetime | None:
    """Return a moment of a row (ISO 8601 with its offset) as wall-clock time in `zone`, or None if it isn't one."""
    try:
        return datetime.fromisoformat(moment).astimezone(zone).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        return None


def breakable(text: str) -> str | list[str]:
    """Return `text`, or its pieces where a word is so long that a line must be able to break inside it."""
    if not LONG_WORD.search(text):
        return text
    parts = LONG_WORD.split(text)  # every second one is a long word
    return [piece for at, part in enumerate(parts) for piece in (_pieces(part) if at % 2 else [part])]


def _pieces(word: str) -> list[str]:
    return [word[start : start + PIECE] for start in range(0, len(word), PIECE)]


def _note(register: RegisterRows, printed: int) -> str:
    facts = {"printed": number(printed), "count": number(register.count), "slug": register.slug}
    if printed < register.count:
        return (
            _(
                "The first %(printed)s of %(count)s rows are printed here, long texts shortened (…). All rows with all "
                "columns are in data/registers/%(slug)s.xlsx and data/records/%(slug)s.jsonl."
            )
            % facts
        )
    return (
        ngettext(
            "%(count)s row, long texts shortened (…). All columns are in data/registers/%(slug)s.xlsx and "
            "data/records/%(slug)s.jsonl.",
            "All %(count)s rows, long texts shortened (…). All columns are in data/registers/%(slug)s.xlsx and "
            "data/records/%(slug)s.jsonl.",
            register.count,
        )
        % facts
    )


def widths(columns: Sequence[Sequence[str]]) -> list[float]:
    """Return the widths, in characters, of as many of the columns as fit a page side by side.

    A column, given as its heading and cells, gets at least its longest word, and of the room that is left as much as
    nine in ten of its cells can use.
    """
    needs = [PADDING + max(map(_longest_word, column), default=0) for column in columns]
    needs = needs[: sum(total <= PAGE for total in accumulate(needs))]
    wishes = [max(need, PADDING + _usual(cells)) for need, (_heading, *cells) in zip(needs, columns, strict=False)]
    room = min(1, (PAGE - sum(needs)) / max(1, sum(wishes) - sum(needs)))
    return [round(need + (wish - need) * room, 1) for need, wish in zip(needs, wishes, strict=True)]


def _longest_word(text: str) -> int:
    """Count the places of the longest piece of a text that no line breaks."""
    return max((len(word) if len(word) < LONGEST_WORD else PIECE for word in WORD.findall(text)), default=0)


def _usual(cells: Sequence[str]) -> int:
    """Count the places that nine in ten of the cells with something in them need."""
    lengths = sorted(map(_places, filter(None, cells)))
    return min(lengths[len(lengths) * 9 // 10], WIDEST) if lengths else 0


def _places(text: str) -> int:
    """Count the places a text takes in a line: East Asian wide characters take two (Unicode, annex 11)."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
