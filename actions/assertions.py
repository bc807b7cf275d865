"""The assertion about actions: open ones are dated, and none is overdue without top management having been told."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from actions.models import Action
from clauses.assertion import Assertion, Gravity, Terms, Verb, assertions, judge_each
from clauses.reasons import Reason, part
from clauses.words import beginning


def _late(terms: Terms, rows: Any) -> Any:
    return rows.overdue(terms.day)


REASONS = (
    Reason(
        name="no-due-date",
        text=_("It has no due date"),
        columns=("due_on",),
        holds=lambda terms, rows: rows.undated(),
    ),
    Reason(
        name="late-untold",
        text=_("It is late, and nobody told top management"),
        columns=("due_on", "escalated_on"),
        mends=("escalated_on", "escalation"),
        holds=part(_late, _escalated=None),
        due=lambda terms: F("due_on"),
    ),
    Reason(
        name="told-nothing",
        text=_("It is late, and nothing says what top management was told"),
        columns=("due_on", "escalation"),
        mends=("escalation",),
        holds=part(_late, escalation=""),
        due=lambda terms: F("due_on"),
    ),
)

assertions.add(
    Assertion(
        code="b9",
        verb=Verb.B_ADDRESSED,
        title=_("Actions dated, none overdue without escalation"),
        statement=_(
            "Every open action, whatever it arises from, has a due date, and none is past it without top management "
            "having been told."
        ),
        clauses={"2015": ("6.1.2", "10.2.1"), "2026": ("6.1.2", "6.1.3", "10.2.1")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s action has no due date, or is late and top management wasn’t told",
                "%(count)s actions have no due date, or are late and top management wasn’t told",
                "count",
            )
        ),
        register="actions",
        population=lambda terms: Action.objects.begun(terms.day, terms.until).open_on(terms.day),
        reasons=REASONS,
        soon=lambda terms, rows: rows.filter(due_on__range=(terms.day, terms.soon())),
        judge=partial(judge_each, nothing=_("nothing to judge: no action is open")),
        gap=lambda count: (
            ngettext(
                "%(count)s undated, or overdue and nobody told", "%(count)s undated, or overdue and nobody told", count
            )
            % {"count": count}
        ),
    ),
)
