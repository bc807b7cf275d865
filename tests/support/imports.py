"""Importing in tests: a file from text, an import from beginning to end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, models, transaction

from imports.examination import Examination, examine
from imports.mapping import ImportMapping
from imports.pipeline import examination, read_table, ready_to_write, write_all
from imports.report import Report
from imports.undo.undo import undo
from organizations.models import User
from registers.parsing.targets import targets_of
from registers.register import registry


@dataclass
class Imported:
    """What an import came to."""

    examination: Examination
    report: Report
    #: The date of what it wrote.
    moment: datetime | None = None

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """New, changed, unchanged and refused rows."""
        counts = self.report.counts
        return counts["created"], counts["changed"], counts["unchanged"], counts["refused"]

    @property
    def left(self) -> dict[str, list[int]]:
        """The numbers of the rows that another register takes, by its slug."""
        return dict(self.examination.left)

    @property
    def reasons(self) -> list[str]:
        """Why rows are refused."""
        return [problem["reason"] for problem in self.report.problems]


def text_file(folder: Path, text: str, *, name: str = "rows.csv", encoding: str = "utf-8") -> Path:
    """A file with this text in it."""
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def run_import(
    register: str,
    path: Path,
    mapping: Mapping[str, Any] | None = None,
    *,
    skip_invalid: bool = False,
    dry_run: bool = False,
) -> Imported:
    """Import a file as pages and command line do: all rows or none, unless told otherwise."""
    declared = registry[register]
    wanted = ImportMapping.read(dict(mapping or {}), targets_of(declared))
    table = read_table(path, path.name, declared, wanted)
    moment = None
    with examination(declared, table, wanted) as examined:
        report = Report(examined)
        examine(examined, on_drafts=report.see)
        if not dry_run and (skip_invalid or not report.counts["refused"]):
            with ready_to_write(examined, filename=path.name) as ready, transaction.atomic():
                moment = write_all(ready, filename=path.name, sha256="0" * 64)
    return Imported(examined, report, moment)


def next_transaction() -> None:
    """What is written from here on bears another date, as if all before had been committed."""
    connection.run_on_commit.clear()


def undone(register: str, imported: Imported, by: User, **options: Any) -> dict[str, int]:
    """Undo an import; what that came to, without what there was none of."""
    assert imported.moment is not None
    counts = undo(registry[register], imported.moment, filename="rows.csv", by=by, **options)
    return {name: count for name, count in counts.items() if count}


def last_version(model: Any) -> int:
    """The highest key of a model's history: it stays where nothing is written."""
    return model.history.aggregate(last=models.Max("history_id"))["last"] or 0
