"""Commenting on a record, and having seen what one was mentioned in."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from organizations import clock
from organizations.models import User
from organizations.outbox import queue_mail
from organizations.scope import current_organization
from registers.models import Record
from registers.talk.models import Comment, Mention
from registers.talk.readers import Reader, readers_of
from trail.actor import acting


@transaction.atomic
def comment(record: Record, text: str, *, by: User) -> Comment:
    """Write a comment on a record, and mail it to everybody whom it mentions and who may see the record."""
    named = [reader.person for reader in mentioned(text, readers_of(record)) if reader.person != by]
    said = Comment(subject=record.reference, text=text, author=by, mentions=[person.pk for person in named])
    with acting(by):
        said.save()
    Mention.objects.bulk_create(Mention(comment=said, person=person) for person in named)
    for person in named:
        _mail(said, record, person)
    return said


def mentioned(text: str, known: Iterable[Reader]) -> list[Reader]:
    """Those of some readers whom a text mentions: ``@`` and their whole name, or their mail address.

    Of two names one of which begins the other, the longer one is meant where it stands.
    """
    by_word = sorted(
        ((word, reader) for reader in known for word in {reader.person.name.strip(), reader.person.email} if word),
        key=lambda pair: -len(pair[0]),
    )
    if not by_word:
        return []
    words = "|".join(dict.fromkeys(re.escape(word.casefold()) for word, _reader in by_word))
    found = {match[1] for match in re.finditer(rf"(?<![\w@])@({words})(?!\w)", text.casefold())}
    return list({reader.person.pk: reader for word, reader in by_word if word.casefold() in found}.values())


def unknown_in(text: str, known: Iterable[Reader]) -> list[str]:
    """The words after an ``@`` that mention none of some readers, each once."""
    names = {word.strip() for reader in mentioned(text, known) for word in (reader.person.name, reader.person.email)}
    for name in sorted(names, key=len, reverse=True):
        text = re.sub(rf"(?<![\w@])@{re.escape(name)}(?!\w)", "", text, flags=re.IGNORECASE)
    return list(dict.fromkeys(re.findall(r"(?<![\w@])@(\w+(?:[.-]\w+)*)", text)))


def see_mentions(record: Record, *, by: User) -> None:
    """Note that somebody opened a record: what they were mentioned in there waits no longer."""
    unread = Mention.objects.of(by).unread().filter(comment__subject=record.reference)
    if keys := list(unread.values_list("pk", flat=True)):
        Mention.objects.filter(pk__in=keys).update(seen_at=clock.present())


def _mail(said: Comment, record: Record, person: User) -> None:
    organization = current_organization()
    with override(organization.language):
        context = {
            "comment": said, "record": record, "organization": organization,
            "link": f"{settings.BASE_URL}{record.get_absolute_url()}#comments",
        }  # fmt: skip
        words = {"who": said.author, "reference": record.reference}
        queue_mail(
            f"mention:{said.pk}:{person.pk}",
            to=person.email,
            subject=_("%(who)s mentions you on %(reference)s") % words,
            text=render_to_string("registers/mail/mention.txt", context),
        )
