"""The watching of records, and the mails that tell watchers what happened.

An owner watches unless they say otherwise; anybody who sees a record may. What happened is gathered into one mail.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from comments.models import Comment, Watch, WatchersTold
from comments.readers import Reader, readers
from organizations import clock
from organizations.models import User
from organizations.outbox import queue_mail
from organizations.scope import current_organization
from registers.models import Record
from registers.register import Register, registry
from registers.timeline import Entry, entries_of, versions_of
from trail.models import Leaf, Seal
from trail.sealing import seals

#: Rows that a mail tells about, lines about each, and characters of a line.
ROWS, LINES, LINE = 40, 10, 300


def is_watching(record: Record, person: User) -> bool:
    """Return whether a person is told of what happens to a record: one query."""
    said = Watch.objects.filter(subject=record.reference, person=person).first()
    return said.watching if said else getattr(record, "owner_id", None) == person.pk


def watch(record: Record, *, by: User, on: bool) -> None:
    """Have a person told of what happens to a record from now on, or no longer.

    Who watches already, as its owner does, misses nothing by it.
    """
    said = Watch.objects.filter(subject=record.reference, person=by)
    if said.filter(watching=on).exists():
        return
    # Who is told already, as an owner, goes on without a gap; anybody else hears nothing older than the wish.
    since = None if is_watching(record, by) else clock.present()
    Watch.objects.update_or_create(
        organization=current_organization(),
        subject=record.reference,
        person=by,
        defaults={"watching": on, "since": since},
    )


@dataclass
class News:
    """The news for one person: versions and comments, by the reference of their record."""

    versions: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    comments: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def references(self) -> list[str]:
        """The records, each once."""
        return list(dict.fromkeys([*self.versions, *self.comments]))


def tell_watchers() -> int:
    """Mail everybody what happened to the records they watch; return the number of mails.

    What happened is what the trail sealed since the last mails, so nothing is left out and nothing is told twice. The
    first time nothing is told: nobody wants a mail about everything that is there.
    """
    organization = current_organization()
    # Only what is sealed has a place in the trail's order, by which each thing is told once.
    size = seals.seal(Seal.Purpose.SCHEDULE).size
    with override(organization.language), timezone.override(organization.zone), transaction.atomic():
        told, _is_new = WatchersTold.objects.get_or_create(organization=organization, defaults={"size": size})
        # Locked until the mails are queued: a second worker begins where this one ends.
        told = WatchersTold.objects.select_for_update().get(pk=told.pk)
        # Whoever waited for the lock may have sealed less than the one who held it.
        first, told.size = told.size, max(size, told.size)
        told.save()
        known = readers()
        news = _news(first, told.size, known) if told.size > first else {}
        return sum(_mail(known[key], of_person, first) for key, of_person in news.items())


def _news(first: int, end: int, known: dict[int, Reader]) -> dict[int, News]:
    """Gather for each person what others did to the records that they watch.

    It is read from the leaves from ``first`` up to ``end``.
    """
    said: defaultdict[str, dict[int, Watch]] = defaultdict(dict)
    for each in Watch.objects.all():
        said[each.subject][each.person_id] = each
    found: defaultdict[int, News] = defaultdict(News)

    def watchers(reference: str, owner: int | None, moment: datetime) -> set[int]:
        """Return who watches a record, and did when something was written about it."""
        wishes = said.get(reference, {})
        people = {key for key, wish in wishes.items() if wish.watching and (not wish.since or wish.since <= moment)}
        # An owner's own word goes before their being the owner.
        return (people if owner is None or owner in wishes else {*people, owner}) & known.keys()

    for register in registry:
        for version, reference, owner, actor, moment in _versions(register, list(said), first, end):
            for key in watchers(reference, owner, moment) - {actor}:
                found[key].versions[reference].add(version)
    comments = list(_comments(first, end))
    owners = _owners({comment.subject for comment in comments})
    for comment in comments:
        people = watchers(comment.subject, owners.get(comment.subject), comment.written_at)
        for key in people - {comment.author_id, *comment.mentions}:  # who is mentioned had a mail
            found[key].comments[comment.subject].append(f"{comment.author}: {comment.text}")
    return dict(found)


def _versions(
    register: Register, watched: list[str], first: int, end: int
) -> Iterator[tuple[int, str, Any, Any, datetime]]:
    """Yield versions somebody may want to hear of: key, reference, owner, writer, moment."""
    history: Any = register.model.history.model  # type: ignore[attr-defined]
    has_owner = any(each.name == "owner" for each in register.model._meta.concrete_fields)
    wanted = models.Q(reference__in=[one for one in watched if one.startswith(f"{register.model.prefix}-")])
    if has_owner:
        wanted |= models.Q(owner_id__isnull=False)
    rows = history.objects.filter(wanted, pk__in=_keys(history, first, end)).order_by("pk")
    # Where there is no owner, another column fills the place, and what it holds isn't used.
    names = ("pk", "reference", "owner_id" if has_owner else "history_user_id", "history_user_id", "history_date")
    for version, reference, owner, actor, moment in rows.values_list(*names).iterator():
        yield version, reference, owner if has_owner else None, actor, moment


def _comments(first: int, end: int) -> models.QuerySet:
    history: Any = Comment.history.model
    written = history.objects.filter(pk__in=_keys(history, first, end)).values("id")
    return Comment.objects.filter(pk__in=written).select_related("author").order_by("pk")  # type: ignore[no-any-return]


def _keys(history: type[models.Model], first: int, end: int) -> models.QuerySet:
    return Leaf.objects.filter(source=history._meta.db_table, index__gte=first, index__lt=end).values("key")


def _owners(references: set[str]) -> dict[str, int]:
    """Return who owns the records with these references: at most one query a register."""
    found: dict[str, int] = {}
    for register in registry:
        ours = [one for one in references if one.startswith(f"{register.model.prefix}-")]
        if ours and any(each.name == "owner" for each in register.model._meta.concrete_fields):
            rows: Any = register.model.objects.filter(reference__in=ours, owner__isnull=False)  # type: ignore[misc]
            found.update(rows.values_list("reference", "owner_id"))
    return found


def _mail(reader: Reader, news: News, first: int) -> bool:
    """Queue one person's mail about the records that they may see; return whether there is one."""
    rows = [row for reference in news.references[:ROWS] if (row := _row(reader, news, reference))]
    if not rows:
        return False
    organization, count = current_organization(), max(len(rows), len(news.references) - ROWS + len(rows))
    subject = ngettext("%(count)s row that you watch changed", "%(count)s rows that you watch changed", count)
    context = {"organization": organization, "rows": rows, "more": max(0, len(news.references) - ROWS)}
    return queue_mail(
        f"watched:{reader.person.pk}:{first}",
        to=reader.person.email,
        subject=f"{organization.name}: {subject % {'count': f'{count:,}'}}",
        text=render_to_string("comments/mail/watched.txt", context),
    )


def _row(reader: Reader, news: News, reference: str) -> dict[str, Any] | None:
    """Return what a mail says about one record; None where the person may not see it."""
    record = registry.find(reference)
    if record is None or not reader.sees(record):
        return None
    lines = [*_changes(record, news.versions[reference]), *news.comments[reference]]
    address = f"{settings.BASE_URL}{record.get_absolute_url()}"
    return {
        "record": str(record),
        "lines": [Truncator(line).chars(LINE) for line in lines[-LINES:]],
        "url": address,
        "stop_url": f"{address}watch/",
    }


def _changes(record: Record, keys: set[int]) -> list[str]:
    """Return what these versions of a record changed, oldest first."""
    if not keys:
        return []
    newest = list(versions_of(record).filter(history_id__lte=max(keys), history_id__gte=min(keys))[:LINES])
    # The version before the oldest one, so that what the oldest changed can be told.
    before = list(versions_of(record).filter(history_id__lt=newest[-1].history_id)[:1])
    entries = entries_of(record.register, [*newest, *before])
    return [_said(entry) for entry in reversed(entries) if entry.version in keys]


def _said(entry: Entry) -> str:
    changes = "; ".join(f"{each.field}: {each.old or '–'} → {each.new or '–'}" for each in entry.changes)
    reason = _("Reason: %(reason)s") % {"reason": entry.reason} if entry.reason else ""
    return f"{entry.who} {entry.what}" + "".join(f". {part}" for part in (changes, reason) if part)
