"""Columns of an export that stand beside its rows: what was written there is added.

Nothing is taken away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.drafts import Draft, Problem
from imports.mapping import ImportMapping
from registers.export import fitting, undefused
from registers.extra_columns import ExtraColumn, NewContent, extra_columns
from registers.formatting import rows_named
from registers.models import Record
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.headers import normalize_header
from spreadsheets.table import Cell, Table, cell_text, column_letters
from spreadsheets.values import legible, refuse_errors, shown
from trail.actor import actor

#: The column of what was said about rows.
COMMENTS = "comments"


class Watched(NamedTuple):
    """A column of the file that stands beside rows: its place, its header, and what it holds."""

    place: int
    header: str
    extra: ExtraColumn


@dataclass
class Additions:
    """What an edited export says beside its rows.

    Attributes:
        added: how many entries are added by the rows that can go in, by column.
        left_out: the numbers of the rows whose cells leave something out, by column.
    """

    table: Table
    columns: Sequence[Watched] = ()
    added: Counter[str] = field(default_factory=Counter)
    left_out: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, table: Table, mapping: ImportMapping, targets: Mapping[str, Target]) -> Additions:
        """Watch the columns of an export that stand beside its rows.

        Other files have columns of such names that mean something else. So does an export of a register with a field of
        such a name.
        """
        if not mapping.is_of_own_export:
            return cls(table)
        fields = {normalize_header(target.label) for target in targets.values()}
        beside = {normalize_header(each.column.label): each for each in extra_columns}
        known = {label: each for label, each in beside.items() if label not in fields}
        free = mapping.unmapped(table.headers)
        return cls(
            table,
            [
                Watched(place, header, known[normalize_header(header)])
                for place, header in enumerate(table.headers)
                if header in free and normalize_header(header) in known
            ],
        )

    @property
    def headers(self) -> list[str]:
        """The columns of the file from which additions are taken."""
        return [column.header for column in self.columns]

    def see(self, drafts: Sequence[Draft]) -> None:
        """Take in settled drafts, which get what their cells add.

        The number of queries doesn't grow with them.
        """
        sound = [draft for draft in drafts if draft.record is not None and not draft.problems]
        for column in self.columns if sound else ():
            edited = list(self._edited(column, sound))
            read = column.extra.read([(_reference(draft), told) for draft, told in edited]) if edited else ()
            for (draft, _told), addition in zip(edited, read, strict=True):
                self._take(column, draft, addition)
        self._keep_aside([draft for draft in sound if draft.aside])
        # Another column may refuse a row after one has found something new in it.
        for addition_by_column in (draft.added for draft in sound if not draft.problems):
            self.added.update({label_of(name): len(addition.new) for name, addition in addition_by_column.items()})

    def sentences(self) -> list[str]:
        """Return what is said about cells that leave something out: which rows, and that it stays."""
        stays = {str(each.column.label): each.stays for each in extra_columns}
        return [f"{_left_out(label, numbers)} {stays[label]}" for label, numbers in self.left_out.items()]

    def _edited(self, column: Watched, drafts: Sequence[Draft]) -> Iterator[tuple[Draft, str]]:
        """Yield the drafts whose cells differ from what stands beside their rows, and the cells."""
        references = [reference for draft in drafts if (reference := _reference(draft))]
        kept = column.extra.texts(references) if references else {}
        for draft in drafts:
            told, text = self._told(draft.row.cells[column.place]), kept.get(_reference(draft), "")
            if told == legible(text):
                continue
            if self.table.format == "csv" or fitting(text) == text:
                yield draft, told
            elif told != legible(fitting(text)):
                # The file holds the beginning only, so that what was added can't be told from what was cut off.
                self.left_out.setdefault(str(column.extra.column.label), []).append(draft.row.number)

    def _keep_aside(self, drafts: Sequence[Draft]) -> None:
        """Make comments of the cells whose words are kept beside their rows; what an earlier import said isn't said again."""
        extra = next((each for each in extra_columns if each.column.name == COMMENTS), None)
        if not drafts or extra is None:
            return
        said = extra.read([(_reference(draft), "\n".join(draft.aside)) for draft in drafts])
        for draft, addition in zip(drafts, said, strict=True):
            if not addition.new:
                continue
            if actor() is None:
                draft.problems.append(Problem(draft.row.number, "", "", draft.aside[0], *_nobody()))
                continue
            before = draft.added.get(COMMENTS)
            draft.added[COMMENTS] = replace(addition, new=(*before.new, *addition.new)) if before else addition

    def _told(self, cell: Cell) -> str:
        text = cell_text(cell)
        return legible(undefused(text) if self.table.format == "csv" else text)

    def _take(self, column: Watched, draft: Draft, addition: NewContent) -> None:
        label, cell = str(column.extra.column.label), draft.row.cells[column.place]
        if addition.leaves_out:
            self.left_out.setdefault(label, []).append(draft.row.number)
        refused = (_failed(cell) if addition.new else None) or addition.refused
        refused = refused or (_nobody() if addition.new and actor() is None else None)
        if refused:
            place = f"{column_letters(self.table.columns[column.place])}{draft.row.number}"
            draft.problems.append(Problem(draft.row.number, place, column.header, shown(cell), *refused))
        elif addition.new:
            draft.added[column.extra.column.name] = addition


def add(rows: Sequence[tuple[Record, Mapping[str, Sequence[Any]]]]) -> None:
    """Add to records what a look found new beside them, by column."""
    for each in extra_columns:
        if new := [(record, found[each.column.name]) for record, found in rows if each.column.name in found]:
            each.add(new)


@contextmanager
def together() -> Iterator[None]:
    """Let what is added inside the block count as added at once, in however many calls."""
    with ExitStack() as stack:
        for each in extra_columns:
            stack.enter_context(each.together())
        yield


def label_of(name: str) -> str:
    """Return what a column that stands beside rows is called; empty where there is none."""
    return next((str(each.column.label) for each in extra_columns if each.column.name == name), "")


def _reference(draft: Draft) -> str:
    return "" if draft.is_new or draft.record is None else str(draft.record.reference)


def _failed(cell: Cell) -> tuple[str, str] | None:
    """Say why a cell that shows an error can't be added, and what to do; None for a text.

    It happens where “@Ann …” was taken for a formula.
    """
    try:
        refuse_errors(cell)
    except BadValue as bad:
        return str(bad.message), str(bad.remedy)
    return None


def _nobody() -> tuple[str, str]:
    reason = _("What is added needs somebody who adds it, and nobody is named.")
    return reason, _("Say who imports the file (--by), or leave the cell as it was exported.")


def _left_out(label: str, numbers: Sequence[int]) -> str:
    sentence = ngettext(
        "%(column)s: row %(rows)s leaves out or rewords what the register has.",
        "%(column)s: %(count)s rows leave out or reword what the register has (%(rows)s).",
        len(numbers),
    )
    return sentence % {"column": label, "rows": rows_named(numbers), "count": f"{len(numbers):,}"}
