"""The one check that every page of an organization passes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views import View

from organizations import clock
from organizations.auditor_scope import audit_scope
from organizations.models import Membership, Organization
from organizations.request import OrganizationRequest, Visitor
from organizations.roles import OVERVIEW, Action, has_past, may, may_with_own


def allowed(visitor: Visitor, action: Action, subject: str, row: Any = None) -> bool:
    """Return whether the person behind the request may do ``action`` to ``subject``.

    With a row, whether to this row of it. Who looks at the past may read it, as far as they may read today.
    """
    if clock.travelled_to() and not has_past(action, subject):
        return False
    return may(visitor.memberships, action, subject, row=row, user=visitor.user)


def allowed_with_own(visitor: Visitor, action: Action) -> bool:
    """Return whether the person behind the request may do ``action`` to rows of their own.

    In the past nobody may.
    """
    return not clock.travelled_to() and may_with_own(visitor.memberships, action)


@dataclass(frozen=True)
class Entrance:
    """An organization that a person may enter, and the page they begin at."""

    organization: Organization
    url: str


def entrances(memberships: dict[Organization, list[Membership]]) -> list[Entrance]:
    """Return the ways into the organizations in which a person holds memberships.

    Args:
        memberships: see :meth:`MembershipQuerySet.held_by`.
    """
    return [Entrance(organization, _first_page(organization, held)) for organization, held in memberships.items()]


def _first_page(organization: Organization, memberships: list[Membership]) -> str:
    """Return the overview's address, or the people page's for those who only administer."""
    if may(memberships, Action.VIEW, OVERVIEW):
        return organization.get_absolute_url()
    return reverse("organizations:members", args=[organization.slug])


class OrganizationView(View):
    """A page of the current organization. Subclasses say which action on which subject it is.

    Raises:
        PermissionDenied: the person has no membership that allows it. (Strangers got 404 from the middleware.)
        Http404: the page is out of reach of an auditor whose access is limited.
    """

    request: OrganizationRequest

    action: ClassVar[Action]
    subject: str = ""
    #: Letters of the sub-clauses that the page is about; empty: it serves all of them. Who says so sees to it that nothing
    #: on the page is out of reach of an auditor whose access is limited (:mod:`organizations.auditor_scope`). None shuts
    #: them out, so that a page that is still to be written can't leak.
    sub_clauses: Collection[str] | None = None
    #: True where the row decides: the view itself then calls :meth:`check` with it.
    row_decides: bool = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.row_decides:
            self.check()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def check(self, row: Any = None) -> None:
        """Refuse whoever may not do this view's action (to a row).

        Raises:
            PermissionDenied: no membership allows it.
            Http404: the page is out of reach.
        """
        if not allowed(self.request, self.action, self.subject, row):
            raise PermissionDenied
        if not self.is_visible:
            raise Http404

    @property
    def is_visible(self) -> bool:
        """Whether the person's access reaches the page."""
        scope = audit_scope()
        return not scope or (self.sub_clauses is not None and scope.includes(self.sub_clauses))
