"""Values in words, as pages show them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def text_of(value: object) -> str:
    """Return a value in words, in the reader's locale and the organization's zone."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return str(_("Yes")) if value else str(_("No"))
    # Before the test for a date, as a datetime is one too.
    if isinstance(value, datetime):
        return formats.date_format(timezone.localtime(value), "j M Y, H:i")
    if isinstance(value, date):
        return formats.date_format(value, "j M Y")
    if isinstance(value, Decimal):
        return formats.number_format(shortest(value), use_l10n=True)
    return str(value)


def shortest(value: Decimal) -> Decimal:
    """Return the same number without zeros at its end, and never with an exponent."""
    normal = value.normalize()
    exponent = normal.as_tuple().exponent
    # normalize() writes 100 as 1E+2.
    return normal.quantize(Decimal(1)) if isinstance(exponent, int) and exponent > 0 else normal


def rows_named(numbers: Sequence[int], most: int = 5) -> str:
    """Return the numbers of rows for a sentence: the first few of them."""
    return ", ".join(map(str, numbers[:most])) + (", …" if len(numbers) > most else "")
