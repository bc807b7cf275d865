"""The comments and watchers on a record's page, besides the comments in its timeline."""

from __future__ import annotations

from comments.forms import CommentForm
from comments.models import Comment
from comments.readers import readers_of
from comments.services import see_mentions
from comments.watchers import is_watching
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import COMMENTS, WATCHING, Action
from registers.models import Record
from registers.panels import Panel, Place, panels, record_opened
from registers.register import Register


def form_panel(request: OrganizationRequest, register: Register, record: Record) -> Panel | None:
    """Return the form for another comment, with the people whom it can mention: one query.

    None where there is no leave for it.
    """
    if not allowed(request, Action.ADD, COMMENTS):
        return None
    people = [str(each.person) for each in readers_of(record) if each.person != request.user]
    context = {"form": CommentForm(), "add_url": register.url("comment", record.reference), "people": people}
    return Panel("comments/form.html", context, Place.TIMELINE)


def comment_panels(request: OrganizationRequest, register: Register, record: Record) -> list[Panel]:
    """Return the watch button, the way to all comments, and the form for another one.

    Three queries at most.
    """
    found = []
    if allowed(request, Action.CHANGE, WATCHING):
        watch = {"url": register.url("watch", record.reference), "is_watching": is_watching(record, request.user)}
        found.append(Panel("comments/watch_button.html", watch, Place.BUTTONS))
    if count := Comment.objects.about(record.reference).count():
        comments = {"url": register.url("comments", record.reference), "count": count}
        found.append(Panel("comments/count.html", comments, Place.TIMELINE_LINKS))
    if form := form_panel(request, register, record):
        found.append(form)
    return found


panels.append(comment_panels)
record_opened.append(lambda record, person: see_mentions(record, by=person))
