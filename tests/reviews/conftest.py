"""Acme with something to sign: gaps in the last quarter, two people of top management, and their confirmations."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client

from clauses import periods
from clauses.assertion import Period
from organizations import clock
from organizations.models import Membership, Organization, User
from organizations.roles import Role
from reviews.models import SignOff
from tests.people import PASSWORD, People
from tests.support.sign_off import signed_off

Sign = Callable[..., SignOff]


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is kept for later pages: inside a test's transaction the position that tells what is out of date stands still."""
    for module in ("reviews.sign_off.snapshot", "reviews.sign_off.changes"):
        monkeypatch.setattr(f"{module}.FRESH", 0)


@pytest.fixture(autouse=True)
def _every_write_has_its_own_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in transactions of their own; the one around a test would date what was signed and what came after it alike."""
    monkeypatch.setattr("trail.history.written_at", clock.now)


@pytest.fixture
def last_quarter(in_acme: Organization) -> Period:
    """The last period that is over."""
    return periods.quarters(in_acme.today())[1]


@pytest.fixture
def this_quarter(in_acme: Organization) -> Period:
    """The period that isn't over."""
    return periods.quarter_of(in_acme.today())


@pytest.fixture
def director(people: People) -> User:
    """Managing director."""
    return people.top_management


@pytest.fixture
def chair(acme: Organization, people: People) -> User:
    """A second person of top management."""
    user = User.objects.create_user("chair@acme.example", PASSWORD, name="Carla Chair")
    Membership.objects.create(
        organization=acme, user=user, role=Role.TOP_MANAGEMENT, job_title="Chair", valid_from=date(2020, 1, 1)
    )
    return user


@pytest.fixture
def sign(director: User, last_quarter: Period) -> Sign:
    """A function that signs a period as a person, everything accepted unless said otherwise."""

    return lambda period=None, by=None, **given: signed_off(by or director, period or last_quarter, **given)


def confirm(client: Client, page: str = "", password: str = PASSWORD) -> None:
    """Give one's password again, as ``page`` has asked for it just now; of no page: for nothing in particular."""
    if page:
        session = client.session
        session["confirming"] = page, time.time()
        session.save()
    answer = client.post("/accounts/reauthenticate/", {"password": password})
    assert answer.status_code == 302
