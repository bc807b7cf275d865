"""State changes of the clause's evaluation: what it came to is kept, day by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from clauses.evaluation import as_json, ask, evaluate
from clauses.models import Snapshot
from clauses.periods import quarter_of, start_of
from clauses.trends import KEPT, digest
from organizations.scope import current_organization
from trail.models import record_event
from trail.sealing.canonical import as_json as plain_values
from trail.time_travel.travel import NoSuchMoment, time_travel


def snapshot() -> Snapshot | None:
    """Keep the evaluation of yesterday as it was known when the day ended, and tell the trail its digest.

    What was kept is never changed, and no other day can be asked for: a point drawn afterwards shows what nobody knew.

    Returns:
        What is kept of the day; None where the organization wasn't there yet.
    """
    organization = current_organization()
    today = organization.today()
    day, ended = today - timedelta(days=1), start_of(today, organization.zone)
    if found := Snapshot.objects.filter(day=day).first():
        return found
    evaluation = _known_at(ended - timedelta(microseconds=1), day)
    if evaluation is None:
        return None
    with transaction.atomic():
        kept = Snapshot.objects.create(day=day, evaluation=evaluation)
        record_event(KEPT, f"{day:%Y-%m-%d}", sha256=digest(evaluation))
    return kept


def _known_at(moment: datetime, day: date) -> Any:
    """Return the evaluation of a day's quarter as it was known at a moment; None before the organization was there."""
    try:
        with time_travel(moment):
            return plain_values(as_json(evaluate(ask(quarter_of(day), moment))))
    except NoSuchMoment:
        return None
