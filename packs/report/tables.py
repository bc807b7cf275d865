"""Registers as the report prints them: whole or in part, by their most telling columns.

Long texts are shortened visibly.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from packs.contents import Assertion, PackColumn, RegisterRows, Row, read_rows
from packs.report.language import number
from typesetting.text import LONGEST_WORD, PIECE, breakable, one_line, shortened

ROWS_PRINTED = 200  # a register with more is not printed whole: typesetting takes about 155 kB of memory a row
EXCEPTIONS_PRINTED = 60  # of such a register
SAMPLE_PRINTED = 40
REFERENCE_KEY = b'"reference":"'
COLUMNS_PRINTED = 6
TEXT_LENGTH = 140  # characters of a cell
PAGE, PADDING, WIDEST = 112, 2, 60  # places in a line of a table, between two columns, and of the widest column
WORD = re.compile(r"[!-~\u00a0-\u04ff]+")  # in scripts written with spaces; the others break anywhere


def register_tables(register: RegisterRows, assertions: Sequence[Assertion], zone: ZoneInfo) -> dict[str, Any]:
    """Return a register as data for the template.

    It has a title, a note on what is printed, counts, and tables of rows. A register of up to `ROWS_PRINTED` rows is
    printed whole. Of a larger one there are counts, rows that break a statement, and rows at even distances, so that
    the report's length doesn't grow with the rows.
    """
    if register.count <= ROWS_PRINTED:
        rows = list(read_rows(register.rows))
        tables = [_table(register.columns, rows, zone)] if rows else []
        return {"title": register.title, "note": _whole_note(register), "counts": [], "tables": tables}
    broken = _broken(register, assertions)
    exceptions, sample, step = _chosen(register, broken)
    codes = [", ".join(broken[row["reference"]]) for row in exceptions]
    tables = [
        _table(register.columns, exceptions, zone, codes) | {"caption": _exceptions_note(len(codes), len(broken))}
    ]
    tables.append(_table(register.columns, sample, zone) | {"caption": _sample_note(len(sample), step)})
    return {
        "title": register.title,
        "note": _part_note(register),
        "counts": _counts(register),
        "tables": tables if exceptions else tables[1:],
    }


def _table(
    columns: Sequence[PackColumn], rows: Sequence[Row], zone: ZoneInfo, codes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return headings, cells and widths of as many columns as fit a page.

    With `codes`, the statements that each row breaks, these come in the first column.
    """
    columns = columns[:COLUMNS_PRINTED]
    lines = [
        [shortened(one_line(shown(row.get(column.name), column, zone)), TEXT_LENGTH) for column in columns]
        for row in rows
    ]
    headings, right = [column.label for column in columns], [column.kind == "number" for column in columns]
    if codes:
        lines = [[code, *line] for code, line in zip(codes, lines, strict=True)]
        headings, right = [_("Breaks"), *headings], [False, *right]
    shares = widths([[heading, *(line[at] for line in lines)] for at, heading in enumerate(headings)])
    return {
        "headings": headings[: len(shares)],
        "right": right[: len(shares)],
        "rows": [[breakable(cell) for cell in line[: len(shares)]] for line in lines],
        "widths": shares,
    }


def _broken(register: RegisterRows, assertions: Sequence[Assertion]) -> dict[str, list[str]]:
    """Return the codes of the statements that rows break, by the rows' references."""
    found: dict[str, list[str]] = {}
    for assertion in assertions:
        if assertion["register"] == register.slug:
            for reference in assertion["exceptions"]["references"]:
                found.setdefault(reference, []).append(assertion["code"])
    return found


def _chosen(register: RegisterRows, broken: Mapping[str, object]) -> tuple[list[Row], list[Row], int]:
    """Return the first rows that break a statement, rows at even distances, and that distance."""
    exceptions: list[Row] = []
    sample: list[Row] = []
    step = -(-register.count // SAMPLE_PRINTED)  # rounded up, or there were more rows than are to be printed
    # Only the lines that are chosen are read as JSON: a register may have hundreds of thousands.
    with register.rows.open("rb") as lines:
        for number, line in enumerate(lines):
            if number % step == 0:
                sample.append(orjson.loads(line))
            if broken and len(exceptions) < EXCEPTIONS_PRINTED and _reference(line) in broken:
                exceptions.append(orjson.loads(line))
    return exceptions, sample, step


def _reference(line: bytes) -> str:
    """Return the reference in a line of canonical JSON.

    A quote inside of a text has a backslash, so what is found is the key itself.
    """
    start = line.find(REFERENCE_KEY) + len(REFERENCE_KEY)
    return line[start : line.find(b'"', start)].decode()


def _counts(register: RegisterRows) -> list[list[str]]:
    """Return for each choice column its heading, and in words how many rows have which choice."""
    found = []
    for column in register.columns:
        counts, words = register.counts.get(column.name, {}), dict(column.choices)
        said = [f"{words.get(code, code)} {number(count)}" for code, count in _by_choice(counts, list(words)) if code]
        if said:
            found.append([column.label, " · ".join(said)])
    return found


def _by_choice(counts: Mapping[str, int], order: Sequence[str]) -> list[tuple[str, int]]:
    """Sort counts in the order of the choices; codes that are no choice any more come last."""
    return sorted(
        counts.items(), key=lambda pair: (order.index(pair[0]) if pair[0] in order else len(order), str(pair[0]))
    )


def shown(value: Any, column: PackColumn, zone: ZoneInfo) -> str:
    """Return a value of a row as a reader sees it.

    Moments are in `zone`, and codes of choices become their words.
    """
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
    """Return a moment of a row as wall-clock time in `zone`, or None if it isn't one.

    A moment is ISO 8601 with its offset.
    """
    try:
        return datetime.fromisoformat(moment).astimezone(zone).replace(tzinfo=None)
    except (TypeError, ValueError, OverflowError):
        return None


def _whole_note(register: RegisterRows) -> str:
    return ngettext(
        "%(count)s row, long texts shortened (…). All columns are in data/registers/%(slug)s.xlsx and "
        "data/records/%(slug)s.jsonl.",
        "All %(count)s rows, long texts shortened (…). All columns are in data/registers/%(slug)s.xlsx and "
        "data/records/%(slug)s.jsonl.",
        register.count,
    ) % {"count": number(register.count), "slug": register.slug}


def _part_note(register: RegisterRows) -> str:
    return _(
        "This register has %(count)s rows, more than the %(most)s that are printed whole: here are counts, exceptions and "
        "a sample, long texts shortened (…). All rows with all columns are in data/registers/%(slug)s.xlsx and "
        "data/records/%(slug)s.jsonl only."
    ) % {"count": number(register.count), "most": number(ROWS_PRINTED), "slug": register.slug}


def _exceptions_note(printed: int, count: int) -> str:
    if printed == count:
        return ngettext(
            "Exceptions: the row that breaks a statement",
            "Exceptions: all %(count)s rows that break a statement",
            count,
        ) % {"count": number(count)}
    return _(
        "Exceptions: the first %(printed)s of %(count)s rows that break a statement; data/evaluation.json names all"
    ) % {"printed": number(printed), "count": number(count)}


def _sample_note(printed: int, step: int) -> str:
    return _("Sample: %(printed)s rows, one in %(step)s, beginning with the first") % {
        "printed": number(printed),
        "step": number(step),
    }


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
    """Count the places a text takes in a line.

    East Asian wide characters take two (Unicode, annex 11).
    """
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
