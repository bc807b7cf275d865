"""Who is at the keyboard: a password or passkey given anew before a signature.

At most five minutes may lie between the two (21 CFR 11.200).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext as _

from organizations import clock
from organizations.models import User
from organizations.request import OrganizationRequest
from reviews.models import Method, SignOff, Withdrawal

#: Older ones sign nothing.
MOST = timedelta(minutes=5)


class Stale(ValidationError):
    """Nobody confirmed who they are in the last five minutes."""

    def __init__(self) -> None:
        super().__init__(
            _("Confirm that it is you: a signature needs your password or passkey, at most five minutes old.")
        )


@dataclass(frozen=True)
class Authentication:
    """A person showed who they are while they were logged in."""

    user: User
    method: Method
    at: datetime

    def check(self, by: User) -> None:
        """Refuse one that isn't this person's, isn't recent, or has signed something already.

        It is asked inside the transaction that signs, which holds the person's row until it ends: of two acts with one
        confirmation at the same time the second finds the first.

        Raises:
            Stale: it is somebody else's, too old, from the future, or used.
        """
        if self.user.pk != by.pk or not timedelta(0) <= clock.present() - self.at <= MOST:
            raise Stale
        User.objects.select_for_update().get(pk=by.pk)
        if any(self._signed(kind) for kind in (SignOff, Withdrawal)):
            raise Stale

    def _signed(self, kind: Any) -> bool:
        """Return whether an act of a kind was signed with this very confirmation."""
        since = kind.objects.filter(signer=self.user, signed_at__gte=self.at)
        return any(datetime.fromisoformat(act.content["authentication"]["at"]) == self.at for act in since)

    @property
    def is_recent(self) -> bool:
        """Whether it can still sign."""
        return clock.present() - self.at <= MOST


def latest(request: OrganizationRequest) -> Authentication | None:
    """Return the last time the person behind the request confirmed who they are; None if never.

    By password or passkey. Logging in doesn't count: a signature is a decision of its own. One-time and recovery codes
    don't either.
    """
    records = get_authentication_records(request, request.user)
    given = [
        (record["at"], method) for record in records if record.get("reauthenticated") and (method := _method(record))
    ]
    if not given:
        return None
    at, method = max(given)
    return Authentication(request.user, method, datetime.fromtimestamp(at, UTC))


def _method(record: dict[str, Any]) -> Method | None:
    if record.get("method") == "password":
        return Method.PASSWORD
    is_passkey = record.get("method") == "mfa" and record.get("type") == Authenticator.Type.WEBAUTHN
    return Method.PASSKEY if is_passkey else None


def ways(user: User, then: str) -> list[dict[str, str]]:
    """Return the pages on which a person can confirm who they are, passkey first.

    Each leads on to ``then``.
    """
    found = []
    if Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists():
        found.append((Method.PASSKEY, _("Confirm with passkey and sign"), "mfa_reauthenticate_webauthn"))
    if user.has_usable_password():
        label = _("Use the password instead") if found else _("Confirm with password and sign")
        found.append((Method.PASSWORD, label, "account_reauthenticate"))
    return [
        {"method": method.value, "label": label, "url": f"{reverse(page)}?{urlencode({'next': then})}"}
        for method, label, page in found
    ]
