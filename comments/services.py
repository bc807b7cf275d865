"""The services of comments: writing them, mailing whom they mention, noting what was seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from comments.models import Comment, Mention
from comments.readers import Reader, readers
from organizations import clock
from organizations.models import User
from organizations.outbox import queue_mail
from organizations.scope import current_organization
from registers.models import Record
from trail.actor import acting
from trail.history import bulk_create


@dataclass
class _Waiting:
    """The mail that somebody waits for: the first comment that mentions them, and how many do."""

    comment: Comment
    record: Record
    number: int = 0


_waiting: ContextVar[dict[User, _Waiting] | None] = ContextVar("waiting", default=None)


def comment(record: Record, text: str, *, by: User) -> Comment:
    """Write a comment on a record; mail it to those it mentions who may see the record."""
    return comment_each([(record, text)], by=by)[0]


@transaction.atomic
def comment_each(texts: Sequence[tuple[Record, str]], *, by: User) -> list[Comment]:
    """Write comments on records of one organization.

    Whom several of them mention gets one mail, about the first. Queries don't grow with the comments, but with the
    people mentioned.
    """
    if not texts:
        return []
    known = list(readers().values()) if any("@" in text for _record, text in texts) else []
    named = [_mentioned_on(record, text, known, by) for record, text in texts]
    said = [
        Comment(subject=record.reference, text=text, author=by, mentions=[person.pk for person in people])
        for (record, text), people in zip(texts, named, strict=True)
    ]
    with acting(by):
        bulk_create(Comment, said)
    Mention.objects.bulk_create(
        Mention(comment=each, person=person) for each, people in zip(said, named, strict=True) for person in people
    )
    with mailed_together() as waiting:
        for each, (record, _text), people in zip(said, texts, named, strict=True):
            for person in people:
                waiting.setdefault(person, _Waiting(each, record)).number += 1
    return said


@contextmanager
def mailed_together() -> Iterator[dict[User, _Waiting]]:
    """Send one mail to each person whom comments written inside the block mention.

    The mails go out when the block ends, however many calls wrote the comments. A block inside another one leaves them
    to the outer one.
    """
    if (waiting := _waiting.get()) is not None:
        yield waiting
        return
    token = _waiting.set(waiting := {})
    try:
        yield waiting
    finally:
        _waiting.reset(token)
    # Only where the block didn't fail: otherwise its comments are rolled back with their transaction.
    for person, about in waiting.items():
        _mail(about.comment, about.record, person, more=about.number - 1)


def _mentioned_on(record: Record, text: str, known: Sequence[Reader], by: User) -> list[User]:
    """Return whom a comment mentions of those who may see the record, but for its author."""
    if "@" not in text:
        return []
    named = mentioned(text, [reader for reader in known if reader.sees(record)])
    return [reader.person for reader in named if reader.person != by]


def mentioned(text: str, known: Iterable[Reader]) -> list[Reader]:
    """Return the readers whom a text mentions: ``@`` and their whole name, or mail address.

    Of two names one of which begins the other, the longer one is meant where it stands.
    """
    by_word = sorted(
        ((word, reader) for reader in known for word in {reader.person.name.strip(), reader.person.email} if word),
        # Longest first: a regular expression takes the first alternative that fits.
        key=lambda pair: -len(pair[0]),
    )
    if not by_word:
        return []
    words = "|".join(dict.fromkeys(re.escape(word.casefold()) for word, _reader in by_word))
    # No letter stands before the ``@``: the ones inside mail addresses mention nobody.
    found = {match[1] for match in re.finditer(rf"(?<![\w@])@({words})(?!\w)", text.casefold())}
    return list({reader.person.pk: reader for word, reader in by_word if word.casefold() in found}.values())


def unknown_in(text: str, known: Iterable[Reader]) -> list[str]:
    """Return the words after an ``@`` that mention none of some readers, each once."""
    names = {word.strip() for reader in mentioned(text, known) for word in (reader.person.name, reader.person.email)}
    # Known names are taken out first, the longest first, so that no rest of one counts as an unknown word.
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w@])@{re.escape(name)}(?!\w)", "", text, flags=re.IGNORECASE)
    return list(dict.fromkeys(re.findall(r"(?<![\w@])@(\w+(?:[.-]\w+)*)", text)))


def see_mentions(record: Record, *, by: User) -> None:
    """Note that somebody opened a record: what they were mentioned in there waits no longer."""
    unread = Mention.objects.of(by).unread().filter(comment__subject=record.reference)
    if keys := list(unread.values_list("pk", flat=True)):
        Mention.objects.filter(pk__in=keys).update(seen_at=clock.present())


def _mail(said: Comment, record: Record, person: User, *, more: int) -> None:
    organization = current_organization()
    with override(organization.language):
        context = {
            "comment": said, "record": record, "organization": organization, "more": more,
            "link": f"{settings.BASE_URL}{record.get_absolute_url()}#comments",
        }  # fmt: skip
        words = {"who": said.author, "reference": record.reference}
        queue_mail(
            f"mention:{said.pk}:{person.pk}",
            to=person.email,
            subject=_("%(who)s mentions you on %(reference)s") % words,
            text=render_to_string("comments/mail/mention.txt", context),
        )
