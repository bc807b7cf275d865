"""An export that comes back: known by its references, looked at for edits not imported."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.drafts import Draft
from imports.mapping import ImportMapping
from imports.sources import Source
from registers.columns import BoundColumn
from registers.export import exported, fitting, undefused, values
from registers.formatting import rows_named
from registers.parsing.targets import EXTERNAL_ID, REFERENCE, Target
from registers.register import Register
from spreadsheets.headers import normalize_header
from spreadsheets.table import Cell, Table, cell_text, is_blank
from spreadsheets.values import legible

#: Rows by whose references a file is known.
_SAMPLE = 500


def by_reference(complete: ImportMapping, said: ImportMapping, table: Table, register: Register) -> ImportMapping:
    """Return the mapping with column “Reference” finding the register's rows, if it can.

    It can where the column holds references of this register. An export of chosen columns has no external ids beside
    them, as whole ones do. Other sources call their own ids so too: only where they are written as ours and most of
    them are rows of this register, they aren't taken for external ids.
    """
    source = complete.fields.get(EXTERNAL_ID)
    headers = [header for header in table.headers if normalize_header(header) == REFERENCE]
    if (
        EXTERNAL_ID in said.fields
        or REFERENCE in complete.fields
        or source != Source(tuple(headers[:1]))
        or not headers
    ):
        return complete
    place = table.headers.index(headers[0])
    cells = [row.cells[place] for row in islice(table.rows(), _SAMPLE)]
    references = {cell_text(cell).strip() for cell in cells if not is_blank(cell)}
    ours = re.compile(rf"{register.model.prefix}-\d{{4,}}")
    if not references or not all(map(ours.fullmatch, references)):
        return complete
    known: int = register.model.objects.filter(reference__in=references).count()
    if 2 * known <= len(references):
        return complete
    rest = {name: source for name, source in complete.fields.items() if name != EXTERNAL_ID}
    return replace(complete, fields={**rest, REFERENCE: source})


@dataclass
class PassedOver:
    """Texts of an export that follow from others or from elsewhere, and were edited.

    An edited cell is one that differs from what the register holds now.

    Attributes:
        rows: the numbers of the rows in which a column differs, by its heading.
    """

    register: Register
    columns: Sequence[tuple[int, BoundColumn]] = ()
    defused: bool = False
    rows: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, register: Register, table: Table, mapping: ImportMapping, targets: Mapping[str, Target]) -> PassedOver:
        """Watch the columns of a file that an export of the register only gives to be read."""
        if REFERENCE not in mapping.fields:
            return cls(register)
        read = {normalize_header(c.label): c for c in exported(register) if c.name not in targets and c.path}
        free = mapping.unmapped(table.headers)
        columns = [
            (place, read[normalize_header(header)])
            for place, header in enumerate(table.headers)
            if header in free and normalize_header(header) in read
        ]
        return cls(register, columns, table.format == "csv")

    def see(self, drafts: Sequence[Draft]) -> None:
        """Take in settled drafts: a number of queries that doesn't grow with them."""
        present = {draft.key: draft for draft in drafts if draft.by_reference and draft.record is not None}
        if not self.columns or not present:
            return
        bound = [self.register.bound[REFERENCE], *(column for _place, column in self.columns)]
        rows = self.register.annotated().filter(reference__in=present)
        kept = {reference: texts for reference, *texts in values(rows, bound)}
        for reference, draft in present.items():
            for (place, column), text in zip(self.columns, kept.get(reference, ()), strict=False):
                if self._differs(draft.row.cells[place], text):
                    self.rows.setdefault(column.label, []).append(draft.row.number)

    def _differs(self, cell: Cell, kept: object) -> bool:
        if not isinstance(kept, str | None):
            return False
        told = cell_text(cell)
        told = legible(undefused(told) if self.defused else told)
        # A workbook holds only the beginning of a very long text.
        return told not in (legible(kept or ""), legible(fitting(kept or "")))

    def sentences(self) -> list[str]:
        """Return what is said about each column that differs."""
        return [self._sentence(label, numbers) for label, numbers in self.rows.items()]

    def _sentence(self, label: str, numbers: Sequence[int]) -> str:
        words = ngettext(
            "%(column)s: row %(rows)s says something else than the register. An import doesn't change this column.",
            "%(column)s: %(count)s rows say something else than the register (%(rows)s). An import doesn't change this column.",
            len(numbers),
        )
        return words % {"column": label, "rows": rows_named(numbers), "count": f"{len(numbers):,}"}


def too_long(label: str) -> tuple[str, str]:
    """Say why the end of a text isn't in a workbook, and what to do."""
    return (
        _("“%(field)s” is longer than a cell of a workbook can be, so the file holds only its beginning.")
        % {"field": label},
        _("Change it on the row's page, or export as CSV and change it there."),
    )
