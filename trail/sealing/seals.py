"""Seals: versions and events become leaves of a hash tree, and its head is signed.

Each organization has a tree of its own. For whoever needs the evidence bound to what it is now (a signature, a pack)::

    seal = seals.seal(Seal.Purpose.SIGN_OFF)   # covers everything written so far, the running transaction included
    seal.note, seal.size, seal.root            # print, store, mail them
    seals.proof(model, key)                    # that a version or event is in the tree a seal signed
    seals.tree(seal)                           # for many proofs to one seal, and between seals

Rows that aren't leaves yet are found by an anti-join, so a transaction that commits late is never skipped. The frontier
stored with each seal makes appending n leaves cost n hashes. See ``docs/decisions/0007-seals.md``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, models, transaction

from organizations import clock
from organizations.models import Organization
from organizations.scope import current_organization
from trail.models import Leaf, Seal
from trail.sealing import keys, signed_notes
from trail.sealing.leaves import BATCH, Source, source_of, sources
from trail.sealing.signed_notes import Head
from trail.sealing.tree import Frontier, Tree, leaf_hash

#: Leaves of one seal. More are sealed in several, so that on SQLite nobody waits long to write.
MOST = 50_000
#: Rows of one statement; each has four values, and some databases take no more than 32,766.
ROWS = 2000


@dataclass(frozen=True)
class InclusionProof:
    """The proof that a leaf is in a tree whose head is signed.

    :func:`trail.sealing.tree.verify_inclusion` checks it.
    """

    index: int
    size: int
    leaf_hash: bytes
    path: list[bytes]
    #: The first seal that covers the leaf.
    seal: Seal

    @property
    def note(self) -> str:
        """The signed head."""
        return self.seal.note


def seal(purpose: Seal.Purpose = Seal.Purpose.SCHEDULE) -> Seal:
    """Seal what isn't sealed yet of the current organization.

    Whoever else seals the same organization waits. Inside a transaction its own rows are sealed with it.

    Returns:
        The latest seal, which covers everything. Where nothing is new it is the one made before, whatever it was made
        for.

    Raises:
        KeyUnusable: there is a signing key, but it can't be used.
    """
    while True:
        with transaction.atomic():
            made = _seal_some(purpose)
        if made is None:
            latest = latest_seal()
            assert latest is not None, "_seal_some makes the first seal of an organization, even of nothing."
            return latest


def latest_seal() -> Seal | None:
    """Return the current organization's latest seal; None before the first."""
    return Seal.objects.order_by("-number").first()


def proof(model: type[models.Model], key: int) -> InclusionProof | None:
    """Prove that a version or event is in the tree of the first seal that covers it.

    Args:
        model: a table of versions, or `trail.models.Event`.
        key: the row's primary key.

    Returns:
        The proof; None while the row isn't sealed.

    Raises:
        LookupError: rows of this model are no leaves.
    """
    leaf = Leaf.objects.filter(source=source_of(model).table, key=key).first()
    covering = leaf and Seal.objects.filter(size__gt=leaf.index).order_by("number").first()
    if not leaf or not covering:
        return None
    before = Seal.objects.filter(number=covering.number - 1).first()
    frontier = Frontier.from_text(before.frontier) if before else Frontier()
    path = Tree(hashes(frontier.size, covering.size), frontier).inclusion_proof(leaf.index)
    return InclusionProof(leaf.index, covering.size, leaf.hash, path, covering)


def tree(seal: Seal) -> Tree:
    """Return the whole tree that a seal signed, to prove any leaf or earlier seal of it."""
    return Tree(hashes(0, seal.size))


def hashes(first: int, last: int) -> Iterator[bytes]:
    """Yield the hashes of the leaves from index ``first`` to before ``last``."""
    found = Leaf.objects.filter(index__gte=first, index__lt=last).order_by("index").values_list("hash", flat=True)
    return found.iterator(chunk_size=BATCH)


def origin(organization: Organization) -> str:
    """Return the name that an organization's log begins with: its address without the scheme."""
    return f"{urlsplit(settings.BASE_URL).netloc}/o/{organization.slug}"


def _seal_some(purpose: Seal.Purpose) -> Seal | None:
    """Seal at most `MOST` rows; make nothing when there are none and there is a seal."""
    organization = current_organization()
    # One at a time, without keeping out those who write rows that point to the organization.
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
    before = latest_seal()
    frontier = Frontier.from_text(before.frontier) if before else Frontier()
    grown = _append(frontier)
    if before and grown.size == frontier.size:
        return None
    head = Head(
        # A log keeps its name when the installation moves to another address: a head of another name continues no log.
        origin=signed_notes.parse(before.note).origin if before else origin(organization),
        size=grown.size,
        root=grown.root,
        number=before.number + 1 if before else 1,
        time=clock.now(),
        previous_size=frontier.size,
        previous_root=frontier.root,
        purpose=purpose.value,
    )
    note = signed_notes.sign(head, keys.signing_key())
    made = Seal.objects.create(
        number=head.number,
        size=head.size,
        root=head.root,
        previous_size=head.previous_size,
        previous_root=head.previous_root,
        sealed_at=head.time,
        purpose=head.purpose,
        note=note,
        frontier=str(grown),
    )
    # After the commit: the head of a seal that was rolled back would be reported as a trail that was cut off. Robust,
    # since the seal stands by then, and a folder that can't be written is no reason to fail what asked for it.
    transaction.on_commit(partial(keys.keep_head, organization.slug, note, head.size), robust=True)
    return made


def _append(frontier: Frontier) -> Frontier:
    """Make leaves of at most `MOST` rows that aren't any, source by source, by key."""
    room = MOST
    for source in sources():
        last = -1
        while room and (found := list(unsealed(source, last, min(BATCH, room)))):
            leaves = [(key, leaf_hash(data)) for key, data in found]
            _write(source, frontier.size, leaves)
            frontier = frontier.extend(hash for _key, hash in leaves)
            last, room = leaves[-1][0], room - len(leaves)
    return frontier


def unsealed(source: Source, after: int, limit: int) -> Iterator[tuple[int, bytes]]:
    """Yield keys and bytes of at most ``limit`` rows behind ``after`` that are no leaves yet."""
    quote = connection.ops.quote_name
    # Not "newer than the last leaf": a transaction that commits late has lower keys, and would be skipped for ever.
    key = f"source.{quote(source.key)}"
    leaf = f"SELECT 1 FROM {quote(Leaf._meta.db_table)} leaf WHERE leaf.organization_id = %s AND leaf.source = %s AND leaf.key = {key}"
    values = [after, current_organization().pk, source.table]
    return source.rows(f"{key} > %s AND NOT EXISTS ({leaf})", values, limit=limit)


def _write(source: Source, first: int, leaves: list[tuple[int, bytes]]) -> None:
    """Insert leaves of one source, numbered from ``first``."""
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, ("organization_id", "source", "index", "key", "hash")))
    row = f"({current_organization().pk:d}, %s, %s, %s, %s)"
    with connection.cursor() as cursor:
        for start in range(0, len(leaves), ROWS):
            batch = leaves[start : start + ROWS]
            values: list[Any] = []
            for index, (key, hash) in enumerate(batch, first + start):
                values += (source.table, index, key, hash)
            rows = ", ".join([row] * len(batch))
            cursor.execute(f"INSERT INTO {quote(Leaf._meta.db_table)} ({columns}) VALUES {rows}", values)
