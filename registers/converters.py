"""Parts of addresses."""

from __future__ import annotations


class ExportFormat:
    """File formats a register is exported in."""

    regex = "csv|xlsx"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
