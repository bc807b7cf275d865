"""State changes of the clause's evaluation: what it came to is kept, day by day."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from clauses import periods
from clauses.evaluation import as_json, ask, evaluate
from clauses.models import Snapshot
from organizations.scope import current_organization
from trail.sealing.canonical import as_json as plain_values


@transaction.atomic
def snapshot(day: date | None = None) -> Snapshot:
    """Keep today's evaluation of the current quarter, once a day.

    The first of a day stays: what was kept is never changed.

    Args:
        day: today, where the organization is, unless given.
    """
    today = day or current_organization().today()
    found = Snapshot.objects.filter(day=today).first()
    return found or Snapshot.objects.create(
        day=today, evaluation=plain_values(as_json(evaluate(ask(periods.quarter_of(today)))))
    )
