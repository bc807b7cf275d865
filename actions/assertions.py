"""The assertion about actions: none overdue without top management having been told."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from actions.models import Action
from clauses.assertion import Assertion, Gravity, Terms, Verb, assertions
from clauses.reasons import Reason, part
from clauses.words import beginning


def _late(terms: Terms, rows: Any) -> Any:
    return rows.overdue(terms.day)


REASONS = (
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
        title=_("No action overdue without escalation"),
        statement=_("No action is past its due date without top management having been told, whatever it arises from."),
        clauses={"2015": ("6.1.2", "10.2.1"), "2026": ("6.1.2", "6.1.3", "10.2.1")},
        gravity=Gravity.DUTY,
        says=beginning(
            ngettext_lazy(
                "%(count)s action is late, and top management wasn’t told",
                "%(count)s actions are late, and top management wasn’t told",
                "count",
            )
        ),
        register="actions",
        population=lambda terms: Action.objects.begun(terms.day, terms.until),
        reasons=REASONS,
        soon=lambda terms, rows: rows.open_on(terms.day).filter(due_on__range=(terms.day, terms.soon())),
        gap=lambda count: (
            ngettext("%(count)s overdue, nobody told", "%(count)s overdue, nobody told", count) % {"count": count}
        ),
    ),
)
