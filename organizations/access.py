"""The one check that every page of an organization passes."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views import View

from organizations.roles import Action, may


def allowed(request: Any, action: Action, subject: str, row: Any = None) -> bool:
    """Whether the person behind the request may do ``action`` to ``subject`` (and to this row of it)."""
    return may(request.memberships, action, subject, row=row, user=request.user)


class OrganizationView(View):
    """A page of the current organization. Subclasses say which action on which subject it is.

    Raises:
        PermissionDenied: the person has no membership that allows it. (Strangers got 404 from the middleware.)
    """

    action: ClassVar[Action]
    subject: str = ""
    #: True where the row decides: the view itself then calls :meth:`check` with it.
    row_decides: bool = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.row_decides:
            self.check()
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]

    def check(self, row: Any = None) -> None:
        """Refuse who may not do this view's action (to a row)."""
        if not allowed(self.request, self.action, self.subject, row):
            raise PermissionDenied
