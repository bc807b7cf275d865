"""The rows behind a number: a list narrowed to an assertion's exceptions or population."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any, cast

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clauses import periods
from clauses.assertion import Assertion, Period, Question, assertions
from clauses.evaluation import ask
from clauses.gap_heads import REASON
from clauses.gaps import Gap
from organizations.auditor_scope import audit_scope
from organizations.request import OrganizationRequest
from organizations.scope import current_organization
from registers.lists.filters import selecting
from registers.lists.selections import Remarks, Selection, selections
from registers.querysets import RecordQuerySet
from registers.register import Register, registry


def period_of(parameters: QueryDict) -> Period:
    """Return the period that the query string names; the current quarter unless it names one."""
    return periods.parse(parameters.get("period", "")) or periods.quarter_of(current_organization().today())


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
    question, explanation = ask(period_of(parameters)), str(assertion.statement)
    if parameters.get("rows") == "all":
        title, wanted, remarks = _("Rows that %(code)s looks at"), assertion.rows(question), None
    else:
        title, wanted = _("Exceptions of %(code)s"), _exceptions(assertion, question, parameters.get(REASON, ""))
        remarks = partial(_remarks, assertion, question) if slug in registry.slugs() else None
        if remarks is None:  # a list that can't say it of each row says it of all
            explanation = " ".join([explanation, *(f"{reason.text}." for reason in assertion.reasons)])
    return Selection(
        title=f"{title % {'code': assertion.code}}: {assertion.title}",
        explanation=explanation,
        # By key: the list keeps its own joins and order, so that search, sorting and further filters work on it.
        narrow=lambda rows: rows.filter(pk__in=wanted.order_by().values("pk")),
        remarks=remarks,
    )


def _exceptions(assertion: Assertion, question: Question, name: str) -> Any:
    """Return the exceptions, or those for which one reason holds; an unknown one holds for none."""
    if not name:
        return assertion.failing(question)
    found = [reason for reason in assertion.reasons if reason.name == name]
    rows = assertion.rows(question)
    return found[0].holds(assertion.terms(question), rows) if found else rows.none()


def _remarks(assertion: Assertion, question: Question, request: OrganizationRequest) -> Remarks:
    return Gap(assertion, question, request).remarks


def by_day(register: Register, parameters: QueryDict) -> Selection | None:
    """Return the selection of ``?counted=2026-06-30``: the rows that counted when that day ended, as statements count them.

    None where it is no day.
    """
    try:
        day = date.fromisoformat(parameters.get("counted", ""))
        until = periods.start_of(day + timedelta(days=1), current_organization().zone)
    except (ValueError, OverflowError):
        return None
    return Selection(
        title=_("Rows that counted when %(day)s ended") % {"day": date_format(day, "j F Y")},
        explanation=_("What was archived later counted then, and is shown."),
        narrow=lambda rows: cast(RecordQuerySet, rows).current(until),
    )


selections["assertion"] = by_assertion
selections["counted"] = by_day
selecting.update(("assertion", "counted"))
