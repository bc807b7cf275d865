"""Seals against the rows they cover: leaves, roots, signatures, and earlier heads.

All leaves are worked out anew. One pass over seals and leaves by their numbers. A tree that begins with the leaves of
the one before it is consistent with it, so going through the leaves once proves every seal consistent with all before
it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Any

import orjson
from django.db import connection
from django.utils.translation import gettext as _

from trail.models import Leaf, Seal
from trail.sealing import keys, signed_notes
from trail.sealing.canonical import as_json
from trail.sealing.findings import Finding
from trail.sealing.leaves import BATCH, Source, sources
from trail.sealing.seals import unsealed
from trail.sealing.signed_notes import BadNote, Head
from trail.sealing.tree import Frontier, leaf_hash

#: How long a transaction may take, and clocks of machines may disagree. What is dated further away from its seal than
#: this was not written when it says.
TOLERANCE = timedelta(hours=1)
LEAVES, SEALS = Leaf._meta.db_table, Seal._meta.db_table


@dataclass(frozen=True, slots=True)
class Entry:
    """A leaf, and the hash and moment of its row as it stands now."""

    number: int
    index: int
    source: str
    key: int
    hash: bytes
    #: The hash worked out from the row; nothing where there is no such row.
    actual: bytes | None
    #: When the row says that it was written, in UTC.
    moment: str


class Chain:
    """Goes through the current organization's seals and leaves.

    Args:
        asked: the sources whose rows are looked at; the leaves of others are believed.
        heads: signed heads kept elsewhere, by names for people.
    """

    def __init__(self, asked: Sequence[Source], heads: Mapping[str, str]) -> None:
        self.leaves = self.seals = self.waiting = 0
        #: Names of the heads whose trees this one contains.
        self.contained: list[str] = []
        self._asked = {source.table: source for source in asked}
        self._believed = {source.table for source in sources()} - self._asked.keys()
        self._given = heads
        self._keys = keys.public_keys()
        self._frontier = Frontier()
        self._before: Seal | None = None

    def sealed(self) -> Iterator[Finding]:
        """Yield what fails in seals and leaves, seal by seal."""
        heads, refused = self._heads()
        yield from refused
        entries = _Ahead(self._entries())
        for seal in Seal.objects.order_by("number").iterator(chunk_size=100):
            yield from self._signed(seal)
            found = list(entries.before(seal.size))
            yield from self._contains(heads, found)
            yield from self._rooted(seal, found)
            self._before, self.seals, self.leaves = seal, self.seals + 1, self.leaves + len(found)
        for entry in entries.before(inf):
            text = _("Leaf %(index)d is in no seal: it was put in, or the seal was removed.")
            yield Finding(LEAVES, entry.number, text % {"index": entry.index})
        for name, head in heads:
            text = _("The trail ends after %(size)d entries; %(name)s covers %(more)d. Its end was cut off.")
            told = {"size": self._frontier.size, "name": name, "more": head.size}
            yield Finding(LEAVES, _("from index %(index)d") % {"index": self._frontier.size}, text % told)

    def unsealed(self) -> Iterator[Finding]:
        """Yield rows without a leaf that claim to be older than the latest seal.

        Call it after :meth:`sealed` was gone through, which finds the latest seal.
        """
        earliest = as_json(self._before.sealed_at - TOLERANCE) if self._before else ""
        for source in self._asked.values():
            after = -1
            while found := list(unsealed(source, after, BATCH)):
                self.waiting += len(found)
                for key, data in found:
                    if (moment := _moment(source, data)) < earliest:
                        text = _("This row says that it was written %(moment)s, but the seals made since don't have it: it was put in later.")  # fmt: skip
                        yield Finding(source.table, key, text % {"moment": _said(moment)})
                after = found[-1][0]

    def _heads(self) -> tuple[list[tuple[str, Head]], list[Finding]]:
        """Return the heads to be met on the way, by their sizes, and what is wrong with the others."""
        found, refused = [], []
        for name, note in self._given.items():
            try:
                found.append((name, signed_notes.verify(signed_notes.found_in(note), self._keys)))
            except BadNote as error:
                text = _("%(name)s can't be relied on: %(why)s") % {"name": name, "why": error}
                refused.append(Finding(SEALS, "-", text))
        return sorted(found, key=lambda named: named[1].size), refused

    def _contains(self, heads: list[tuple[str, Head]], found: list[Entry]) -> Iterator[Finding]:
        """Take the heads whose trees end among these entries, and yield those that don't fit."""
        while heads and heads[0][1].size <= self._frontier.size + len(found):
            name, head = heads.pop(0)
            # Below 0 only after a finding: the frontier that a seal signed may be ahead of the leaves that are left.
            more = max(head.size - self._frontier.size, 0)
            if self._frontier.extend(entry.hash for entry in found[:more]).root == head.root:
                self.contained.append(name)
            else:
                text = _(
                    "The first %(size)d entries aren't those that %(name)s signed %(time)s: the history was written anew."
                )
                told = {"size": head.size, "name": name, "time": _said(as_json(head.time))}
                yield Finding(LEAVES, _("up to index %(index)d") % {"index": head.size - 1}, text % told)

    def _signed(self, seal: Seal) -> Iterator[Finding]:
        """Check a seal's signature, its columns against what was signed, and its predecessor."""
        before = self._before
        number, size, root = (before.number, before.size, before.root) if before else (0, 0, Frontier().root)
        told = {"number": seal.number, "last": number}
        if seal.number != number + 1:
            text = _("After seal %(last)d comes seal %(number)d: what was between them was removed.")
            yield Finding(SEALS, seal.pk, text % told)
        elif before and seal.pk < before.pk:
            text = _("Seal %(number)d isn't where it was written, or seal %(last)d.") % told
            yield Finding(SEALS, f"{before.pk} / {seal.pk}", text)
        if (bytes(seal.previous_root), seal.previous_size) != (bytes(root), size):
            yield Finding(SEALS, seal.pk, _("Seal %(number)d doesn't continue seal %(last)d.") % told)
        try:
            head = signed_notes.verify(seal.note, self._keys)
        except BadNote as error:
            text = _("The signature of seal %(number)d fails. %(why)s")
            yield Finding(SEALS, seal.pk, text % (told | {"why": error}))
        else:
            columns = ("number", "size", "root", "previous_size", "previous_root", "purpose")
            unlike = [name for name in columns if getattr(seal, name) != getattr(head, name)]
            unlike += ["sealed_at"] if seal.sealed_at != head.time else []
            if unlike:
                text = _("Seal %(number)d says other than what was signed: %(names)s.")
                yield Finding(SEALS, seal.pk, text % (told | {"names": ", ".join(unlike)}))

    def _rooted(self, seal: Seal, found: list[Entry]) -> Iterator[Finding]:
        """Check the leaves of a seal against their rows, and its root against its leaves."""
        yield from self._complete(seal, found)
        # Two trees, over the leaves' hashes and over the rows': the one with the signed root says which was changed.
        grown = self._frontier.extend(entry.hash for entry in found)
        actual = self._frontier.extend(entry.actual or entry.hash for entry in found)
        leaf_changed = grown.root != seal.root == actual.root
        for entry in found:
            if entry.actual != entry.hash:
                yield _unlike(entry, leaf_changed)
        if grown.root != seal.root and not leaf_changed:
            text = _("The leaves don't have the root that seal %(number)d signs.")
            yield Finding(SEALS, seal.pk, text % {"number": seal.number})
        if str(grown) != seal.frontier and grown.root == seal.root:
            text = _("What seal %(number)d keeps for continuing the tree was changed.")
            yield Finding(SEALS, seal.pk, text % {"number": seal.number})
        self._frontier = _continued(seal, actual if leaf_changed else grown)

    def _complete(self, seal: Seal, found: list[Entry]) -> Iterator[Finding]:
        """Check that every index is there once, in the order of writing, dated near its seal."""
        expected, last = self._frontier.size, 0
        earliest = as_json(self._before.sealed_at - TOLERANCE) if self._before else ""
        latest = as_json(seal.sealed_at + TOLERANCE)
        for entry in found:
            if entry.index != expected:
                yield _missing(expected, seal)
            if entry.number <= last:
                text = _("Leaf %(index)d isn't where it was written, or the one before it.") % {"index": entry.index}
                yield Finding(LEAVES, f"{last} / {entry.number}", text)
            if entry.actual == entry.hash and entry.moment and not earliest <= entry.moment <= latest:
                text = _("This row says that it was written %(moment)s, but it came into the trail with seal %(number)d of %(time)s.")  # fmt: skip
                told = {"moment": _said(entry.moment), "number": seal.number, "time": _said(as_json(seal.sealed_at))}
                yield Finding(entry.source, entry.key, text % told)
            expected, last = entry.index + 1, entry.number
        if expected < seal.size:
            yield _missing(expected, seal)

    def _entries(self) -> Iterator[Entry]:
        """Yield all leaves by index, each with what its row comes to."""
        first = -1
        columns = ("pk", "index", "source", "key", "hash")
        while leaves := list(Leaf.objects.filter(index__gt=first).order_by("index").values_list(*columns)[:BATCH]):
            rows = self._rows(leaves)
            for number, index, table, key, hash in leaves:
                actual, moment = (hash, "") if table in self._believed else rows.get((table, key), (None, ""))
                yield Entry(number, index, table, key, hash, actual, moment)
            first = leaves[-1][1]

    def _rows(self, leaves: Sequence[tuple[Any, ...]]) -> dict[tuple[str, int], tuple[bytes, str]]:
        """Return the hash and the moment of each of the leaves' rows, by table and key."""
        wanted = defaultdict(list)
        for _number, _index, table, key, _hash in leaves:
            wanted[table].append(key)
        return {
            (table, key): (leaf_hash(data), _moment(source, data))
            for table, source in self._asked.items()
            if table in wanted
            for key, data in _by_key(source, wanted[table])
        }


class _Ahead:
    """Entries that can be taken up to a place, and gone on with."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._entries = entries
        self._next = next(entries, None)

    def before(self, index: float) -> Iterator[Entry]:
        """Yield those before an index."""
        while self._next is not None and self._next.index < index:
            yield self._next
            self._next = next(self._entries, None)


def _by_key(source: Source, wanted: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    marks = ", ".join(["%s"] * len(wanted))
    return source.rows(f"source.{connection.ops.quote_name(source.key)} IN ({marks})", wanted)


def _continued(seal: Seal, computed: Frontier) -> Frontier:
    """Return the frontier that the next seal continues: the signed one, where it is kept.

    So one failure isn't reported for every seal after it.
    """
    with suppress(ValueError):
        kept = Frontier.from_text(seal.frontier)
        if computed.root != seal.root == kept.root:
            return kept
    return computed


def _unlike(entry: Entry, leaf_changed: bool) -> Finding:
    told = {"index": entry.index, "number": entry.number, "table": LEAVES, "key": entry.key, "source": entry.source}
    if leaf_changed:
        text = _(
            "Leaf %(index)d isn't the hash of row %(key)d of %(source)s, which the seal's root fits: the leaf was changed."
        )
        return Finding(LEAVES, entry.number, text % told)
    if entry.actual is None:
        text = _("This row was sealed as leaf %(index)d (table %(table)s, row %(number)d), and is gone.")
    else:
        text = _(
            "This row isn't what was sealed as leaf %(index)d (table %(table)s, row %(number)d): it was changed later."
        )
    return Finding(entry.source, entry.key, text % told)


def _missing(index: int, seal: Seal) -> Finding:
    text = _("Leaf %(index)d, which seal %(number)d covers, is missing.") % {"index": index, "number": seal.number}
    return Finding(LEAVES, _("index %(index)d") % {"index": index}, text)


def _moment(source: Source, data: bytes) -> str:
    """Return when a row says that it was written, from its leaf's bytes."""
    return str(orjson.loads(data)["row"]["history_date" if source.follows else "at"])


def _said(moment: str) -> str:
    """Write a moment in UTC for people."""
    # Somebody may have put something else in the column; the finding then says what.
    return datetime.fromisoformat(moment).strftime("%Y-%m-%d %H:%M UTC") if moment[:4].isdigit() else moment
