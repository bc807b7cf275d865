"""The page of what a list's menus offer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import SAVED_VIEWS, Action
from registers.lists import menus
from registers.lists.arrangement import PLAIN, Arrangement
from registers.lists.filters import RegisterFilterSet
from registers.lists.menus import Menu
from registers.views.list import Listing


class ListMenus(Listing, TemplateView):
    """Filters, columns, order and saved views of a list on a page of their own.

    htmx gets the one menu that it opens.
    """

    request: OrganizationRequest

    @cached_property
    def arrangement(self) -> Arrangement:
        return Arrangement(self.register, self.request.GET, self.opens_with, page=self.register.url("list"))

    @cached_property
    def filterset(self) -> RegisterFilterSet:
        """The register's filters: all of them, as all can be chosen."""
        return self.register.filterset(self.request.GET, queryset=self.register.rows(), request=self.request)

    @cached_property
    def menus(self) -> list[Menu]:
        return [*menus.filters(self.register, self.request.GET), *menus.tools()]

    def get_template_names(self) -> list[str]:
        return ["registers/menus.html#offer" if self.request.htmx else "registers/menus.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {
            "menus": self.menus,
            "form": self.filterset.form,
            "arrangement": self.arrangement,
            "arrange": menus.arrangement_menu(self.arrangement),
            "views": self._views(),
            "urls": {"list": self.arrangement.page},
        }
        return context | ({"menu": self._opened()} if self.request.htmx else {})

    def _opened(self) -> Menu:
        name = self.request.headers.get(menus.HEADER)
        found = next((menu for menu in self.menus if menu.name == name), None)
        if found is None:
            raise Http404(f"The list has no menu {name!r}.")
        return found

    def _views(self) -> dict[str, Any]:
        """Return the saved views, each with its address, and where this list is saved as one.

        Those for everybody come last.
        """
        may_share = allowed(self.request, Action.CHANGE, SAVED_VIEWS)
        may_keep = allowed(self.request, Action.ADD, SAVED_VIEWS)
        found = [
            {
                "name": view.name,
                "url": f"{self.arrangement.page}?{view.query or f'{PLAIN}=1'}",
                "current": self.arrangement.is_said_by(view.query),
                "is_shared": view.is_shared,
                "is_default": view.is_default,
                "change_url": self.register.url("view", str(view.pk))
                if may_share or (may_keep and view.is_owned_by(self.request.user))
                else "",
            }
            for view in self.views
        ]
        groups = [
            {"title": title, "items": [view for view in found if view["is_shared"] is shared]}
            for title, shared in ((_("Mine"), False), (_("For everybody"), True))
        ]
        return {
            "groups": [group for group in groups if group["items"]],
            "save_url": self.register.url("view-save") + self.arrangement.query() if may_keep else "",
        }
