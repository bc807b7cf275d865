"""What the importer says when it can't go on: in whole files, and in single cells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Text = str | _StrPromise
else:
    #: A sentence for the reader, translated when it is shown.
    Text = str | Promise


class UnreadableFile(Exception):
    """A file that can't be read as a table.

    `message` is one or two calm, translatable sentences: what is wrong, where, and what to do.
    """

    def __init__(self, message: Text) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class BadValue(Exception):
    """A cell whose content doesn't fit its column.

    `message` says what is wrong with the cell, `remedy` what to do about it. Both are translatable.
    """

    def __init__(self, message: Text, remedy: Text = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()
