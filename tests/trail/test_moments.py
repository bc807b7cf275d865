"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine

from organizations.models import Organization
from trail.time_travel.moments import UnreadableMoment, read_moment, written

ACME = Organization(slug="acme", name="Acme Pumps", time_zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-06-30T14:00", datetime(2026, 6, 30, 12, tzinfo=UTC)),
        ("2026-06-30 14:00:05", datetime(2026, 6, 30, 12, 0, 5, tzinfo=UTC)),
        ("2026-06-30T14:00Z", datetime(2026, 6, 30, 14, tzinfo=UTC)),
        ("2026-06-30T14:00-05:00", datetime(2026, 6, 30, 19, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, 22, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_moment_is_the_organizations_unless_it_says_its_offset(text: str, moment: datetime) -> None:
    assert read_moment(text, ACME) == moment
    assert read_moment(text, ACME).tzinfo == ACME.zone


@time_machine.travel(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), tick=False)  # 1 July in Berlin
def test_the_end_of_today_is_now() -> None:
    assert read_moment("2026-07-01", ACME) == datetime(2026, 6, 30, 22, 30, tzinfo=UTC)
    assert read_moment("2026-07-02", ACME) == datetime(2026, 7, 2, 21, 59, 59, 999999, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "now", "2026-13-01", "2026-02-30T10:00", "0001-01-01T00:00", "9999-12-31", "2026-06-30T14:00 x", "٢٠٢٦-٠٦-٣٠", "\0"]
)  # fmt: skip
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(UnreadableMoment):
        read_moment(text, ACME)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-06-30T14:00", "2026-06-30T14:00+02:00"),
        ("2026-01-30T14:00:09", "2026-01-30T14:00:09+01:00"),
        ("2026-06-30T14:00:09.000120", "2026-06-30T14:00:09.000120+02:00"),
    ],
)
def test_what_is_written_is_read_as_the_same_moment(text: str, shown: str) -> None:
    moment = read_moment(text, ACME)
    assert written(moment) == shown
    assert read_moment(shown, ACME) == moment
