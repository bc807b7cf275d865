"""How allauth's log-in fits this application."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up by themselves: people enter by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
