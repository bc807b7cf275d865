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
