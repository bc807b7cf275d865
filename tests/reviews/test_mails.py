"""Mails to signers: each change once, at most one a day, to whom it concerns."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from django.core import mail as post
from django.utils import timezone

from actions.models import Action
from clauses.assertion import Period
from organizations.models import Mail, Membership, Organization, User
from organizations.outbox import send_waiting
from reviews.models import Told
from reviews.sign_off.changes import changes_since
from reviews.sign_off.mail import ROWS, tell_signers
from reviews.sign_off.services import withdraw
from reviews.sign_off.statement import Decision, NewAction
from tests.reviews.conftest import Sign
from tests.support.factories import make
from tests.support.sign_off import confirmed

pytestmark = pytest.mark.usefixtures("in_acme")


def tomorrow(days: int = 1) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(days=days), tick=True)


def test_a_change_is_told_once_and_the_next_one_a_day_later(sign: Sign) -> None:
    sign()
    make(Action, title="First")
    assert tell_signers() == 1
    make(Action, title="Second")
    assert tell_signers() == 0
    with tomorrow():
        assert tell_signers() == 1
        text = Mail.objects.latest("pk").text
        assert "First" not in text and "Second" in text
    with tomorrow(2):
        assert tell_signers() == 0


def test_nothing_changed_so_nothing_is_mailed(sign: Sign) -> None:
    sign()
    assert tell_signers() == 0
    assert not Told.objects.exists()


def test_an_action_that_was_decided_on_while_signing_is_no_change(sign: Sign, director: User) -> None:
    action = NewAction("Measure", director, date.today() + timedelta(days=9))
    sign(decisions={"a1": Decision("a1", action=action)})
    assert tell_signers() == 0
    assert Told.objects.count() == 1, "What was looked at isn't looked at again."


def test_a_mail_leads_to_the_changes_and_is_sent(sign: Sign, director: User, acme: Organization) -> None:
    signed = sign()
    make(Action, title="Ask & answer")
    tell_signers()
    send_waiting()
    (message,) = post.outbox
    assert message.to == [director.email] and "changes behind it" in message.subject
    assert f"/o/acme/sign-offs/{signed.reference}/#changes" in message.body
    assert "ACT-0001 Ask & answer" in message.body


def test_many_rows_are_counted_beyond_those_that_are_named(sign: Sign) -> None:
    signed = sign()
    for number in range(ROWS + 2):
        make(Action, title=f"Action {number}")
    beyond = changes_since(signed).total - ROWS
    tell_signers()
    assert beyond >= 2 and f"{beyond} earlier changes are on the page" in Mail.objects.get().text


def test_who_withdrew_is_not_told(sign: Sign, director: User) -> None:
    withdraw(sign(), by=director, authentication=confirmed(director), reason="Wrong.")
    make(Action, title="After it")
    assert tell_signers() == 0


def test_who_left_is_not_told(sign: Sign, director: User) -> None:
    sign()
    make(Action, title="After it")
    membership = Membership.objects.get(user=director)
    membership.valid_until = date.today() - timedelta(days=1)
    membership.save()
    assert tell_signers() == 0


def test_who_signed_a_later_period_is_told_of_that_one_only(sign: Sign, last_quarter: Period) -> None:
    earlier = Period(last_quarter.first - timedelta(days=90), last_quarter.first - timedelta(days=1))
    sign(earlier)
    latest = sign()
    make(Action, title="After both")
    assert tell_signers() == 1
    assert latest.reference in Mail.objects.get().text
