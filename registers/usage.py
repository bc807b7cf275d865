"""What uses a record: rows that point to it, are linked to it, or name it.

Rows name a record by its reference in a text field.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q, Value

from registers.columns import Text
from registers.models import Record
from trail.models import AppendOnly, Link, Tracked


@dataclass(frozen=True)
class Usage:
    """Rows of a kind that use records.

    Attributes:
        rows: gives those that count, of the current organization.
        field: the field of theirs that says which record.
        called: the path to the reference that such a row is known by; empty where it has none.
        word: what it is, where it has no reference.
        by: what of the record the field holds: its reference or its ``pk``.
    """

    rows: Callable[[], Any]
    field: str
    called: str = ""
    word: Text = ""
    by: str = "reference"

    def of(self, records: Sequence[Record]) -> Iterable[tuple[int, str]]:
        """Return which of some records are used, each with who does it: one query."""
        keys = {getattr(record, self.by): record.pk for record in records}
        found = self._found(keys) if keys else ()
        return ((keys[held], who) for held, who in found)

    def condition(self) -> Q:
        """Return the condition that a record is used so, for queries of records."""
        return Q(**{f"{self.by}__in": self.rows().values(self.field)})

    def _found(self, held: Collection[Any]) -> Iterable[tuple[Any, str]]:
        who = self.called or Value(str(self.word))
        rows = self.rows().filter(**{f"{self.field}__in": list(held)}).order_by()
        return rows.values_list(self.field, who).distinct()  # type: ignore[no-any-return]


#: Rows that name records of any register by their reference; other apps add theirs.
usages: list[Usage] = []


def used_by(records: Sequence[Record], written: datetime) -> dict[int, list[str]]:
    """Return who uses each of some records of a register.

    It takes a number of queries that doesn't grow with the records.

    Args:
        records: of one model.
        written: the date of the transaction that wrote them. What it wrote below them, as the first version of a text,
            is a part of them and doesn't count.
    """
    found: defaultdict[int, list[str]] = defaultdict(list)
    for use in _usages(type(records[0]), written) if records else ():
        for key, who in use.of(records):
            found[key].append(who)
    return found


def used(records: models.QuerySet, written: datetime) -> Any:
    """Narrow a queryset to the records that are used; ``written`` as for :func:`used_by`."""
    return records.filter(reduce(or_, (use.condition() for use in _usages(records.model, written))))


def _usages(model: type[Record], written: datetime) -> Iterator[Usage]:
    # Hidden ones too: a key whose related name is “+” points to the record all the same.
    for relation in model._meta.get_fields(include_hidden=True):
        other: Any = relation.related_model
        if not isinstance(relation, models.ManyToOneRel) or not issubclass(other, Tracked):
            continue
        if issubclass(other, Link):
            yield from _links(model, other, relation.field)
        elif issubclass(other, Record):
            yield Usage(other.objects.current, relation.field.attname, "reference", by="pk")
        else:
            yield _below(other, relation.field, written)
    for use in usages:
        yield replace(use, rows=_not_along(use.rows(), written).all)


def _below(other: type[Tracked], field: models.Field[Any, Any], written: datetime) -> Usage:
    """Return the usage by rows that are kept below a record, but for those that came with it."""
    return Usage(
        _not_along(other.objects.all(), written).all, field.attname, word=other._meta.verbose_name or "", by="pk"
    )


def _not_along(rows: models.QuerySet, written: datetime) -> Any:
    """Leave out rows that a transaction wrote along with a record.

    Only what is written once can be told by the date of its first version.
    """
    if not issubclass(rows.model, AppendOnly):
        return rows
    along = rows.model.history.filter(id=OuterRef("pk"), history_date=written, history_type="+")
    return rows.filter(~Exists(along))


def _links(model: type[Record], link: type[Link], this: models.Field[Any, Any]) -> Iterator[Usage]:
    """Yield the usages by links from other rows that aren't archived.

    What a record itself is linked to doesn't use it.
    """
    for each in model._meta.many_to_many:
        if each.remote_field.through is link and each.m2m_field_name() == this.name:  # type: ignore[attr-defined]
            return
    ends = [
        each.name
        for each in link._meta.concrete_fields
        if each is not this and isinstance(each.related_model, type) and issubclass(each.related_model, Record)
    ]
    for end in ends:
        rows = link.objects.filter(**{f"{end}__archived_at": None})
        yield Usage(rows.all, this.attname, f"{end}__reference", by="pk")
