"""What is written into the security log, by the signals that tell of it. Connected in ``OrganizationsConfig.ready``."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth
from django.db.models.signals import post_delete, post_save

from organizations.models import Invitation, Membership, User
from organizations.security_log import record


def connect() -> None:
    """Have the log written."""
    auth.user_logged_in.connect(_logged_in)
    auth.user_logged_out.connect(_logged_out)
    auth.user_login_failed.connect(_failed)
    for signal, kind in (
        (account.password_set, "password set"),
        (account.password_changed, "password changed"),
        (account.password_reset, "password reset"),
    ):
        signal.connect(_about(kind), weak=False)
    account.email_added.connect(_address_asked_for)
    account.email_changed.connect(_address_changed)
    for signal, kind in (
        (mfa.authenticator_added, "second factor added"),
        (mfa.authenticator_removed, "second factor removed"),
        (mfa.authenticator_reset, "second factor renewed"),
    ):
        signal.connect(_about(kind), weak=False)
    post_delete.connect(_session_ended, sender=UserSession)
    post_save.connect(_role_changed, sender=Membership)
    post_save.connect(_invited, sender=Invitation)


def _logged_in(sender: Any, request: Any, user: User, **_: Any) -> None:
    record("log-in", request=request, person=user)


def _logged_out(sender: Any, request: Any, user: User | None, **_: Any) -> None:
    if user is not None:
        record("log-out", request=request, person=user)


def _failed(sender: Any, credentials: dict[str, Any], request: Any = None, **_: Any) -> None:
    # What was typed as an address may be a password: it is told only where it is the address of an account.
    typed = str(credentials.get("email") or credentials.get("username") or "").lower()
    person = User.objects.filter(email=typed).first() if "\0" not in typed else None
    record("log-in failed", request=request, person=person)


def _about(kind: str) -> Any:
    def write(sender: Any, request: Any, user: User, authenticator: Any = None, **_: Any) -> None:
        details = {"factor": authenticator.type} if authenticator else {}
        record(kind, request=request, person=user, **details)

    return write


def _address_asked_for(sender: Any, request: Any, user: User, email_address: Any, **_: Any) -> None:
    record("address to be confirmed", request=request, person=user, to=email_address.email)


def _address_changed(
    sender: Any, request: Any, user: User, from_email_address: Any, to_email_address: Any, **_: Any
) -> None:
    before = from_email_address.email if from_email_address else ""
    record("address changed", request=request, person=user, before=before, to=to_email_address.email)


def _session_ended(sender: Any, instance: UserSession, **_: Any) -> None:
    record("session ended", person=User.objects.filter(pk=instance.user_id).first())


def _role_changed(sender: Any, instance: Membership, created: bool = False, raw: bool = False, **_: Any) -> None:
    if raw:
        return
    record(
        "role given" if created else "role changed",
        person=instance.user,
        organization=instance.organization.slug,
        role=instance.role,
        valid_from=instance.valid_from.isoformat(),
        valid_until=instance.valid_until and instance.valid_until.isoformat(),
        ended_at=instance.ended_at and instance.ended_at.isoformat(),
    )


def _invited(sender: Any, instance: Invitation, created: bool = False, raw: bool = False, **_: Any) -> None:
    if created and not raw:
        by = instance.invited_by and instance.invited_by.email
        record("invited", organization=instance.organization.slug, role=instance.role, address=instance.email, by=by)
