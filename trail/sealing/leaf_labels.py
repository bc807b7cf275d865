"""The places of versions and events in the sealed trail, in words for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import models
from django.db.models import OuterRef, Subquery
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trail.models import Leaf, Seal
from trail.sealing.leaves import source_of
from trail.sealing.tree import path_length


def in_words(model: type[models.Model], keys: Sequence[int]) -> dict[int, str]:
    """Say of each version or event which leaf of which sealed tree it is, in two queries.

    What isn't sealed yet is said to wait for the next seal.

    Args:
        model: a table of versions, or `trail.models.Event`.
        keys: the rows' primary keys.
    """
    waiting = _("Not sealed yet: the next seal, within minutes, covers it.")
    return dict.fromkeys(keys, waiting) | dict(_sealed(source_of(model).table, keys))


def _sealed(table: str, keys: Sequence[int]) -> Iterator[tuple[int, str]]:
    first = Seal.objects.filter(size__gt=OuterRef("index")).order_by("size")
    leaves: Any = Leaf.objects.filter(source=table, key__in=keys).annotate(covered_by=Subquery(first.values("pk")[:1]))
    places = list(leaves.order_by().values_list("key", "index", "covered_by"))
    seals = Seal.objects.defer("frontier", "note").in_bulk({seal for _key, _index, seal in places if seal})
    for key, index, covered_by in places:
        if seal := seals.get(covered_by):
            yield key, place(index, seal)


def place(index: int, seal: Seal) -> str:
    """Say which leaf of which tree it is, and how many hashes prove it (RFC 6962, 2.1.1)."""
    hashes = path_length(index, seal.size)
    text = ngettext(
        "Leaf %(leaf)s of the tree of %(size)s sealed %(time)s (seal %(number)s); %(hashes)d hash leads from it to the signed head.",
        "Leaf %(leaf)s of the tree of %(size)s sealed %(time)s (seal %(number)s); %(hashes)d hashes lead from it to the signed head.",
        hashes,
    )
    return text % {
        "leaf": f"{index:,}",
        "size": f"{seal.size:,}",
        "time": date_format(localtime(seal.sealed_at), "j M Y, H:i"),
        "number": f"{seal.number:,}",
        "hashes": hashes,
    }
