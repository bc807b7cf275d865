"""The trail as people read it: who did what to which row, newest first, with its proof.

It lists what is sealed, in the order of the leaves, so that a page is a slice of one table however many tables there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from registers.register import registry
from registers.timeline import Change
from reviews.audit_entries import entries_by_version
from trail.models import Event, Leaf, Seal
from trail.sealing.leaf_labels import place
from trail.sealing.leaves import Source, sources

#: Entries on a page.
PAGE = 50


@dataclass(frozen=True)
class Sought:
    """What is looked for; what is empty doesn't narrow.

    Attributes:
        reference: of the row it happened to.
        table: of the versions, see :func:`kinds`.
        person: who did it, by key.
        starts, ends: when it was sealed; ``ends`` is not included.
        before: the index of a leaf: older ones only.
    """

    reference: str = ""
    table: str = ""
    person: int | None = None
    starts: datetime | None = None
    ends: datetime | None = None
    before: int | None = None


@dataclass(frozen=True)
class TrailEntry:
    """One leaf in words; the names are those of ``partials/timeline.html``."""

    index: int
    when: datetime
    who: str
    what: str
    kind: str
    subject: str
    title: str
    subject_url: str
    proof: str
    reason: str = ""
    changes: tuple[Change, ...] = ()


def kinds() -> list[tuple[str, str]]:
    """Return the tables of the trail, each with what its rows are called, by the alphabet."""
    return sorted(((each.table, _name(each)) for each in sources()), key=lambda pair: pair[1])


def _name(source: Source) -> str:
    return capfirst(str(source.follows._meta.verbose_name_plural)) if source.follows else _("Acts that change no row")


def trail(sought: Sought) -> tuple[list[TrailEntry], int | None]:
    """Return a page of the newest entries looked for, and ``before`` of the next page.

    ``before`` is None where there is no older entry. A fixed number of queries for each kind. What one seal covers is
    shown in the order of time.
    """
    # One more than is shown: whether there is a next page, without counting the trail.
    leaves = list(_leaves(sought)[: PAGE + 1])
    older = leaves[PAGE - 1].index if len(leaves) > PAGE else None
    return list(_entries(leaves[:PAGE])), older


def _leaves(sought: Sought) -> models.QuerySet[Leaf]:
    leaves: models.QuerySet[Leaf] = Leaf.objects.order_by("-index")
    if sought.before is not None:
        leaves = leaves.filter(index__lt=sought.before)
    if sought.starts:
        # Leaves have no date of their own: a day of sealing becomes a position in the tree.
        leaves = leaves.filter(index__gte=_size_before(sought.starts))
    if sought.ends:
        leaves = leaves.filter(index__lt=_size_before(sought.ends))
    if sought.table:
        leaves = leaves.filter(source=sought.table)
    if sought.reference or sought.person:
        leaves = leaves.filter(_rows_of(sought))
    first = Seal.objects.filter(size__gt=OuterRef("index")).order_by("size")
    return leaves.annotate(covered_by=Subquery(first.values("pk")[:1]))


def _size_before(moment: datetime) -> int:
    """Return how many leaves were sealed before a moment."""
    size = Seal.objects.filter(sealed_at__lt=moment).order_by("-number").values_list("size", flat=True).first()
    return size or 0


def _rows_of(sought: Sought) -> Q:
    """Return a condition for the leaves of a row, or of what a person did, table by table.

    It holds for none where no table has such.
    """
    # Matches nothing: an empty Q would match every leaf.
    found = Q(pk__in=())
    for source in sources():
        if sought.table in ("", source.table) and (rows := _narrowed(source, sought)) is not None:
            found |= Q(source=source.table, key__in=rows.order_by().values("pk"))
    return found


def _narrowed(source: Source, sought: Sought) -> models.QuerySet | None:
    """Return the rows of one table that are looked for; None where it can't hold any."""
    rows: models.QuerySet = source.model._default_manager.all()
    if sought.person:
        rows = rows.filter(**{"history_user" if source.follows else "actor": sought.person})
    if not sought.reference:
        return rows
    if any(field.name == "subject" for field in source.model._meta.concrete_fields):
        return rows.filter(subject=sought.reference)
    if getattr(source.follows, "prefix", None) != sought.reference.partition("-")[0]:
        return None
    of_row = source.follows._default_manager.filter(reference=sought.reference)  # type: ignore[union-attr]
    return rows.filter(id__in=of_row.order_by().values("pk"))


def _entries(leaves: Sequence[Any]) -> Iterator[TrailEntry]:
    seals = Seal.objects.defer("frontier", "note").in_bulk({leaf.covered_by for leaf in leaves})
    told: dict[tuple[str, int], dict[str, Any]] = {}
    for source in sources():
        keys = [leaf.key for leaf in leaves if leaf.source == source.table]
        if keys:
            told |= {(source.table, key): said for key, said in _told(source, keys)}
    for leaf in sorted(
        leaves,
        key=lambda leaf: (seals[leaf.covered_by].number, told[leaf.source, leaf.key]["when"], leaf.index),
        reverse=True,
    ):
        proof = place(leaf.index, seals[leaf.covered_by])
        yield TrailEntry(index=leaf.index, proof=proof, **told[leaf.source, leaf.key])


def _told(source: Source, keys: list[int]) -> Iterator[tuple[int, dict[str, Any]]]:
    if source.follows is None:
        for event in Event.objects.filter(pk__in=keys).select_related("actor"):
            yield event.pk, _of_event(event)
        return
    for key, entry in entries_by_version(source.follows, keys).items():
        kind = entry.kind if entry.kind in ("created", "archived") else "changed"
        yield (
            key,
            {
                "when": entry.when,
                "who": entry.who,
                "what": entry.what,
                "kind": kind,
                "subject": entry.subject,
                "title": entry.title,
                "subject_url": entry.url,
                "reason": entry.reason,
                "changes": entry.changes,
            },
        )


def _of_event(event: Event) -> dict[str, Any]:
    register = registry.of_reference(event.subject)
    return {
        "when": event.at,
        "who": str(event.actor or _("The application")),
        "what": event.verb,
        "kind": "event",
        "subject": event.subject,
        "title": "",
        "subject_url": register.url("detail", event.subject) if register else "",
    }
