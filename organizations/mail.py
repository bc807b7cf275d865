"""Mails that invite people."""

from __future__ import annotations

import smtplib
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Invitation
from organizations.scope import current_organization

SALT = "organizations.invitation"


def invitation_link(invitation: Invitation) -> str:
    """Return the address that a person who was invited opens.

    It is signed, so nothing secret is stored.
    """
    return f"{settings.BASE_URL}/invitations/{signing.dumps(invitation.pk, salt=SALT)}/"


def send_waiting_invitations() -> None:
    """Mail the current organization's invitations that no worker was told of: the queue was away, or lost its message."""
    made_before = clock.present() - timedelta(minutes=1)
    waiting = Invitation.objects.filter(
        organization=current_organization(), sent_at=None, failure="", accepted_at=None, withdrawn_at=None,
        invited_at__lt=made_before,
    )  # fmt: skip
    for key in list(waiting.values_list("pk", flat=True)):
        send_invitation(key)


@transaction.atomic
def send_invitation(invitation_id: int) -> None:
    """Mail an invitation unless it was mailed before.

    A failure is kept on the row, to be seen and tried again.
    """
    invitation = (
        Invitation.objects.select_for_update().select_related("organization", "invited_by").get(pk=invitation_id)
    )
    if invitation.sent_at:
        return
    text = render_to_string(
        "organizations/mail/invitation.txt",
        {"invitation": invitation, "link": invitation_link(invitation), "days": settings.INVITATION_DAYS},
    )
    # One line: a line break in a name could begin another header.
    subject = _("%(organization)s invites you to Customer Focus") % {
        "organization": " ".join(invitation.organization.name.split())
    }
    try:
        send_mail(subject, text, None, [invitation.email])
    except (OSError, smtplib.SMTPException) as error:
        invitation.failure = str(error)[:300]
    else:
        invitation.sent_at, invitation.failure = clock.now(), ""
    invitation.save(update_fields=["sent_at", "failure"])
