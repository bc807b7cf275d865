"""Mails that tell a fact once, whatever happens in between."""

from __future__ import annotations

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import transaction

from organizations.models import Mail, Organization
from organizations.outbox import queue_mail, send_waiting
from organizations.scope import in_organization
from organizations.tasks import send_waiting_mails

pytestmark = pytest.mark.django_db


def queue(key: str = "fact", to: str = "ida@certifiers.example") -> bool:
    return queue_mail(key, to=to, subject="Something\nchanged", text="Look at it.", attachments={"head.txt": "— head"})


def test_a_mail_is_sent_once(in_acme: Organization) -> None:
    assert queue()
    send_waiting()
    send_waiting()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ida@certifiers.example"], "Something changed", "Look at it.")
    assert sent.attachments == [("head.txt", "— head", "text/plain")]
    row = Mail.objects.get()
    assert row.sent_at is not None
    assert row.attempts == 1


def test_the_same_fact_is_not_told_twice(in_acme: Organization) -> None:
    assert [queue(), queue(), queue("another")] == [True, False, True]
    assert Mail.objects.count() == 2


def test_what_did_not_happen_is_not_told(in_acme: Organization) -> None:
    with transaction.atomic():
        queue()
        transaction.set_rollback(True)
    send_waiting()
    assert mail.outbox == []


@pytest.mark.parametrize("error", [OSError("no route"), smtplib.SMTPRecipientsRefused({}), ConnectionRefusedError(111, "refused")])  # fmt: skip
def test_a_failure_is_kept_and_tried_again(in_acme: Organization, monkeypatch: Any, error: Exception) -> None:
    queue()
    queue("another")

    def fail(*_: Any) -> int:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(EmailBackend, "send_messages", fail)
        send_waiting()
    assert [(row.attempts, row.sent_at, bool(row.failure)) for row in Mail.objects.all()] == [(1, None, True)] * 2
    send_waiting()
    assert [(row.attempts, bool(row.sent_at), row.failure) for row in Mail.objects.all()] == [(2, True, "")] * 2
    assert len(mail.outbox) == 2


def test_it_is_given_up_some_day(in_acme: Organization, settings: Any, monkeypatch: Any) -> None:
    settings.MAIL_ATTEMPTS = 2
    queue(to="not an address\nBcc: x@example.com")
    for _ in range(3):
        send_waiting()
    row = Mail.objects.get()
    assert (row.attempts, row.sent_at) == (2, None)
    assert mail.outbox == []


def test_an_organization_sends_its_own(acme: Organization, other: Organization) -> None:
    with in_organization(acme):
        queue()
    send_waiting_mails(other.pk)
    assert mail.outbox == []
    send_waiting_mails(acme.pk)
    assert len(mail.outbox) == 1
