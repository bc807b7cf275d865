"""Days that rows' own intervals decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from requirements_registry.intervals import due, twelve_months
from requirements_registry.models import Requirement


@pytest.mark.parametrize(
    ("last", "own", "expected"),
    [
        (date(2024, 2, 28), 2, date(2024, 3, 1)),
        (date(2023, 12, 31), 1, date(2024, 1, 1)),
        (date(2026, 1, 1), None, date(2027, 1, 1)),
        (None, 5, None),
    ],
)
def test_the_database_adds_days_to_a_date(
    make_requirement: Callable[..., Requirement], last: date | None, own: int | None, expected: date | None
) -> None:
    row = make_requirement(last_reviewed_on=last, review_days=own)
    assert (
        Requirement.objects.annotate(again=due("last_reviewed_on", "review_days", 365)).get(pk=row.pk).again == expected
    )


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 9, 30), date(2025, 10, 1)),
        (date(2024, 2, 29), date(2023, 3, 1)),
        (date(2025, 2, 28), date(2024, 2, 29)),
        (date(2026, 1, 1), date(2025, 1, 2)),
    ],
)
def test_twelve_months_end_on_the_day(day: date, first: date) -> None:
    assert twelve_months(day) == (first, day)


@given(st.dates(min_value=date(1901, 1, 1)))
def test_twelve_months_are_a_year_long(day: date) -> None:
    first, last = twelve_months(day)
    assert (last - first + timedelta(days=1)).days in (365, 366)


def test_an_interval_of_a_hundred_years_stays_a_date(make_requirement: Callable[..., Requirement], house: Any) -> None:
    row = make_requirement(last_reviewed_on=house.today, review_days=36_500)
    found = Requirement.objects.annotate(again=due("last_reviewed_on", "review_days", 365)).get(pk=row.pk)
    assert found.again == house.today + timedelta(days=36_500)
