"""Mails that carry signed heads out of the house.

So even whoever holds the key can't rewrite the past unseen. Each week the latest head is mailed to the people whom
the organization names: its auditor, its board. A history written anew can't contain a head that somebody outside has
kept; ``verify_trail --head`` finds it.
"""

from __future__ import annotations

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from organizations import clock
from organizations.outbox import queue_mail
from organizations.scope import current_organization
from trail.models import HeadRecipient, Seal
from trail.sealing import keys, seals


def mail_heads() -> int:
    """Mail the current organization's latest head to those who got none this week.

    Everything written until now is sealed first. Weeks are those of ISO 8601, where the organization is.

    Returns:
        How many mails were queued.
    """
    recipients = HeadRecipient.objects.current()
    if not recipients:
        return 0
    seal, organization = seals.seal(Seal.Purpose.MAIL), current_organization()
    year, week, _day = clock.present().astimezone(organization.zone).isocalendar()
    subject = _("Signed head of %(organization)s, week %(week)s of %(year)s") % {
        "organization": organization.name, "week": week, "year": year
    }  # fmt: skip
    text = render_to_string(
        "trail/mail/head.txt", {"organization": organization, "seal": seal, "fingerprint": keys.fingerprint()}
    )
    with transaction.atomic():
        # The week in the key keeps the outbox from mailing the same person twice in it.
        return sum(
            queue_mail(
                f"head:{year}-W{week:02d}:{recipient.pk}",
                to=recipient.email,
                subject=subject,
                text=text,
                attachments={"head.txt": seal.note},
            )
            for recipient in recipients
        )


def add_recipient(recipient: HeadRecipient) -> HeadRecipient:
    """Mail heads to somebody from now on."""
    recipient.save()
    return recipient


def end_recipient(recipient: HeadRecipient) -> HeadRecipient:
    """Mail somebody no more heads."""
    recipient.ended_at = clock.present()
    recipient.save()
    return recipient
