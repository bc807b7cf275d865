"""The rows behind a number: a list narrowed to an assertion's exceptions or population."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from clauses import periods
from clauses.assertion import Assertion, Period, assertions
from clauses.evaluation import ask
from organizations.auditor_scope import audit_scope
from organizations.scope import current_organization
from registers.lists.selections import Selection, selections
from registers.register import Register, registry


def period_of(parameters: QueryDict) -> Period:
    """Return the period that the query string names; the current quarter unless it names one."""
    return periods.parse(parameters.get("period", "")) or periods.quarter_of(current_organization().today())


#: Lists besides the registers' that hold rows an assertion looks at: the slug it names → the list's URL name.
lists: dict[str, str] = {}


def by_assertion(register: Register, parameters: QueryDict) -> Selection | None:
    """Return the selection of ``?assertion=a8&period=2026-Q3``: the assertion's exceptions.

    With ``&rows=all`` it is the population. None where the register doesn't hold the assertion's rows.
    """
    return rows_behind(register.slug, parameters)


def rows_behind(slug: str, parameters: Any) -> Selection | None:
    """Return the same for any list, a register's or one of ``lists``.

    None where the list doesn't hold the assertion's rows.

    Args:
        slug: the list's.
        parameters: of the query string, ``assertion`` among them.
    """
    assertion = assertions.get(parameters["assertion"])
    if assertion is None or assertion.register != slug or not audit_scope().includes(assertion.sub_clause):
        return None
    question = ask(period_of(parameters))
    wanted = assertion.rows(question) if parameters.get("rows") == "all" else assertion.failing(question)
    title = _("Rows that %(code)s looks at") if parameters.get("rows") == "all" else _("Exceptions of %(code)s")
    return Selection(
        title=f"{title % {'code': assertion.code}}: {assertion.title}",
        explanation=str(assertion.statement),
        # By key: the list keeps its own joins and order, so that search, sorting and further filters work on it.
        narrow=lambda rows: rows.filter(pk__in=wanted.order_by().values("pk")),
    )


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


selections["assertion"] = by_assertion
