"""How often somebody may try to log in: counted by account and by network, over all processes, in the database.

A device that has logged in to an account before has a count of its own, so that strangers who guess never keep the person
out who is guessed at. A passkey is nothing to guess, and isn't counted.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import ClassVar

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from organizations import clock

WINDOW = timedelta(minutes=15)
#: Failures in that time: of an account from devices that it doesn't know, of one that it knows, and of a network.
MOST_OF_ACCOUNT, MOST_OF_DEVICE, MOST_OF_NETWORK = 10, 10, 50
#: A person has at most so many accounts on one device.
MOST_ACCOUNTS = 10
#: What a browser's network is called that can't be told.
UNKNOWN = "unknown"
COOKIE, SALT, YEAR = "cf_device", "organizations.device", 365 * 24 * 3600


class LogInAttempt(models.Model):
    """An attempt to log in that failed, or whose outcome isn't known yet.

    Whom and where from are digests under the installation's key: they can be counted, not read.
    """

    counted: ClassVar[tuple[str, ...]] = ("account", "network")

    account = models.CharField(max_length=64, editable=False)
    network = models.CharField(max_length=64, editable=False, blank=True)
    at = models.DateTimeField(editable=False, db_index=True)

    class Meta:
        app_label = "organizations"
        indexes = (
            models.Index(fields=("account", "at"), name="log_in_attempt_of_account"),
            models.Index(fields=("network", "at"), name="log_in_attempt_of_network"),
        )

    def __str__(self) -> str:
        return f"{self.at}"


def begin(request: HttpRequest, login: str) -> LogInAttempt | None:
    """Count an attempt before its outcome is known, so that many at once are counted as well.

    Returns:
        The attempt, to be forgotten where it succeeds; None where there were too many.
    """
    now, account, known = clock.present(), digest("account", login.casefold()), device(request, login)
    LogInAttempt.objects.filter(at__lt=now - WINDOW).delete()
    network = "" if known else digest("network", network_of(request))
    attempt = LogInAttempt.objects.create(account=known or account, network=network, at=now)
    counts = [(("account", attempt.account), MOST_OF_DEVICE if known else MOST_OF_ACCOUNT)]
    if network:
        counts.append((("network", network), MOST_OF_NETWORK))
    for (name, value), most in counts:
        if LogInAttempt.objects.filter(**{name: value}).count() > most:
            attempt.delete()  # what was refused doesn't prolong it
            return None
    return attempt


def device(request: HttpRequest, login: str) -> str:
    """Return by which count a device is held that has logged in to the account before, or nothing."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated and user.email.casefold() == login.casefold():
        return digest("session", str(user.pk))  # confirms who they are
    name, *accounts = _remembered(request)
    return digest("device", name, login.casefold()) if digest("account", login.casefold()) in accounts else ""


def remember(request: HttpRequest, response: HttpResponse, login: str) -> None:
    """Have a device remembered as one that has logged in to an account."""
    name, *accounts = _remembered(request)
    account = digest("account", login.casefold())
    accounts = [account, *(each for each in accounts if each != account)][:MOST_ACCOUNTS]
    response.set_signed_cookie(
        COOKIE,
        ":".join([name, *accounts]),
        salt=SALT,
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _remembered(request: HttpRequest) -> list[str]:
    """Return the name of a device, and digests of the accounts it has logged in to."""
    value = request.get_signed_cookie(COOKIE, default="", salt=SALT, max_age=YEAR) or secrets.token_hex(16)
    return str(value).split(":")


def network_of(request: HttpRequest) -> str:
    """Return the network that a request comes from: an address, or of IPv6 the half that a house gets."""
    address = client_address(request)
    try:
        return str(ip_network(f"{address}/64", strict=False)) if ip_address(address).version == 6 else address
    except ValueError:
        return UNKNOWN


def client_address(request: HttpRequest) -> str:
    """Return the address of the browser, as the trusted proxies tell it; where they don't, that of whoever asks us."""
    try:
        found = get_client_ip(request)
    except ImproperlyConfigured:  # fewer addresses than there are proxies: somebody came by another way
        found = None
    return found or request.META.get("REMOTE_ADDR") or UNKNOWN


def digest(*parts: str) -> str:
    """Return a text under which something can be counted without being told."""
    return salted_hmac("organizations.log_in", "\0".join(parts), algorithm="sha256").hexdigest()


def forget(attempts: Iterable[LogInAttempt | None]) -> None:
    """Forget attempts that succeeded."""
    LogInAttempt.objects.filter(pk__in=[each.pk for each in attempts if each is not None]).delete()
