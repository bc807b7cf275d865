"""The request as an organization's pages see it, with what the middleware found out."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Protocol

from django.http import HttpRequest
from django.urls import ResolverMatch
from django_htmx.middleware import HtmxDetails

from organizations.models import Membership, Organization, User


class OrganizationRequest(HttpRequest):
    """A request for a page of an organization, from a member.

    It is only a type: middleware sets the attributes on Django's own request.

    Attributes:
        organization: the one in the address, which the request runs in.
        memberships: the person's valid memberships of it.
        held: all of the person's memberships, by organization.
        as_of: the past moment that is looked at; None in the present.
        asked_moment: the moment as the address names it; empty in the present.
        present_prefix: what begins every address of the present.
        scope_stack: holds the organization until the response is made.
        travel: holds the past until the response is made.
    """

    user: User
    organization: Organization
    memberships: list[Membership]
    held: dict[Organization, list[Membership]]
    as_of: datetime | None
    asked_moment: str
    present_prefix: str
    scope_stack: ExitStack
    travel: ExitStack
    htmx: HtmxDetails
    resolver_match: ResolverMatch


class Visitor(Protocol):
    """Somebody in an organization, as far as it decides what they may do there.

    A request is one, or what stands for one.
    """

    @property
    def memberships(self) -> Sequence[Membership]: ...

    @property
    def user(self) -> User | None: ...
