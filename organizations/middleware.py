"""Entering an organization: from the URL ``/o/<slug>/…``, for people with a valid membership, once a request."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from organizations.confinement import confined, confinement_of
from organizations.models import Membership, Organization
from organizations.scope import in_organization


class OrganizationMiddleware:
    """Sets ``request.organization`` and ``request.memberships`` and holds the scope while the view runs.

    Strangers get 404, so that nobody learns which organizations exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.organization = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        with ExitStack() as stack:
            request.scope_stack = stack  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(self, request: Any, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        slug = kwargs.get("organization")
        if slug is None or not request.user.is_authenticated:
            return
        organization = Organization.objects.filter(slug=slug).first()
        memberships = Membership.objects.of(request.user, organization) if organization else []
        if not organization or not memberships:
            raise Http404
        request.organization, request.memberships = organization, memberships
        request.scope_stack.enter_context(in_organization(organization))
        request.scope_stack.enter_context(confined(confinement_of(memberships)))
        request.scope_stack.enter_context(timezone.override(organization.zone))
