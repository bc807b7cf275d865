"""Mails that invite people."""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import Invitation

SALT = "organizations.invitation"


def invitation_link(invitation: Invitation) -> str:
    """Return the address that a person who was invited opens.

    It is signed, so nothing secret is stored.
    """
    return f"{settings.BASE_URL}/invitations/{signing.dumps(invitation.pk, salt=SALT)}/"


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
