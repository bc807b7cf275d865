"""Requests about the past: see :mod:`registers.as_of` for their addresses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import get_script_prefix, set_script_prefix
from django.utils import timezone
from django.utils.http import escape_leading_slashes

from organizations import clock
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action, has_past
from registers.as_of import address, address_then, page_of, split
from registers.register import registry
from trail.time_travel.moments import UnreadableMoment, read_moment
from trail.time_travel.travel import BeforeTheBeginning, NoSuchMoment, time_travel

Respond = Callable[[Any], Any]
READING = ("GET", "HEAD", "OPTIONS")


class PastAddresses:
    """Middleware for addresses of the past, ``/as-of/<moment>/…``.

    It takes the moment off a request's path and puts it before every address that is made meanwhile. Only
    organizations have a past: other pages are asked for again without it.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: OrganizationRequest) -> Any:
        request.present_prefix, request.as_of = get_script_prefix(), None
        request.asked_moment, request.path_info = split(request.path_info)
        if not request.asked_moment:
            return self.get_response(request)
        if not request.path_info.startswith("/o/"):
            # A path that begins with two slashes would lead to another host.
            here = escape_leading_slashes(address(request, page_of(request)))
            return HttpResponseRedirect(here, preserve_request=True)
        set_script_prefix(f"{request.present_prefix}as-of/{request.asked_moment}/")
        try:
            return self.get_response(request)
        finally:
            set_script_prefix(request.present_prefix)


class TimeTravel:
    """Middleware that holds the past while the view runs.

    It does so for members only, whose memberships of today were read before.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: OrganizationRequest) -> Any:
        with ExitStack() as request.travel:
            response = self.get_response(request)
        if request.as_of and response.status_code == 404:
            # The past is over here, so that the record is looked for as it is today.
            return _not_yet(request) or response
        return response

    def process_view(
        self, request: OrganizationRequest, view: Any, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.asked_moment or not request.organization:
            return None
        try:
            moment = read_moment(request.asked_moment, request.organization)
            organization = request.travel.enter_context(time_travel(moment))
        except (UnreadableMoment, NoSuchMoment) as error:
            return _no_such_moment(request, error)
        request.as_of, request.organization = moment, organization
        request.travel.enter_context(timezone.override(organization.zone))
        if request.method not in READING or not has_past(view.view_class.action, view.view_class.subject):
            return _read_only(request)
        return None


def _no_such_moment(request: OrganizationRequest, error: ValueError) -> HttpResponse:
    """Say why a moment can't be shown, on a page of today.

    It can't be read, has not come yet, or lies before the organization.
    """
    set_script_prefix(request.present_prefix)
    kinds = {UnreadableMoment: "unreadable", BeforeTheBeginning: "too early"}
    context = {"asked": request.asked_moment[:60], "why": kinds.get(type(error), "future")}
    return render(request, "registers/no_such_moment.html", context, status=404)


def _read_only(request: OrganizationRequest) -> HttpResponse:
    """Refuse what would change the past, and pages that have none."""
    sent = request.method not in READING
    response = render(request, "registers/past_is_read_only.html", {"sent": sent}, status=405 if sent else 403)
    if sent:
        response.headers["Allow"] = ", ".join(READING)
    return response


def _not_yet(request: OrganizationRequest) -> HttpResponse | None:
    """Return the page about a record that is there today and wasn't then, if it is about one."""
    record = registry.find(request.resolver_match.kwargs.get("reference", ""))
    if record is None or request.as_of is None or record.created_at <= request.as_of:
        return None
    if not allowed(request, Action.VIEW, record.register_slug, record):
        return None
    with clock.frozen_at(request.as_of), timezone.override(request.organization.zone):
        url = record.get_absolute_url()
        context = {"record": record, "created_url": address_then(request, url, record.created_at)}
        return render(request, "registers/not_yet.html", context, status=404)
