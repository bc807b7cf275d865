"""The report's words in the language that is active: results, sub-clauses, dates, numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import cast

from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clauses import assertion
from packs.contents import Result


def result_words() -> dict[Result, str]:
    """Return the results as data writes them and as people read them, best first."""
    return {cast(Result, result.value): str(result.label) for result in assertion.Result}


def sub_clause_title(letter: str) -> str:
    """Return what a sub-clause of 5.1.2 asks, in our words, or the letter of an unknown one."""
    return str(assertion.SUB_CLAUSES.get(letter, letter))


def number(value: int) -> str:
    """Return a count with its thousands set apart."""
    return str(number_format(value, use_l10n=True, force_grouping=True))


def day(value: date) -> str:
    """Return a date in words, which can't be read as another date."""
    return str(format_date(value, pgettext("date format", "j F Y")))


def moment(value: datetime) -> str:
    """Return a moment to the minute; the caller says in which zone."""
    return str(format_date(value, pgettext("date format", "j F Y, H:i")))


def size(count: int) -> str:
    """Return a number of bytes as a person says it (SI: 1 kB = 1,000 bytes)."""
    if count < 1000:
        return _("%(count)s bytes") % {"count": count}
    if count < 1_000_000:
        return _("%(count)s kB") % {"count": number(round(count / 1000))}
    return _("%(count)s MB") % {"count": number_format(count / 1_000_000, decimal_pos=1, use_l10n=True)}
