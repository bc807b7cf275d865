"""The outbox: mails that tell a fact once, whatever happens before they are sent.

A mail is queued in the transaction that makes the fact true, so there is never one without the other::

    queue_mail(f"sign-off-changed:{sign_off.pk}:{position}", to=user.email, subject=…, text=…)

Within a minute of the commit a worker sends it (``organizations.tasks.send_every_waiting_mail``, by beat). A failure is
kept beside it and tried again, `MAIL_ATTEMPTS` times.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping

from django.core.mail import EmailMessage
from django.db import transaction

from organizations import clock
from organizations.models import Mail
from organizations.scope import current_organization


def queue_mail(key: str, *, to: str, subject: str, text: str, attachments: Mapping[str, str] | None = None) -> bool:
    """Have a mail sent after the running transaction, once for each key.

    Args:
        key: says what the mail tells and whom; the same fact told to the same person has the same key.
        to: one mail address.
        subject: becomes one line.
        text: plain text.
        attachments: text files by their names.

    Returns:
        Whether it was queued now.
    """
    values = {
        "to": to,
        "subject": " ".join(subject.split())[:200],
        "text": text,
        "attachments": dict(attachments or {}),
    }
    _mail, is_new = Mail.objects.get_or_create(organization=current_organization(), key=key, defaults=values)
    return is_new


def send_waiting() -> None:
    """Send the current organization's waiting mails, each in a transaction of its own."""
    for key in list(Mail.objects.waiting().order_by("queued_at", "pk").values_list("pk", flat=True)):
        _send(key)


@transaction.atomic
def _send(key: int) -> None:
    """Send a mail unless somebody else sends it now, or did."""
    mail = Mail.objects.waiting().select_for_update(skip_locked=True).filter(pk=key).first()
    if mail is None:
        return
    message = EmailMessage(mail.subject, mail.text, None, [mail.to])
    for name, content in mail.attachments.items():
        message.attach(name, content, "text/plain")
    mail.attempts += 1
    try:
        message.send()
    except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: what no header of a mail can carry
        mail.failure = str(error)[:300]
    else:
        mail.sent_at, mail.failure = clock.present(), ""
    mail.save(update_fields=["attempts", "sent_at", "failure"])
