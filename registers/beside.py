"""Values that files bring and that no field of a row holds: they are kept beside it, as an assessment is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as of_dataclass
from typing import Any

from django.db import models

from registers.columns import Column


@dataclass(frozen=True)
class Beside:
    """Something that an import reads for a row; its model says what is written of it.

    Attributes:
        column: what it is called, and what is asked with it.
        field: how its cells are read; of no table.
        leads_to: by value the slug of the register to which rows that hold it belong, where it is another one.
    """

    column: Column
    field: models.Field[Any, Any]
    leads_to: Mapping[str, str] = of_dataclass(default_factory=dict)

    def __post_init__(self) -> None:
        self.field.set_attributes_from_name(self.column.name)


@dataclass(frozen=True)
class FoundBeside:
    """Rows of a register that stand in the rows of others' sheets, as measures stand beside the risks they are taken for.

    Attributes:
        registers: slugs of the others.
        title_words: headings of the column that says what such a row is.
        fields: what further columns fill, by the register's own words.
        tell: those of which a row fills one at least: a text alone is a remark.
        origin: the field that takes the reference of the row beside which it stood.
        not_yet: words that stand for one that is still to be found.
    """

    registers: frozenset[str]
    title_words: tuple[str, ...]
    fields: tuple[str, ...]
    tell: tuple[str, ...]
    origin: str
    not_yet: tuple[str, ...] = ()
