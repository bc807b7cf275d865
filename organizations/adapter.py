"""The adapter that fits allauth's log-in to this application."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest, HttpResponse

from organizations import log_in_limits


class AccountAdapter(DefaultAccountAdapter):
    """An adapter that lets nobody sign up by themselves, and counts attempts to log in over all processes."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return log_in_limits.client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        self._attempt = log_in_limits.begin(request, credentials.get("email") or "")
        if self._attempt is None:
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
