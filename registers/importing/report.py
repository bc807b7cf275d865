"""What is told about an import: counts, problems, the first rows as they would be written, and the file of refused rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

import defusedcsv.csv as defused
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from registers.importing.converting import attribute
from registers.importing.pipeline import OUTCOMES, Examination
from registers.importing.rows import Draft
from registers.importing.table import Table, cell_text, is_blank
from registers.importing.targets import Target
from registers.importing.values import shown
from registers.words import text_of

#: Problems that are shown; all of them are in the file of refused rows.
MOST_PROBLEMS = 1000
PREVIEW_ROWS = 12
_CELL = 300


class Report:
    """Watches a look through a file and keeps what a person is to be told. All it gives are plain values."""

    def __init__(self, examination: Examination, refused: RefusedRows | None = None) -> None:
        self.examination, self.refused = examination, refused
        self.problems: list[dict[str, Any]] = []
        self.problems_total = 0
        self.rows: list[dict[str, Any]] = []

    def see(self, drafts: Sequence[Draft]) -> None:
        """Take in a chunk of settled drafts."""
        for draft in drafts:
            if len(self.rows) < PREVIEW_ROWS:
                self.rows.append(self._preview(draft))
            if not draft.problems:
                continue
            self.problems_total += len(draft.problems)
            room = MOST_PROBLEMS - len(self.problems)
            self.problems += [problem._asdict() for problem in draft.problems[:room]]
            if self.refused:
                self.refused.write(draft)

    @property
    def counts(self) -> dict[str, int]:
        """Rows by outcome."""
        return {outcome: self.examination.counts[outcome] for outcome in OUTCOMES}

    def plain(self) -> dict[str, Any]:
        """Everything as JSON."""
        examination = self.examination
        return {
            "counts": self.counts,
            "problems": self.problems,
            "problems_total": self.problems_total,
            "changed_fields": dict(examination.changed_fields),
            "unmapped": examination.unmapped,
            "kept_unmapped": bool(examination.converter.kept),
            "creates": {
                str(lookup.model._meta.verbose_name_plural): list(names.values())
                for lookup, names in examination.creates.items()
            },
            "unknown_words": {name: list(words) for name, words in examination.converter.unknown_words.items()},
            "mapping": examination.mapping.plain(),
            "columns": [feed.target.label for feed in self._shown],
            "rows": self.rows,
        }

    @property
    def _shown(self) -> list[Any]:
        return list(self.examination.converter.feeds.values())

    def _preview(self, draft: Draft) -> dict[str, Any]:
        wrong = {(problem.cell, problem.column): problem for problem in draft.problems}
        cells = []
        for feed in self._shown:
            sign = self.examination.converter.problem(draft.row, feed.target.name, "")
            problem = wrong.pop((sign.cell, sign.column), None)
            text = sign.value if problem else _text(feed.target, draft, sign.value)
            cells.append(
                {
                    "text": text[:_CELL],
                    "error": problem.reason if problem else "",
                    "remedy": problem.remedy if problem else "",
                }
            )
        rest = " ".join(f"{problem.reason} {problem.remedy}".strip() for problem in wrong.values())
        return {"number": draft.row.number, "state": draft.outcome, "cells": cells, "error": rest}


def _text(target: Target, draft: Draft, raw: str) -> str:
    """What a field will hold, in words; links as the file writes them."""
    value = draft.values.get(attribute(target))
    if target.kind in ("record", "records", "person", "site") or value is None:
        return raw
    return target.choices.get(str(value), str(value)) if target.kind == "choice" else text_of(value)


class RefusedRows:
    """A CSV file of refused rows as the source has them, with reasons and remedies: mended, it can be imported itself."""

    def __init__(self, file: IO[bytes], table: Table) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", errors="replace", write_through=True)
        self._writer = defused.writer(self._text, quoting=csv.QUOTE_MINIMAL)
        self._writer.writerow([_("Row"), *table.headers, _("What is wrong"), _("What to do")])

    def write(self, draft: Draft) -> None:
        """Add a refused row."""
        reasons = [
            f"{problem.cell or problem.column}: {problem.reason}".removeprefix(": ") for problem in draft.problems
        ]
        remedies = dict.fromkeys(problem.remedy for problem in draft.problems if problem.remedy)
        self._writer.writerow(
            [draft.row.number, *map(cell_text, draft.row.cells), "\n".join(reasons), "\n".join(remedies)]
        )

    def finish(self) -> None:
        """Write what is still held back; the file stays open."""
        self._text.flush()
        self._text.detach()


@contextmanager
def refused_rows(file: IO[bytes] | None, table: Table) -> Iterator[RefusedRows | None]:
    """Refused rows written to an open file; nothing where there is none."""
    if file is None:
        yield None
        return
    rows = RefusedRows(file, table)
    try:
        yield rows
    finally:
        rows.finish()


def facts(table: Table, examination: Examination | None = None) -> dict[str, Any]:
    """What was found in a file, as JSON."""
    styles = examination.converter.date_styles if examination else {}
    return {
        "format": table.format,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "sheets": [sheet._asdict() for sheet in table.sheets],
        "header_row": table.header_row,
        "headers": list(table.headers),
        "rows": table.row_count,
        "notes": [str(note) for note in table.notes],
        "dates": {
            name: {
                "label": str(style.label),
                "open": style.ambiguous or style.conflicting,
                "ask": style.must_choose or style.conflicting,
            }
            for name, style in styles.items()
            if style.forms
        },
        "numbers": {
            name: {
                "label": _("Numbers such as %(example)s can be read in two ways: choose which.") % {"example": example},
                "open": True,
                "ask": True,
            }
            for name, example in (examination.converter.doubtful_numbers.items() if examination else ())
        },
        "samples": _samples(table),
    }


def _samples(table: Table) -> list[str]:
    """Of each column, the first cell that holds something."""
    samples = [""] * len(table.headers)
    for _number, row in zip(range(50), table.rows(), strict=False):
        for place, cell in enumerate(row.cells):
            if not samples[place] and not is_blank(cell):
                samples[place] = shown(cell)
    return samples


def summary(counts: dict[str, int]) -> str:
    """Counts in a sentence."""
    parts = (
        (counts["created"], ngettext("%(count)s new row", "%(count)s new rows", counts["created"])),
        (counts["changed"], ngettext("%(count)s changed", "%(count)s changed", counts["changed"])),
        (counts["unchanged"], ngettext("%(count)s unchanged", "%(count)s unchanged", counts["unchanged"])),
        (counts["refused"], ngettext("%(count)s refused", "%(count)s refused", counts["refused"])),
    )
    said = [text % {"count": f"{count:,}"} for count, text in parts if count]
    return ", ".join(said) or _("No rows")
