"""Where the rows are that an assertion looks at."""

from __future__ import annotations

from django.urls import reverse

from clauses import periods
from clauses.assertion import Assertion, Period
from organizations.auditor_scope import audit_scope
from organizations.scope import current_organization
from registers.register import registry

#: Lists besides the registers' that hold rows an assertion looks at: the slug it names → the list's URL name.
lists: dict[str, str] = {}


def rows_url(assertion: Assertion, period: Period, *, everything: bool = False) -> str:
    """Return the address of the rows behind an assertion's number.

    It is empty where they are of the whole organization and only a part of it is in reach.

    Args:
        assertion: which one.
        period: the period.
        everything: all rows that it looks at, not only the exceptions.
    """
    if assertion.register in lists and audit_scope():
        return ""
    address = f"{_list_url(assertion.register)}?assertion={assertion.code}&period={periods.code(period)}"
    return f"{address}&rows=all" if everything else address


def _list_url(slug: str) -> str:
    if slug in lists:
        return reverse(lists[slug], args=[current_organization().slug])
    return registry[slug].url("list")
