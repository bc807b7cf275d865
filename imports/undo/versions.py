"""What an import wrote, found again in the history, and what undoing does to each row.

Everything an import wrote bears one date there, so nothing has to be kept beside it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import F, Max, Min, OuterRef, Q, Subquery

from imports.feeds import attribute
from imports.labels import value_of
from imports.undo.links import Relinked
from registers.custom_fields.models import CustomField
from registers.models import Record
from registers.parsing.targets import EXTERNAL_ID, SOURCE_DATA, Target, retired_targets, targets_of
from registers.register import Register
from registers.usage import used, used_by


class FieldChange(NamedTuple):
    """A field of a row: its value before the import, as imported, and now.

    Of links they are sets of keys. ``is_taken``: it is an external id, and another row has the one from before by now,
    so that it stays.
    """

    name: str
    before: Any
    imported: Any
    now: Any
    is_taken: bool = False

    @property
    def edited(self) -> bool:
        """Whether somebody has given it another value since; one that is back counts as nobody's."""
        return self.now not in (self.imported, self.before)


@dataclass
class Reversal:
    """What undoing would do to one row.

    Attributes:
        record: the row as it stands.
        is_created: whether the import created it; then it is archived, otherwise its fields are set back.
        edited: whether it, or one of the fields, was edited since, or it is used.
        fields: the fields the import changed.
        used_by: who uses a created row, which so isn't archived unasked: references, or words for what has none.
    """

    record: Record
    is_created: bool
    edited: bool
    fields: list[FieldChange] = field(default_factory=list)
    used_by: list[str] = field(default_factory=list)


class Writing:
    """What an import wrote to a register, found in the history by its date."""

    def __init__(self, register: Register, moment: datetime) -> None:
        self.register, self.moment = register, moment
        self.model: type[Record] = register.model
        self.targets: dict[str, Target] = targets_of(register) | retired_targets(register)
        targets = self.targets.values()
        self._custom = {target.name for target in targets if target.custom}
        self._attributes = [
            attribute(target) for target in targets if target.sets_column and not target.custom and not target.beside
        ]
        self._attributes += self.model.beside_attributes
        changed = self.versions().filter(history_type="~").exclude(id__in=self._created().values("id"))
        self._relinked = [
            Relinked(target, moment, changed.values("id")) for target in targets if target.kind == "records"
        ]
        if any(each.attname == SOURCE_DATA for each in self.model._meta.concrete_fields):
            # Imports write it, although no column can be mapped to it.
            self._attributes.append(SOURCE_DATA)

    def versions(self, model: Any = None) -> Any:
        """Return the versions it wrote, of the register's rows or those of another model."""
        return (model or self.model).history.filter(history_date=self.moment)

    @cached_property
    def created(self) -> list[int]:
        """The keys of the rows that it created."""
        return list(self._created().order_by("id").values_list("id", flat=True))

    @cached_property
    def changed(self) -> list[int]:
        """The keys of the rows that it changed."""
        new = set(self.created)
        found = self.versions().filter(history_type="~").order_by("id").values_list("id", flat=True).distinct()
        return [key for key in found if key not in new]

    def edited(self) -> list[int]:
        """Return the keys of its rows that somebody may have edited since, or that are used."""
        relinked = {key for each in self._relinked for key in each.touched_since}
        return sorted({*self._moved(), *self._used(), *relinked})

    def _created(self) -> Any:
        return self.versions().filter(history_type="+")

    def _moved(self) -> Any:
        """Return its rows that were edited or archived since: their revision has moved on."""
        last = self.versions().filter(id=OuterRef("pk")).order_by("-history_id").values("revision")[:1]
        rows = self.model.objects.filter(pk__in=self.versions().values("id"))
        moved = (
            rows.annotate(written=Subquery(last))
            .filter(revision__gt=F("written"))
            # Created and archived since is what undoing would make of it.
            .exclude(Q(archived_at__isnull=False) & Q(pk__in=self._created().values("id")))
        )
        return moved.values_list("pk", flat=True)

    def _used(self) -> Any:
        """Return the rows it created that are used."""
        rows = self.model.objects.current().filter(pk__in=self._created().values("id"))  # type: ignore[attr-defined]
        return used(rows, self.moment).values_list("pk", flat=True)

    def reversals(self, keys: Sequence[int], *, lock: bool = False) -> Iterator[Reversal]:
        """Yield what undoing would do to rows: a number of queries that doesn't grow with them."""
        rows = self.model.objects.all()
        found = (rows.select_for_update() if lock else rows).in_bulk(list(keys))
        written = (
            self.versions().filter(id__in=keys).values("id").annotate(first=Min("history_id"), last=Max("history_id"))
        )
        spans = {span["id"]: (span["first"], span["last"]) for span in written}
        earlier = self.model.history.filter(id__in=keys, history_date__lt=self.moment).values("id")  # type: ignore[attr-defined]
        befores = {each["id"]: each["last"] for each in earlier.annotate(last=Max("history_id"))}
        wanted = [*(last for _first, last in spans.values()), *befores.values()]
        versions = self._read(wanted)
        using = used_by([found[key] for key in keys if key not in befores], self.moment)
        links = self._links([key for key in keys if key in befores])
        taken = self._taken({key: (versions[last], versions[spans[key][1]]) for key, last in befores.items()})
        for key in keys:
            record, after = found[key], versions[spans[key][1]]
            if key not in befores:
                who = using.get(key, [])
                yield Reversal(record, True, bool(who) or record.revision > after["revision"], used_by=who)
                continue
            before = versions[befores[key]]
            fields = [
                FieldChange(
                    name,
                    before.get(name),
                    after.get(name),
                    value_of(record, name),
                    name == EXTERNAL_ID and key in taken,
                )
                for name in (*self._attributes, *self._custom)
                if before.get(name) != after.get(name)
            ]
            fields += links.get(key, [])
            yield Reversal(record, False, any(each.edited for each in fields), fields)

    def _links(self, keys: Sequence[int]) -> dict[int, list[FieldChange]]:
        """Return the links that it changed, by row."""
        changes: defaultdict[int, list[FieldChange]] = defaultdict(list)
        for relinked in self._relinked:
            for key, links in relinked.of(keys).items():
                changes[key].append(FieldChange(relinked.target.name, *links))
        return changes

    def _taken(self, versions: Mapping[int, tuple[dict[str, Any], dict[str, Any]]]) -> set[int]:
        """Return the rows whose old external id another row has by now: one query.

        `versions` are those of each row before and after the import.
        """
        wanted = {
            before[EXTERNAL_ID]: key
            for key, (before, after) in versions.items()
            if before[EXTERNAL_ID] not in ("", after[EXTERNAL_ID])
        }
        if not wanted:
            return set()
        rows = self.model.objects.filter(external_id__in=list(wanted)).values_list(EXTERNAL_ID, "pk")
        return {wanted[taken] for taken, key in rows if wanted[taken] != key}

    def _read(self, keys: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Return versions by their keys: the values of all fields that an import can set."""
        names = ("history_id", "revision", CustomField.LEAF, *self._attributes)
        rows = self.model.history.filter(history_id__in=keys).values(*names)  # type: ignore[attr-defined]
        return {row["history_id"]: row.pop(CustomField.LEAF) | row for row in rows}
