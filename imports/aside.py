"""What cells hold that becomes no value of their field, and is kept beside the row."""

from __future__ import annotations

from typing import Any


class Aside(Exception):
    """A cell whose words are kept beside the row, as a comment.

    Attributes:
        value: what the field holds all the same; None where it stays empty.
    """

    def __init__(self, words: str, value: Any = None) -> None:
        super().__init__(words)
        self.value = value
