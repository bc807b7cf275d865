"""Sessions that end by themselves once nobody has used them for a while."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext

#: Where in the session the moment of its last use stands, and how exactly it is kept: each change is a write.
SEEN, EVERY = "seen", 5 * 60


def begin(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Note that a session begins to be used.

    Connected to ``user_logged_in``.
    """
    request.session[SEEN] = time.time()


class IdleSessions:
    """Signs out whoever comes back to a session after ``SESSION_IDLE_MINUTES``, and leads to signing in.

    The page of one's sessions tells when each was used last, to five minutes.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = time.time()
        seen = request.session.get(SEEN)
        if seen is not None and now - seen > settings.SESSION_IDLE_MINUTES * 60:
            logout(request)
            messages.info(request, gettext("You were signed out, since nothing was done here for a while."))
            then = request.get_full_path() if request.method == "GET" else "/"
            return redirect(f"{reverse('account_login')}?{urlencode({'next': then})}")
        if seen is None or now - seen > EVERY:
            request.session[SEEN] = now
            UserSession.objects.create_from_request(request)
        return self.get_response(request)
