"""Actions as of a day: on its own day something is neither late nor too early."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError

from actions.models import Action, EffectivenessCheck
from clauses.assertion import Period, Result, assertions
from clauses.evaluation import ask, outcome_of
from organizations.models import Organization
from tests.people import People
from tests.support.factories import make

pytestmark = pytest.mark.usefixtures("in_acme")

DAY = date(2026, 6, 30)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
#: The day ends at midnight in Berlin, where Acme is.
END = datetime(2026, 6, 30, 22, tzinfo=UTC)


def action(**values: Any) -> Action:
    found: Action = make(Action, **{"status": "planned", "due_on": None} | values)
    return found


def recorded(at: datetime, **values: Any) -> Action:
    with time_machine.travel(at, tick=False):
        return action(**values)


@pytest.mark.parametrize(("due", "late"), [(BEFORE, True), (DAY, False), (AFTER, False), (None, False)])
def test_an_action_is_late_from_the_day_after_it_was_due(due: date | None, late: bool) -> None:
    action(due_on=due)
    assert Action.objects.overdue(DAY).exists() == late


def test_an_action_without_a_due_date_is_undated_and_no_other() -> None:
    without = action()
    action(due_on=DAY)
    assert list(Action.objects.undated()) == [without]


@pytest.mark.parametrize(("status", "is_open"), [("planned", True), ("under_way", True), ("cancelled", False)])
def test_what_is_planned_or_under_way_is_open(status: str, is_open: bool) -> None:
    action(status=status)
    assert Action.objects.open_on(DAY).exists() == is_open
    assert Action.objects.open().exists() == is_open


@pytest.mark.parametrize(("done", "is_open"), [(BEFORE, False), (DAY, False), (AFTER, True)])
def test_an_action_is_done_from_the_day_on_that_it_was_done(done: date, is_open: bool) -> None:
    action(status="done", done_on=done)
    assert Action.objects.open_on(DAY).exists() == is_open
    assert Action.objects.done_by(DAY).exists() != is_open


def test_an_action_that_was_cancelled_was_not_done_whatever_day_it_bears() -> None:
    action(status="cancelled", done_on=BEFORE)
    assert not Action.objects.done_by(DAY).exists()


@pytest.mark.parametrize("column", ["due_on", "done_on", "escalated_on"])
@pytest.mark.parametrize(("day", "counts"), [(DAY, True), (AFTER, False)])
def test_an_action_recorded_later_had_begun_if_it_bears_an_earlier_day(column: str, day: date, counts: bool) -> None:
    recorded(END + timedelta(days=5), status="done", **{"done_on": AFTER, column: day})
    assert Action.objects.begun(DAY, END).exists() == counts


@pytest.mark.parametrize(("seconds", "counts"), [(-1, True), (0, False)])
def test_an_action_without_a_day_has_begun_when_it_was_recorded(seconds: int, counts: bool) -> None:
    recorded(END + timedelta(seconds=seconds))
    assert Action.objects.begun(DAY, END).exists() == counts


def test_as_long_as_the_day_lasts_every_action_has_begun() -> None:
    recorded(END + timedelta(days=5), due_on=AFTER)
    assert Action.objects.begun(DAY).exists()


class TestEffectiveness:
    """Checks of a done action with thirty days to wait."""

    @staticmethod
    def check(people: People, **values: Any) -> EffectivenessCheck:
        done = action(status="done", done_on=date(2026, 5, 1), owner=people.contributor, waiting_days=30)
        given = {"action": done, "checked_on": date(2026, 5, 31), "checker": people.quality_manager}
        return EffectivenessCheck(**given | {"verdict": "effective", "evidence": "No leak since."} | values)

    def test_it_is_judged_on_the_day_the_waiting_time_ends(self, people: People) -> None:
        self.check(people).clean()

    def test_it_is_not_judged_a_day_earlier(self, people: People) -> None:
        with pytest.raises(ValidationError, match="waiting time of 30 days"):
            self.check(people, checked_on=date(2026, 5, 30)).clean()

    def test_nobody_judges_their_own_action(self, people: People) -> None:
        with pytest.raises(ValidationError, match="Someone other"):
            self.check(people, checker=people.contributor).clean()

    def test_what_is_not_done_is_not_judged(self, people: People) -> None:
        with pytest.raises(ValidationError, match="isn't done yet"):
            self.check(people, action=action(owner=people.contributor)).clean()


@pytest.mark.parametrize(
    ("due", "told", "result"),
    [
        (-1, False, Result.GAP),
        (-1, True, Result.MET),
        (0, False, Result.ATTENTION),
        (14, False, Result.ATTENTION),
        (15, False, Result.MET),
    ],
)
def test_a_late_action_is_a_gap_until_top_management_was_told_and_one_due_soon_wants_attention(
    due: int, told: bool, result: Result, in_acme: Organization
) -> None:
    """Soon is within fourteen days."""
    today = in_acme.today()
    escalated = {"escalated_on": today, "escalation": "The director moved the day."} if told else {}
    action(due_on=today + timedelta(days=due), **escalated)
    question = ask(Period(today - timedelta(days=90), today))
    assert question.targets.soon_days == 14
    assert outcome_of(assertions["b9"], question, {}).result == result
