"""Signed heads leave the house: to whom, when, and with what."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.core import mail
from django.test import Client

from organizations.models import Organization
from organizations.outbox import send_waiting
from organizations.scope import in_organization
from tests.people import People
from trail.models import HeadRecipient, Seal, record_event
from trail.sealing import keys, seals, signed_notes
from trail.sealing.head_mails import mail_heads

pytestmark = pytest.mark.django_db


@pytest.fixture
def ida(in_acme: Organization) -> HeadRecipient:
    return HeadRecipient.objects.create(name="Ida Auditor", email="ida@certifiers.example")  # type: ignore[no-any-return]


def test_a_head_is_mailed_once_a_week(ida: HeadRecipient) -> None:
    with time_machine.travel("2026-11-25T10:00:00Z", tick=False) as clock:
        assert [mail_heads(), mail_heads()] == [1, 0]
        clock.move_to("2026-11-29T10:00:00Z")
        assert mail_heads() == 0
        clock.move_to("2026-11-30T10:00:00Z")  # Monday
        record_event("looked")
        assert mail_heads() == 1


def test_the_mail_carries_the_signed_head_and_the_fingerprint(ida: HeadRecipient) -> None:
    record_event("looked")
    mail_heads()
    send_waiting()
    (sent,) = mail.outbox
    seal = Seal.objects.get()
    ((name, note, _kind),) = sent.attachments
    assert (name, note) == ("head.txt", seal.note)
    assert signed_notes.verify(str(note), keys.public_keys()).root == seal.root
    assert seal.note in sent.body
    assert keys.fingerprint() in sent.body
    assert seal.purpose == Seal.Purpose.MAIL


def test_everything_written_until_now_is_in_the_mailed_head(ida: HeadRecipient) -> None:
    seals.seal()
    event = record_event("looked")
    mail_heads()
    assert seals.proof(type(event), event.pk) is not None


def test_where_nobody_is_named_nothing_is_sealed_or_mailed(in_acme: Organization) -> None:
    assert mail_heads() == 0
    assert not Seal.objects.exists()


def test_an_administrator_names_people_and_lets_it_end(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.administrator)
    page = "/o/acme/settings/heads/"
    sent = {"name": "Ida Auditor", "email": "Ida@Certifiers.example"}
    assert browser.post(page, sent).status_code == 302
    shown = browser.get(page).content.decode()
    assert "ida@certifiers.example" in shown
    assert keys.fingerprint() in shown
    again = browser.post(page, sent)
    assert "This address gets them already." in again.content.decode()
    with in_organization(acme):
        (recipient,) = HeadRecipient.objects.current()
    assert browser.post(f"{page}{recipient.pk}/end/").status_code == 302
    assert browser.post(f"{page}{recipient.pk}/end/").status_code == 404
    assert "ida@certifiers.example" not in browser.get(page).content.decode()
    with in_organization(acme):
        assert recipient.history.count() == 2
        assert mail_heads() == 0
    assert browser.post(page, sent).status_code == 302  # may be named again
