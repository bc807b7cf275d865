"""A list as somebody would write it by hand behind the same door: sign-in, tenant and role as everywhere, then the rows by SQL in a bare table.

``settings.ROOT_URLCONF`` of the benchmark: the product's addresses, and one more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from customerfocus.urls import urlpatterns as product
from organizations.access import OrganizationView
from organizations.roles import Action

#: The address below an organization's.
ADDRESS = "by-hand/"


class ByHand(OrganizationView):
    """Answers with what :attr:`write` gives."""

    action = Action.VIEW
    subject = "requirements"
    write: Callable[[], str] = staticmethod(lambda: "")

    def get(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        return HttpResponse(type(self).write())


urlpatterns = [path(f"o/<slug:organization>/{ADDRESS}", ByHand.as_view()), *product]
