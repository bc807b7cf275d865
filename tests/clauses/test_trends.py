"""A trend has points only of days that were kept: as they were known when they ended, and as the trail tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from clauses.evaluation import ask, evaluate
from clauses.models import Snapshot
from clauses.overview import columns
from clauses.periods import quarter_of
from clauses.services import snapshot
from clauses.trends import KEPT, days_against_digests, kept_days
from organizations.models import Organization
from organizations.scope import current_organization
from requirements_registry.models import InterestedParty
from tests.support.factories import make
from trail.models import Event

pytestmark = [pytest.mark.usefixtures("in_acme"), pytest.mark.django_db(transaction=True)]


def in_days(number: int) -> Any:
    """The afternoon of a later day."""
    day = current_organization().today() + timedelta(days=number)
    return time_machine.travel(datetime(day.year, day.month, day.day, 14, tzinfo=UTC), tick=True)


def parties_of(kept: Snapshot | None) -> int:
    """How many relevant interested parties the kept evaluation speaks of."""
    assert kept is not None
    return int(next(each for each in kept.evaluation["assertions"] if each["code"] == "a3")["denominator"])


def keep_two_days() -> tuple[Snapshot, Snapshot]:
    make(InterestedParty, 1)
    with in_days(1):
        first = snapshot()
        make(InterestedParty, 2)
    with in_days(2):
        second = snapshot()
    assert first is not None and second is not None
    return first, second


def test_a_day_is_kept_as_it_was_known_when_it_ended() -> None:
    make(InterestedParty, 1)
    today = current_organization().today()
    with in_days(1):
        make(InterestedParty, 2)
        kept = snapshot()
        assert kept is not None and (kept.day, parties_of(kept)) == (today, 1)
    with in_days(2):
        assert parties_of(snapshot()) == 2


def test_nothing_is_kept_of_a_day_before_the_organization() -> None:
    assert (snapshot(), Snapshot.objects.count(), Event.objects.filter(verb=KEPT).count()) == (None, 0, 0)


def test_a_day_is_kept_once() -> None:
    make(InterestedParty, 1)
    with in_days(1):
        first = snapshot()
        make(InterestedParty, 2)
        assert snapshot() == first
    assert Event.objects.filter(verb=KEPT).count() == 1


def test_two_kept_days_make_a_trend(in_acme: Organization) -> None:
    first, second = keep_two_days()
    assert kept_days(second.day, 12) == [first, second] and kept_days(second.day, 1) == [second]
    assert kept_days(first.day, 12) == [first]
    with in_days(3):
        drawn = [
            line["spark_points"]
            for column in columns(evaluate(ask(quarter_of(in_acme.today()))))
            for verb in column["verbs"]
            for line in verb["assertions"]
            if line["code"] == "a3"
        ]
    assert drawn and drawn[0].count(",") == 2


def test_a_day_that_the_trail_does_not_tell_of_is_no_point_and_is_found() -> None:
    first, second = keep_two_days()
    forged = Snapshot.objects.create(day=first.day - timedelta(days=7), evaluation=first.evaluation)
    assert kept_days(second.day, 12) == [first, second]
    (finding,) = days_against_digests()
    assert (finding.row, "isn't what the trail says" in finding.text) == (forged.pk, True)


def test_a_day_that_is_told_otherwise_is_no_point_and_is_found() -> None:
    first, second = keep_two_days()
    told = Snapshot(day=second.day + timedelta(days=1), evaluation=second.evaluation | {"records": 999})
    Event(verb=KEPT, subject=f"{told.day:%Y-%m-%d}", data={"sha256": "0" * 64}).save()
    told.save()
    assert kept_days(told.day, 12) == [first, second]
    assert [finding.row for finding in days_against_digests()] == [told.pk]
