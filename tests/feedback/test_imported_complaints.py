"""Complaints that came by import are judged by their own days: not late because they came late, and not in time either."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from clauses import periods
from clauses.assertion import Result, assertions
from clauses.evaluation import ask, outcome_of
from feedback.models import Complaint
from organizations.models import Organization
from tests.people import People
from tests.support.imports import run_import, text_file

pytestmark = pytest.mark.django_db


def imported(folder: Path, organization: Organization, *rows: tuple[str, int, int | None]) -> Any:
    """What c5 says of complaints received, and closed, so many days ago; and the titles of its exceptions."""
    today = organization.today()

    def day(ago: int | None) -> str:
        return "" if ago is None else f"{today - timedelta(days=ago):%Y-%m-%d}"

    lines = [f"{title},{day(received)},{day(closed)},{'yes' if closed else 'no'}" for title, received, closed in rows]
    text = "\n".join(["Complaint about,Received,Closed,Outcome told to the complainant", *lines])
    assert run_import("complaints", text_file(folder, text)).counts[0] == len(rows)
    question = ask(periods.quarter_of(today))
    found = outcome_of(assertions["c5"], question, {})
    return found, {row.title for row in assertions["c5"].failing(question)}


def test_a_new_one_is_not_late_by_itself(in_acme: Organization, people: People, tmp_path: Path) -> None:
    found, late = imported(tmp_path, in_acme, ("Leaks", 1, None))
    assert (found.result, found.value, late) == (Result.ATTENTION, "0/1", set())


def test_an_old_open_one_is_late_by_its_own_days(in_acme: Organization, people: People, tmp_path: Path) -> None:
    found, late = imported(tmp_path, in_acme, ("Leaks", 400, None), ("Rattles", 1, None))
    assert (found.result, found.value, late) == (Result.GAP, "0/2", {"Leaks"})
    old = Complaint.objects.get(title="Leaks")
    zone = in_acme.zone
    days = [due.astimezone(zone).date() - old.received_at.astimezone(zone).date()
            for due in (old.acknowledge_due_at, old.answer_due_at, old.close_due_at)]  # fmt: skip
    assert [each.days for each in days] == [2, 10, 30]


def test_history_that_was_closed_before_is_not_asked_about(
    in_acme: Organization, people: People, tmp_path: Path
) -> None:
    found, late = imported(tmp_path, in_acme, ("Leaks", 400, 390), ("Rattles", 700, 300), ("Hums", 1, None))
    assert (found.denominator, late) == (1, set())
