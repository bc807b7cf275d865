"""What a record's page shows of its comments besides those in its timeline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from organizations.access import allowed
from organizations.roles import COMMENTS, WATCHING, Action
from registers.models import Record
from registers.register import Register
from registers.talk.forms import CommentForm
from registers.talk.models import Comment
from registers.talk.readers import readers_of
from registers.talk.watching import is_watching


@dataclass(frozen=True)
class Commenting:
    """How many comments a record has, where all of them are, and the form for another one, where there is leave for it."""

    count: int
    url: str
    add_url: str
    form: CommentForm | None
    people: tuple[str, ...]
    #: Address of the page on which one begins or stops watching; none where there is no leave for it.
    watch_url: str
    is_watching: bool


def commenting(request: Any, register: Register, record: Record) -> Commenting:
    """What a person sees of a record's comments, and whether they watch it: three queries at most."""
    may_comment = allowed(request, Action.ADD, COMMENTS)
    may_watch = allowed(request, Action.CHANGE, WATCHING)
    others = [each.person for each in readers_of(record) if each.person != request.user] if may_comment else []
    return Commenting(
        Comment.objects.about(record.reference).count(),
        register.url("comments", record.reference),
        register.url("comment", record.reference),
        CommentForm() if may_comment else None,
        tuple(str(person) for person in others),
        register.url("watch", record.reference) if may_watch else "",
        may_watch and is_watching(record, request.user),
    )
