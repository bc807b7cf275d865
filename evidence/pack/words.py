"""The pack's own words, in the language that is active: results, verbs, sub-clauses, dates, numbers."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.dateformat import format as format_date
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from evidence.pack.contents import Result


def result_words() -> dict[Result, str]:
    """The results, best first."""
    return {
        "met": _("Met"),
        "attention": _("Attention"),
        "gap": _("Gap"),
        "no evidence": _("No evidence"),
        "not applicable": _("Not applicable"),
    }


def sub_clause_title(letter: str) -> str:
    """What a sub-clause of 5.1.2 asks, in our words; the letter itself for one we don't know."""
    titles = {
        "a": _("Requirements are determined, understood and consistently met"),
        "b": _("Risks and opportunities are determined and addressed"),
        "c": _("The focus on enhancing customer satisfaction is maintained"),
    }
    return titles.get(letter, letter)


def verb_title(verb: str) -> str:
    """A verb of the clause as a heading; an unknown one is shown as it is written."""
    titles = {
        "determined": _("Determined"),
        "understood": _("Understood"),
        "met": _("Consistently met"),
        "consistently met": _("Consistently met"),
        "addressed": _("Addressed"),
        "maintained": _("Maintained"),
        "listening": _("Maintained: listening"),
        "responding": _("Maintained: responding"),
        "enhancing": _("Maintained: enhancing"),
        "led": _("Maintained: led"),
    }
    return titles.get(verb, verb[:1].upper() + verb[1:])


def number(value: int) -> str:
    """A count with its thousands set apart."""
    return str(number_format(value, use_l10n=True, force_grouping=True))


def day(value: date) -> str:
    """A date in words, which can't be read as another date."""
    return str(format_date(value, pgettext("date format", "j F Y")))


def moment(value: datetime) -> str:
    """A moment to the minute; the caller says in which zone."""
    return str(format_date(value, pgettext("date format", "j F Y, H:i")))


def size(count: int) -> str:
    """A number of bytes as a person says it (SI: 1 kB = 1,000 bytes)."""
    if count < 1000:
        return _("%(count)s bytes") % {"count": count}
    if count < 1_000_000:
        return _("%(count)s kB") % {"count": number(round(count / 1000))}
    return _("%(count)s MB") % {"count": number_format(count / 1_000_000, decimal_pos=1, use_l10n=True)}
