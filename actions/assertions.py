"""The assertion about actions: none overdue without top management having been told."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actions.models import Action
from clauses.assertion import Assertion, Terms, Verb, assertions


def _late(terms: Terms, rows: Any) -> Any:
    return rows.overdue(terms.day).not_escalated()


assertions.add(
    Assertion(
        code="b9",
        verb=Verb.B_ADDRESSED,
        title=_("No action overdue without escalation"),
        statement=_(
            "No action that addresses risks, opportunities or nonconformities is past its due date without top management having been told."
        ),
        clauses={"2015": ("6.1.2", "10.2.1"), "2026": ("6.1.2", "6.1.3", "10.2.1")},
        register="actions",
        population=lambda terms: Action.objects.current(),
        exceptions=_late,
        soon=lambda terms, rows: rows.open().filter(due_on__range=(terms.day, terms.soon())),
        gap=lambda count: (
            ngettext("%(count)s overdue, nobody told", "%(count)s overdue, nobody told", count) % {"count": count}
        ),
    ),
)
