"""Writing what belongs to imported rows: the records that their cells name, and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from imports.matcher import linked
from registers.models import Record, ReferenceCounter
from registers.parsing.lookups import RecordLookup
from registers.parsing.targets import Target
from trail.history import bulk_create, bulk_delete


def create_missing(lookup: RecordLookup, names: Mapping[int, str], reason: str) -> dict[int, int]:
    """Create the records of some names; return the key of each by the one that stood for it."""
    references = ReferenceCounter.take(lookup.model.prefix, len(names))
    rows = [
        lookup.unsaved(name, reference=reference) for name, reference in zip(names.values(), references, strict=True)
    ]
    created = bulk_create(lookup.model, rows, reason=reason)
    lookup.model.after_bulk_save(created, [], ())
    return {key: record.pk for key, record in zip(names, created, strict=True)}


def write_links(
    targets: Sequence[Target],
    rows: Sequence[tuple[Record, Mapping[str, Sequence[int]]]],
    reason: str,
    *,
    replace: bool = False,
) -> None:
    """Link records as their rows say.

    Args:
        targets: the mapped fields, of which the many-to-many ones count.
        rows: records, each with what every field links it to.
        reason: goes into the links' history.
        replace: whether the records may have links already, of which the rest are removed.
    """
    for target in targets:
        if target.kind == "records" and rows:
            _write_links(target, [(record, links.get(target.name, ())) for record, links in rows], reason, replace)


def _write_links(target: Target, rows: Sequence[tuple[Record, Sequence[int]]], reason: str, replace: bool) -> None:
    field = target.field
    assert isinstance(field, models.ManyToManyField)
    through: Any = field.remote_field.through  # type: ignore[attr-defined]
    here, there = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
    present = linked(target, [record.pk for record, _keys in rows]) if replace else {}
    missing = [(record.pk, key) for record, keys in rows for key in keys if key not in present.get(record.pk, ())]
    surplus = {(record.pk, key) for record, keys in rows for key in present.get(record.pk, set()) - set(keys)}
    if missing:
        bulk_create(through, [through(**{here: pk, there: key}) for pk, key in missing], reason=reason)
    if surplus:
        links = through.objects.filter(**{f"{here}__in": {pk for pk, _key in surplus}}).order_by("pk")
        gone = [link for link in links if (getattr(link, here), getattr(link, there)) in surplus]
        bulk_delete(through, gone, reason=reason)
