"""Comments in a record's timeline."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from comments.models import Comment, people_of
from comments.templatetags.comments import mentioned_in, said
from registers.models import Record
from registers.timeline import Entry, sources


def entries_of(record: Record, limit: int) -> Iterator[Entry]:
    """Yield the newest comments on a record: two queries at most."""
    comments = list(Comment.objects.about(record.reference)[:limit])
    people = people_of(comments)
    for comment in comments:
        text = said(comment.text, mentioned_in(people, comment))
        yield Entry(comment.written_at, str(comment.author), _("commented"), "comment", text=text)


sources.append(entries_of)
