"""Complaints: steps, clocks and targets that stay as they were when the complaint was recorded."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from feedback.models import Complaint
from organizations.models import Targets
from tests.feedback.conftest import at, complaint, days_ago
from trail.history import bulk_create, bulk_update

pytestmark = pytest.mark.usefixtures("in_acme")


def last_day(moment: Any) -> date:
    return timezone.localtime(moment, at("2026-01-01").tzinfo).date()


def test_targets_come_from_the_version_in_force_on_the_day_of_receipt() -> None:
    Targets.objects.create(
        effective_from=date(2026, 5, 1), complaint_acknowledge_days=1, complaint_answer_days=5, complaint_close_days=20
    )
    before, after = complaint(received_at=at("2026-04-30")), complaint(received_at=at("2026-05-01"))
    assert [last_day(row.acknowledge_due_at) for row in (before, after)] == [date(2026, 5, 2), date(2026, 5, 2)]
    assert [last_day(row.answer_due_at) for row in (before, after)] == [date(2026, 5, 10), date(2026, 5, 6)]
    assert [last_day(row.close_due_at) for row in (before, after)] == [date(2026, 5, 30), date(2026, 5, 21)]


def test_a_complaint_older_than_all_targets_takes_the_first() -> None:
    assert last_day(complaint(received_at=at("2015-06-01")).close_due_at) == date(2015, 7, 1)


def test_a_later_version_of_the_targets_changes_nothing() -> None:
    row = complaint()
    frozen = (row.acknowledge_due_at, row.answer_due_at, row.close_due_at)
    Targets.objects.create(
        effective_from=date(2026, 5, 1),
        complaint_acknowledge_days=9,
        complaint_answer_days=99,
        complaint_close_days=199,
    )
    row.acknowledged_at = at("2026-05-05")
    row.save()
    row.refresh_from_db()
    assert (row.acknowledge_due_at, row.answer_due_at, row.close_due_at) == frozen


def test_a_corrected_day_of_receipt_moves_the_targets_by_the_frozen_days() -> None:
    row = complaint()
    row.received_at = at("2026-05-01")
    row.save()
    assert last_day(row.close_due_at) == date(2026, 5, 31)


def test_a_target_ends_with_its_day_across_a_change_of_the_clock() -> None:
    row = complaint(received_at=at("2026-03-27", hour=23))
    end = timezone.localtime(row.acknowledge_due_at, at("2026-01-01").tzinfo)
    assert (end.date(), end.hour, end.minute) == (date(2026, 3, 29), 23, 59)


def test_an_organization_without_targets_is_told_so() -> None:
    Targets.objects.all().delete()
    with pytest.raises(Targets.DoesNotExist, match="no targets"):
        complaint()


def test_bulk_writes_freeze_targets_with_one_query_for_all(django_assert_max_num_queries: Any) -> None:
    rows = [Complaint(reference=f"CPL-{n:04d}", title="x", received_at=at("2026-05-04")) for n in range(50)]
    with django_assert_max_num_queries(12):
        bulk_create(Complaint, rows)
    assert Complaint.objects.filter(close_days=30).count() == 50


def test_steps_set_in_bulk_bring_their_status() -> None:
    row = complaint()
    row.closed_at = at("2026-05-20")
    bulk_update(Complaint, [row], ["closed_at"])
    assert Complaint.objects.get().status == Complaint.Status.CLOSED


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ([], "received"),
        (["acknowledged_at"], "acknowledged"),
        (["acknowledged_at", "assessed_at"], "assessed"),
        (["investigated_at"], "investigated"),
        (["acknowledged_at", "responded_at"], "answered"),
        (["closed_at"], "closed"),
    ],
)
def test_the_status_is_the_furthest_step(steps: list[str], status: str) -> None:
    assert complaint(**dict.fromkeys(steps, at("2026-05-06"))).status == status


def test_a_day_on_which_the_outcome_was_told_says_that_it_was() -> None:
    assert complaint(outcome_told_at=at("2026-05-09")).outcome_told


@pytest.mark.parametrize(
    "step", ["acknowledged_at", "assessed_at", "investigated_at", "responded_at", "closed_at", "outcome_told_at"]
)
def test_no_step_lies_before_receipt(step: str) -> None:
    with pytest.raises(ValidationError) as refused:
        complaint(**{step: at("2026-05-03")})
    assert "before the complaint was received" in refused.value.message_dict[step][0]


def test_the_database_itself_refuses_a_step_before_receipt() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint(title="x", received_at=at("2026-05-04"), closed_at=at("2026-05-03"), outcome_told=True).save()


def test_no_step_lies_in_the_future() -> None:
    with pytest.raises(ValidationError, match="future"):
        complaint(closed_at=timezone.now() + timedelta(days=3))


def late(moment: str) -> bool:
    return Complaint.objects.late(at(moment)).exists()


def test_a_target_is_late_from_the_day_after_its_last() -> None:
    complaint()  # received on 4 May, to be acknowledged by the 6th
    assert not late("2026-05-06")
    assert late("2026-05-07")


def test_a_step_in_time_stays_in_time() -> None:
    complaint(acknowledged_at=at("2026-05-06"), responded_at=at("2026-05-14"), closed_at=at("2026-06-03"))
    assert not late("2026-12-31")


@pytest.mark.parametrize(
    "steps",
    [
        {"acknowledged_at": "2026-05-07", "responded_at": "2026-05-08", "closed_at": "2026-05-09"},
        {"acknowledged_at": "2026-05-05", "responded_at": "2026-05-15", "closed_at": "2026-05-16"},
        {"acknowledged_at": "2026-05-05", "responded_at": "2026-05-08", "closed_at": "2026-06-04"},
        {"closed_at": "2026-05-07"},
    ],
)
def test_a_step_taken_late_stays_late(steps: dict[str, str]) -> None:
    complaint(**{name: at(day) for name, day in steps.items()})
    assert late("2026-12-31")


def test_closing_at_once_needs_no_other_step() -> None:
    complaint(closed_at=at("2026-05-05"))
    assert not late("2026-12-31")


@pytest.mark.parametrize(
    "steps",
    [
        {},
        {"acknowledged_at": 1},
        {"acknowledged_at": 4},
        {"acknowledged_at": 1, "responded_at": 9},
        {"acknowledged_at": 1, "responded_at": 12},
        {"acknowledged_at": 1, "responded_at": 9, "closed_at": 29},
        {"acknowledged_at": 1, "responded_at": 9, "closed_at": 31},
        {"closed_at": 2},
        {"closed_at": 3},
    ],
)
@pytest.mark.parametrize("age", [1, 3, 11, 31, 40])
def test_the_clock_in_words_and_the_query_agree(steps: dict[str, int], age: int) -> None:
    row = complaint(received_at=days_ago(45), **{name: days_ago(45 - days) for name, days in steps.items()})
    moment = row.received_at + timedelta(days=age)
    found = Complaint.objects.late(moment) | Complaint.objects.outcome_untold()
    assert (row.clock_at(moment)[1] == "gap") == found.exists()


@pytest.mark.parametrize(
    ("age", "words", "tone"),
    [
        (0, "Acknowledgement due in 2 days", "attention"),
        (1, "Acknowledgement due in 1 day", "attention"),
        (2, "Acknowledgement due today", "attention"),
        (3, "Acknowledgement 1 day late", "gap"),
        (9, "Acknowledgement 7 days late", "gap"),
    ],
)
def test_the_clock_says_how_long_is_left(age: int, words: str, tone: str) -> None:
    with timezone.override(at("2026-05-04").tzinfo):
        assert complaint().clock_at(at("2026-05-04") + timedelta(days=age)) == (words, tone)


def test_the_clock_goes_on_to_the_next_target() -> None:
    with timezone.override(at("2026-05-04").tzinfo):
        row = complaint(acknowledged_at=at("2026-05-05"))
        assert row.clock_at(at("2026-05-05")) == ("Answer due in 9 days", "info")


def test_a_complaint_closed_in_time_says_so() -> None:
    assert complaint(closed_at=at("2026-05-05"), outcome_told=True).clock_at(at("2026-05-06")) == (
        "Closed within its targets",
        "met",
    )


def test_a_complaint_closed_without_telling_the_outcome_says_so() -> None:
    assert complaint(closed_at=at("2026-05-05")).clock_at(at("2026-05-06")) == ("Closed, outcome not told", "gap")


def test_closed_without_telling_the_outcome_is_found() -> None:
    told, untold = complaint(closed_at=at("2026-05-05"), outcome_told=True), complaint(closed_at=at("2026-05-05"))
    assert list(Complaint.objects.outcome_untold()) == [untold]
    assert told.outcome_told
