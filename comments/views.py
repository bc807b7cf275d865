"""Comments on a record, and where a person was mentioned."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import FormView, TemplateView

from comments.forms import CommentForm, WatchForm
from comments.models import Comment, Mention, people_of
from comments.panels import form_panel
from comments.readers import readers_of
from comments.services import comment, unknown_in
from comments.watchers import is_watching, watch
from organizations.access import OrganizationView
from organizations.request import OrganizationRequest
from organizations.roles import COMMENTS, WATCHING, Action
from registers.register import registry
from registers.views.base import RecordView

PAGE = 50


class RecordComments(RecordView, TemplateView):
    """All comments on a record, newest first."""

    request: OrganizationRequest

    action = Action.VIEW
    template_name = "comments/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        page = Paginator(Comment.objects.about(self.record.reference), PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "page_obj": page,
            "people": people_of(page.object_list),
            "panel": form_panel(self.request, self.register, self.record),
            "record_url": self.record.get_absolute_url(),
        }


class AddComment(RecordView, FormView):
    """The form that writes a comment on a record."""

    request: OrganizationRequest

    action, subject = Action.ADD, COMMENTS  # type: ignore[assignment]
    form_class = CommentForm
    template_name = "registers/form.html"

    def form_valid(self, form: Any) -> HttpResponse:
        text, readers = form.cleaned_data["text"], readers_of(self.record)
        said = comment(self.record, text, by=self.request.user)
        if told := people_of([said]):
            names = ", ".join(map(str, told.values()))
            messages.success(self.request, _("Your comment was mailed to %(names)s.") % {"names": names})
        if unknown := unknown_in(text, readers):
            words = _(
                "Nobody who sees this row is called %(names)s, so nobody was told by that. “Whom you can mention” has the names."
            )
            messages.warning(self.request, words % {"names": ", ".join(f"“{name}”" for name in unknown)})
        return HttpResponseRedirect(f"{self.record.get_absolute_url()}#comments")

    def form_invalid(self, form: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "title": _("Comment on %(record)s") % {"record": self.record},
            "submit_label": _("Comment"),
            "cancel_url": self.record.get_absolute_url(),
        }


class WatchRecord(RecordView, FormView):
    """The page on which somebody begins to watch a record, or stops: mails lead here."""

    request: OrganizationRequest

    action, subject = Action.CHANGE, WATCHING  # type: ignore[assignment]
    form_class = WatchForm
    template_name = "registers/form.html"

    def get_initial(self) -> dict[str, Any]:
        return {"on": not is_watching(self.record, self.request.user)}

    def form_valid(self, form: Any) -> HttpResponse:
        on = form.cleaned_data["on"]
        watch(self.record, by=self.request.user, on=on)
        words = _("You get a mail when something happens here.") if on else _("You get no more mails about this row.")
        messages.success(self.request, words)
        return HttpResponseRedirect(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        watching = is_watching(self.record, self.request.user)
        title = _("Stop watching %(record)s") if watching else _("Watch %(record)s")
        return super().get_context_data(**kwargs) | {
            "title": title % {"record": self.record},
            "explanation": _(
                "Who watches a row gets a mail that gathers what others changed and said, at most one an hour."
            ),
            "submit_label": _("Stop watching") if watching else _("Watch"),
            "cancel_url": self.record.get_absolute_url(),
        }


class Mentions(OrganizationView, TemplateView):
    """The comments that mention the person, newest first.

    Those they haven't seen at their record are marked.
    """

    action, subject = Action.VIEW, COMMENTS
    template_name = "comments/mentions.html"
    request: OrganizationRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        paginator = Paginator(
            Mention.objects.of(self.request.user).select_related("comment__author").order_by("-pk"), PAGE
        )
        page = paginator.get_page(self.request.GET.get("page"))
        return super().get_context_data(**kwargs) | {
            "page_obj": page,
            "me": [self.request.user],
            "mentions": [(mention, _address(mention.comment.subject)) for mention in page.object_list],
        }


def _address(reference: str) -> str:
    register = registry.of_reference(reference)
    return f"{register.url('detail', reference)}#comments" if register else ""
