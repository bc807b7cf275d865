"""A person's address: it counts once it is confirmed, the old one is told, it is nobody else's, and never empty."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.mail import EmailMessage
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from organizations.models import User
from tests.people import PASSWORD, People

pytestmark = pytest.mark.django_db

ADDRESS = "/accounts/email/"
NEW = "new.address@acme.example"


def log_in(person: User) -> Client:
    """A browser in which a person has signed in, and given the password again."""
    browser = Client()
    assert browser.post("/accounts/login/", {"login": person.email, "password": PASSWORD}).status_code == 302
    assert browser.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return browser


def change(browser: Client, to: str) -> Any:
    return browser.post(ADDRESS, {"email": to, "action_add": ""})


def link_to(address: str) -> str:
    """The path of the link that was mailed to an address last."""
    text = next(each.body for each in reversed(mail.outbox) if each.to == [address])
    found = re.search(r"https?://[^/\s]+(/accounts/confirm-email/\S+)", str(text))
    assert found
    return found[1]


def signed_in_as(address: str) -> bool:
    browser = Client()
    browser.post("/accounts/login/", {"login": address, "password": PASSWORD})
    return "_auth_user_id" in browser.session


def address_of(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_a_changed_address_counts_once_it_is_confirmed_and_the_old_one_is_told(people: People) -> None:
    person = people.contributor
    old, browser = person.email, log_in(person)
    assert change(browser, NEW).status_code == 302
    assert address_of(person) == old
    assert not signed_in_as(NEW)
    browser.post(link_to(NEW))
    assert address_of(person) == NEW
    assert list(EmailAddress.objects.filter(user=person).values_list("email", "verified", "primary")) == [
        (NEW, True, True)
    ]
    assert (signed_in_as(NEW), signed_in_as(old)) == (True, False)
    told = [each for each in mail.outbox if each.to == [old]]
    assert [f"from {old} to {NEW}" in str(each.body) for each in told] == [True]


def test_a_password_is_not_reset_by_an_address_that_was_never_confirmed(people: People) -> None:
    change(log_in(people.contributor), NEW)
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": NEW})
    assert "/password/reset/key/" not in "".join(str(each.body) for each in mail.outbox)


def test_opening_the_link_without_pressing_anything_changes_nothing(people: People) -> None:
    browser = log_in(people.contributor)
    change(browser, NEW)
    Client().get(link_to(NEW))  # as scanners of mails do
    assert address_of(people.contributor) == people.contributor.email


def test_who_signed_in_a_while_ago_gives_the_password_before_the_address_changes(people: People) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=10)):
        browser = log_in(people.contributor)
    sent = change(browser, NEW)
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not EmailAddress.objects.filter(email=NEW).exists()


def test_an_address_that_two_ask_for_becomes_the_first_ones_who_confirms(people: People) -> None:
    one, other = log_in(people.contributor), log_in(people.auditor)
    change(one, NEW)
    first = link_to(NEW)
    change(other, NEW)
    second = link_to(NEW)
    one.post(first)
    assert other.post(second).status_code < 500
    assert (address_of(people.contributor), address_of(people.auditor)) == (NEW, people.auditor.email)


def test_somebody_elses_address_is_not_taken_even_if_they_follow_the_link(people: People) -> None:
    browser, own = log_in(people.contributor), people.auditor.email
    change(browser, own)
    for who in (log_in(people.auditor), browser):
        who.post(link_to(own))
    assert (address_of(people.contributor), address_of(people.auditor)) == (people.contributor.email, own)
    assert list(EmailAddress.objects.filter(email=own, verified=True).values_list("user_id", flat=True)) == [
        people.auditor.pk
    ]


def test_an_address_is_never_empty(people: People) -> None:
    person = people.contributor
    browser = log_in(person)
    for action in ("action_remove", "action_primary", "action_send", "action_add"):
        browser.post(ADDRESS, {"email": person.email, action: ""})
        assert address_of(person) == person.email
    change(browser, NEW)
    browser.post(ADDRESS, {"email": NEW, "action_remove": ""})
    assert address_of(person) == person.email
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(email="")


def test_a_person_who_was_entered_has_a_confirmed_address_of_their_own() -> None:
    person = User.objects.create_user("Somebody@Acme.example")
    person.save()
    assert list(EmailAddress.objects.filter(user=person).values_list("email", "verified", "primary")) == [
        ("somebody@acme.example", True, True)
    ]


def test_a_password_for_an_unknown_address_offers_no_sign_up(db: None) -> None:
    Client().post("/accounts/password/reset/", {"email": "nobody@acme.example"})
    (sent,) = mail.outbox
    assert "by invitation" in str(sent.body)
    assert "signup" not in str(sent.body)
    assert "sign up" not in str(sent.body).lower()


def test_a_mail_server_that_is_away_stops_nobody(people: People, caplog: pytest.LogCaptureFixture) -> None:
    browser = log_in(people.contributor)
    with patch.object(EmailMessage, "send", side_effect=ConnectionRefusedError):
        assert change(browser, NEW).status_code == 302
        assert Client().post("/accounts/password/reset/", {"email": people.auditor.email}).status_code == 302
    assert "couldn't be sent" in caplog.text


@pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/2fa/"])
def test_pages_of_the_account_are_there(path: str, people: People, client_of: Callable[..., Client]) -> None:
    assert client_of(people.contributor).get(path).status_code == 200
