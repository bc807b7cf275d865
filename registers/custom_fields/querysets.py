"""Values of custom fields on querysets."""

from __future__ import annotations

from typing import Any

from django.db import models

from registers.custom_fields.models import fields_of


def with_custom_fields(register: str, rows: models.QuerySet) -> Any:
    """Annotate records of a register with the values of its custom fields, under their keys."""
    expressions: dict[str, Any] = {}
    for definition in fields_of(register):
        expressions |= definition.expressions()
    return rows.annotate(**expressions) if expressions else rows
