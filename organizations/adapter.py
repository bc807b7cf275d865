"""The adapter that fits allauth's log-in to this application."""

from __future__ import annotations

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse

from organizations import log_in_limits, security_log

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """An adapter that lets nobody sign up by themselves, and counts attempts to log in over all processes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_password_reset_mail(self, user: AbstractBaseUser, email: str, context: dict[str, Any]) -> None:
        """Send the link to a new password to a confirmed address only.

        One that waits to be confirmed is nobody's yet.
        """
        if EmailAddress.objects.filter(user_id=user.pk, email=email.lower(), verified=True).exists():
            super().send_password_reset_mail(user, email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; where it can't be, the log says so and what was done stays done.

        Links in these mails let their reader in, so that they aren't kept anywhere to be sent later: the person asks for
        another one.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, smtplib.SMTPException):
            log.exception("The mail “%s” couldn't be sent.", template_prefix)

    def get_client_ip(self, request: HttpRequest) -> str:
        found = log_in_limits.client_address(request)
        return found if found != log_in_limits.UNKNOWN else "0.0.0.0"  # an address that nobody has (RFC 1122)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = log_in_limits.begin(request, credentials.get("email") or "")
        if self._attempt is None:
            security_log.record("log-in refused", request=request, reason="too many attempts")
            raise self.validation_error("too_many_login_attempts")

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user is not None:
            log_in_limits.forget([self._attempt])
        return user

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        log_in_limits.remember(request, response, user.email)
        return response
