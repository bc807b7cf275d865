"""The last day of a period, of a decision, of the time to sign: what holds on it, and what from the next day on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.test import Client

from actions.models import Action
from clauses.assertion import Counts, Period, Result
from clauses.evaluation import ask
from organizations.models import Organization, Targets, User
from reviews.assertions import judge_signatures
from reviews.models import GapDecision, Method, SignOff
from reviews.sign_off import authentication
from reviews.sign_off.services import withdraw
from reviews.sign_off.state import State, state_of
from tests.reviews.conftest import Sign
from tests.support.sign_off import confirmed

LAST = date(2026, 9, 30)
QUARTER = Period(date(2026, 7, 1), LAST)


@pytest.mark.parametrize(("moment", "interim"), [("2026-09-30 12:00", True), ("2026-10-01 00:30", False)])
def test_on_its_last_day_the_page_offers_to_sign_a_period_as_interim_only(
    moment: str, interim: bool, in_acme: Organization, director: User, client_of: Any
) -> None:
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=in_acme.zone), tick=False):
        browser: Client = client_of(director)
        page = browser.get("/o/acme/sign-offs/new/?period=2026-Q3").content.decode()
    assert ('name="interim"' in page) == interim


def test_a_period_whose_first_day_it_is_can_be_looked_at_to_sign(
    in_acme: Organization, director: User, client_of: Any
) -> None:
    with time_machine.travel(datetime(2026, 10, 1, 9, tzinfo=in_acme.zone), tick=False):
        browser: Client = client_of(director)
        assert "October" in browser.get("/o/acme/sign-offs/new/?period=2026-Q4").content.decode()
        assert "October" not in browser.get("/o/acme/sign-offs/new/?period=2027-Q1").content.decode()


@pytest.mark.parametrize(("day", "result"), [(30, Result.ATTENTION), (31, Result.NO_EVIDENCE)])
def test_until_the_last_of_the_days_to_sign_a_signature_is_only_to_come(
    day: int, result: Result, in_acme: Organization
) -> None:
    """Thirty days after 30 September are 30 October."""
    question = ask(Period(date(2026, 10, 1), date(2026, 12, 31)), datetime(2026, 10, day, 9, tzinfo=in_acme.zone))
    assert question.targets.sign_off_days == 30
    assert judge_signatures(question, Counts(0, 0, 0), lambda: None).result == result


@pytest.mark.parametrize(
    ("signed", "missing", "is_signed_off"), [(0, 2, False), (1, 1, False), (2, 0, True), (3, 0, True)]
)
def test_a_period_is_signed_off_when_as_many_signed_as_have_to(signed: int, missing: int, is_signed_off: bool) -> None:
    state = State(QUARTER, 2, (SignOff(),) * signed, (), interim=False)
    assert (state.missing, state.is_signed_off) == (missing, is_signed_off)
    assert not State(QUARTER, 2, (SignOff(),) * signed, (), interim=True).is_signed_off


def test_a_signature_stands_from_its_moment_on_until_it_is_withdrawn(sign: Sign, director: User) -> None:
    signed = sign()
    taken_back = withdraw(signed, by=director, authentication=confirmed(director), reason="Wrong figures.")
    instant = timedelta(microseconds=1)

    def stands(moment: datetime) -> bool:
        return SignOff.objects.standing(moment).exists()

    assert [stands(signed.signed_at - instant), stands(signed.signed_at)] == [False, True]
    assert [stands(taken_back.signed_at - instant), stands(taken_back.signed_at)] == [True, False]


@pytest.mark.parametrize(
    ("until", "holds"),
    [(LAST, True), (LAST - timedelta(days=1), False), (LAST + timedelta(days=1), True), (None, True)],
)
def test_a_decision_holds_up_to_its_last_day(until: date | None, holds: bool) -> None:
    assert GapDecision(kind="accept", until=until).runs_on(LAST) == holds


@pytest.mark.parametrize(
    ("status", "holds"), [("planned", True), ("under_way", True), ("done", False), ("cancelled", False)]
)
def test_a_treatment_holds_as_long_as_its_action_is_open(status: str, holds: bool) -> None:
    assert GapDecision(kind="treat", action=Action(status=status), until=LAST).runs_on(LAST) == holds


@pytest.mark.parametrize(
    ("kind", "exceptions", "legal", "covers"),
    [
        ("accept", 3, False, True),
        ("accept", 4, False, False),
        ("accept", 3, True, False),
        ("not_relevant", 2, False, True),
        ("treat", 4, True, True),
    ],
)
def test_what_was_accepted_covers_no_more_than_was_seen_and_nothing_that_a_law_asks(
    kind: str, exceptions: int, legal: bool, covers: bool
) -> None:
    assert GapDecision(kind=kind, exceptions=3).covers(exceptions, legal=legal) == covers


@pytest.mark.parametrize(
    ("record", "method"),
    [
        ({"method": "password"}, Method.PASSWORD),
        ({"method": "mfa", "type": "webauthn"}, Method.PASSKEY),
        ({"method": "mfa", "type": "totp"}, None),
        ({"method": "socialaccount", "type": "webauthn"}, None),
    ],
)
def test_a_password_or_passkey_given_again_confirms_who_signs_and_nothing_else_does(
    record: dict[str, str], method: Method | None, director: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    request: Any = SimpleNamespace(user=director)
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    for again, found in ((True, method and (method, at)), (False, None)):
        records = [record | {"at": at.timestamp(), "reauthenticated": again}]
        monkeypatch.setattr(authentication, "get_authentication_records", lambda *_, given=records: given)
        latest = authentication.latest(request)
        assert (latest and (latest.method, latest.at)) == found


def test_an_interim_signature_is_none_of_those_that_count_as_final(sign: Sign, this_quarter: Period) -> None:
    final = sign()
    sign(this_quarter, interim=True)
    assert list(SignOff.objects.final()) == [final]


def test_as_many_have_to_sign_as_the_targets_of_the_periods_own_time_say(in_acme: Organization) -> None:
    found = Targets.objects.get()
    found.signers_required = 1
    found.save()
    Targets(effective_from=LAST + timedelta(days=1), signers_required=2).save()
    with time_machine.travel(datetime(2026, 12, 1, 9, tzinfo=in_acme.zone), tick=False):
        assert state_of(QUARTER).required == 1
        assert state_of(Period(date(2026, 10, 1), date(2026, 12, 31))).required == 2
