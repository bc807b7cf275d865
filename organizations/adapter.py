"""The adapter that fits allauth's log-in to this application."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """An adapter that lets nobody sign up by themselves: people enter by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
