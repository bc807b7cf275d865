"""Tells the trail who makes a request."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from trail.actor import acting


class ActorMiddleware:
    """Everything that a request writes is written by the person who is logged in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(request.user if request.user.is_authenticated else None):
            return self.get_response(request)
