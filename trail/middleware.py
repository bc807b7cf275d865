"""Middleware that tells the trail who makes a request, and what auditors look at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from organizations.request import OrganizationRequest
from organizations.roles import Role
from organizations.scope import in_organization
from trail.actor import acting
from trail.models import record_view
from trail.page_views import listening


class ActorMiddleware:
    """Names the person who is logged in as the author of everything that a request writes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with acting(request.user if request.user.is_authenticated else None):
            return self.get_response(request)


class ViewsMiddleware:
    """Records every page, export and download that an auditor opens, once.

    Stands outside of the middleware that enters the organization, and so of whatever is read-only inside. What can't be
    written down isn't shown: an error here is the request's.
    """

    def __init__(self, get_response: Callable[[Any], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: OrganizationRequest) -> HttpResponse:
        with listening() as heard:
            response = self.get_response(request)
        if not heard and _is_an_auditors_view(request, response):
            with in_organization(request.organization), acting(request.user):
                record_view(_subject(request), path=request.path[:500], query=request.GET.urlencode()[:1000])
        return response


def _is_an_auditors_view(request: OrganizationRequest, response: HttpResponse) -> bool:
    """Return whether an auditor was shown something new.

    A page that asks for itself again and again, to show how far a job is, counts once.
    """
    is_auditor = any(membership.role == Role.AUDITOR for membership in getattr(request, "memberships", ()))
    if not is_auditor or request.method != "GET" or response.status_code != 200:
        return False
    here = request.htmx.current_url_abs_path if request.htmx else None
    return here != request.get_full_path()


def _subject(request: OrganizationRequest) -> str:
    """Return the record's reference where the page is one record's, else the page's name."""
    match = request.resolver_match
    reference = match.kwargs.get("reference")
    return reference.upper() if reference else match.view_name
