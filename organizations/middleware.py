"""Middleware that enters the organization in the address, ``/o/<slug>/…``, once a request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from organizations.auditor_scope import audit_scope_of, limited_to
from organizations.models import Membership
from organizations.request import OrganizationRequest
from organizations.scope import in_organization


class OrganizationMiddleware:
    """Sets ``request.organization`` and ``request.memberships``, and holds the scope.

    ``request.held`` has the person's memberships of other organizations too. Only people with a valid membership enter;
    strangers get 404, so that nobody learns which organizations exist.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.organization = None  # type: ignore[attr-defined]
        request.memberships = []  # type: ignore[attr-defined]
        request.held = {}  # type: ignore[attr-defined]
        # The address is resolved only for process_view, which is over before the view begins: what it enters ends here.
        with ExitStack() as stack:
            request.scope_stack = stack  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(
        self, request: OrganizationRequest, view: Any, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        slug = kwargs.get("organization")
        if slug is None or not request.user.is_authenticated:
            return None
        request.held = Membership.objects.held_by(request.user)
        organization = next((each for each in request.held if each.slug == slug), None)
        if organization is None:
            raise Http404
        request.organization, request.memberships = organization, request.held[organization]
        request.scope_stack.enter_context(in_organization(organization))
        request.scope_stack.enter_context(limited_to(audit_scope_of(request.memberships)))
        request.scope_stack.enter_context(timezone.override(organization.zone))
        return _to_second_factor(request)


def _to_second_factor(request: OrganizationRequest) -> HttpResponse | None:
    """Lead a person to setting up a second factor whose role asks for one here; None where there is no need."""
    asked = {membership.role for membership in request.memberships} & set(request.organization.second_factor_for)
    if not asked or is_mfa_enabled(request.user, types=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]):
        return None
    said = _(
        "%(organization)s asks for a second factor of who has your role. Add a passkey, or an app that shows codes."
    )
    messages.info(request, said % {"organization": request.organization.name})
    return redirect("mfa_index")
