"""The pages of lists kept under a name: saving, renaming, sharing and removing one."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.generic import FormView

from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import SAVED_VIEWS, Action
from registers import services
from registers.forms import SavedViewForm
from registers.lists.arrangement import PLAIN, Arrangement
from registers.models import SavedView
from registers.views.base import RegisterView


class ViewPage(RegisterView, FormView):
    """The base of the pages about saved views."""

    request: OrganizationRequest

    subject = SAVED_VIEWS  # type: ignore[assignment]
    template_name = "registers/view.html"
    form_class = SavedViewForm

    def get_form_kwargs(self) -> dict[str, Any]:
        may_share = allowed(self.request, Action.CHANGE, SAVED_VIEWS)
        return super().get_form_kwargs() | {"may_share": may_share}

    def form_valid(self, form: Any) -> HttpResponse:
        view = services.keep_view(form.save(commit=False), by=self.request.user)
        messages.success(self.request, _("The view “%(name)s” is saved.") % {"name": view.name})
        return HttpResponseRedirect(f"{self.register.url('list')}?{view.query or f'{PLAIN}=1'}")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        list_url = f"{self.register.url('list')}?{context['form'].instance.query}"
        return context | {"submit_label": _("Save"), "cancel_url": list_url}


class SaveView(ViewPage):
    """The page that keeps the list whose query string the address has."""

    action = Action.ADD

    def get_form_kwargs(self) -> dict[str, Any]:
        query = Arrangement(self.register, self.request.GET).address().removeprefix("?")
        view = SavedView(register=self.register.slug, query=query, owner=self.request.user)
        return super().get_form_kwargs() | {"instance": view}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("Save this list as a view"),
            "explanation": _("Its filters, columns, order and groups. A view of yours with the same name is replaced."),
        }


class ChangeView(ViewPage):
    """The page that renames, shares or removes a view.

    It may be one's own, or everybody's for those who may share.
    """

    action = Action.CHANGE
    row_decides = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.check(self.view)
        return super().dispatch(self.request, *args, **kwargs)

    def check(self, row: Any = None) -> None:
        """Let owners keep a view of theirs as those do who may keep any."""
        own = row.is_owned_by(self.request.user) and allowed(self.request, Action.ADD, SAVED_VIEWS)
        if not own:
            super().check(row)
        elif not self.is_visible:
            raise Http404

    @cached_property
    def view(self) -> SavedView:
        """The view that the page is about."""
        views = SavedView.objects.seen_by(self.request.user).filter(register=self.register.slug)
        found: SavedView = get_object_or_404(views, pk=self.kwargs["view"])
        return found

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.view}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "remove" not in self.request.POST:
            return super().post(self.request, *args, **kwargs)
        services.drop_view(self.view, by=self.request.user)
        messages.info(self.request, _("The view “%(name)s” is removed.") % {"name": self.view.name})
        return HttpResponseRedirect(f"{self.register.url('list')}?{PLAIN}=1")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("View “%(name)s”") % {"name": self.view.name},
            "may_remove": True,
        }
