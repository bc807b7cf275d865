"""The rows behind a number: a register's list narrowed to an assertion's exceptions or population."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from clauses import periods
from clauses.assertion import Assertion, Period, assertions
from clauses.evaluation import ask
from organizations.scope import current_organization
from registers.register import Register, registry
from registers.selections import Selection, selections


def period_of(parameters: Any) -> Period:
    """The period that the query string names; the current quarter unless it names one."""
    return periods.parse(parameters.get("period", "")) or periods.quarter_of(current_organization().today())


def by_assertion(register: Register, parameters: Any) -> Selection | None:
    """``?assertion=a8&period=2026-Q3``: the exceptions; with ``&rows=all`` the population."""
    assertion = assertions.get(parameters["assertion"])
    if assertion is None or assertion.register != register.slug:
        return None
    question = ask(period_of(parameters))
    wanted = assertion.rows(question) if parameters.get("rows") == "all" else assertion.failing(question)
    title = _("Rows that %(code)s looks at") if parameters.get("rows") == "all" else _("Exceptions of %(code)s")
    return Selection(
        title=f"{title % {'code': assertion.code}}: {assertion.title}",
        explanation=str(assertion.statement),
        narrow=lambda rows: rows.filter(pk__in=wanted.order_by().values("pk")),
    )


def rows_url(assertion: Assertion, period: Period, *, everything: bool = False) -> str:
    """The address of the rows behind an assertion's number."""
    address = f"{registry[assertion.register].url('list')}?assertion={assertion.code}&period={periods.code(period)}"
    return f"{address}&rows=all" if everything else address


selections["assertion"] = by_assertion
