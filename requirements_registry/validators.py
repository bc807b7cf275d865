"""Rules for single values, and how texts are compared."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator

from registers.validators import not_in_future

__all__ = ["first_words", "interval", "not_in_future", "tidy"]

#: An interval of days: at least one, at most a hundred years, so that a date plus it stays a date.
interval = (MinValueValidator(1), MaxValueValidator(36_500))


def tidy(text: str) -> str:
    """Return a text with single line breaks and no blanks at its ends.

    Two texts that differ only in these say the same. Browsers send other line breaks than files hold; without this, opening and
    saving an imported row would change it.
    """
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).strip()


def first_words(text: str, limit: int = 90) -> str:
    """Return the beginning of a text in one line, cut between words.

    Args:
        text: any text.
        limit: the most characters to give, the mark of omission included.
    """
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip(" ,;:.(-–") + "…"
