"""What the importer says when it can't go on: in whole files, and in single cells."""

from __future__ import annotations

from django.utils.functional import Promise


class UnreadableFile(Exception):
    """A file that can't be read as a table.

    `message` is one or two calm, translatable sentences: what is wrong, where, and what to do.
    """

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class BadValue(Exception):
    """A cell whose content doesn't fit its column.

    `message` says what is wrong with the cell, `remedy` what to do about it. Both are translatable.
    """

    def __init__(self, message: str | Promise, remedy: str | Promise = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
