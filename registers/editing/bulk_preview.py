"""What a change of many rows comes to, looked at first and then written.

For each field that is how many rows it changes and from what; and which rows can't be changed and why.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from organizations.models import Membership, User
from organizations.roles import Action, may
from organizations.scope import current_organization
from registers.columns import BoundColumn
from registers.custom_fields.models import merged
from registers.formatting import text_of
from registers.models import Record
from registers.parsing.constraints import violations
from registers.register import Register
from trail.history import bulk_update

#: Rows held in memory at a time.
CHUNK = 2000
#: Rows, former values and references of refused rows that a preview shows.
SAMPLES, FORMER, REFUSED = 10, 6, 8
#: Attributes that follow from a change rather than being one.
_FOLLOWING = {"revision", "changed_at"}


class Overtaken(Exception):
    """Somebody changed some of the rows between the look and the writing."""


class Examination:
    """A look at rows of a register that are to be changed alike.

    It keeps counts, never the rows.

    Args:
        register: whose rows.
        values: new values by field, as the rows hold them.
        by: who asks for it.
        action: what of a row they must be allowed to do: change or archive it.
    """

    def __init__(
        self, register: Register, values: Mapping[str, Any], *, by: User, action: Action = Action.CHANGE
    ) -> None:
        self.register, self.by, self.action = register, by, action
        self.columns = [register.bound[name] for name in values if name in register.bound]
        custom = {column.name: column.custom for column in self.columns if column.custom}
        #: New values of the model's fields; and of custom fields, as records keep them.
        self.values = {name: value for name, value in values.items() if name not in custom}
        self.custom = {name: definition.kept(values[name]) for name, definition in custom.items()}
        self.memberships = Membership.objects.of(by, current_organization())
        self.counts = Counter(changed=0, unchanged=0, refused=0)
        self._attributes = {name: register.model._meta.get_field(name).attname for name in self.values}  # type: ignore[union-attr]
        self._former: dict[str, Counter[Any]] = defaultdict(Counter)
        self._samples: list[dict[str, Any]] = []
        self._reasons: Counter[str] = Counter()
        self._refused: dict[str, list[str]] = defaultdict(list)
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The hash that stands for the rows seen and the revision of each."""
        return self._digest.hexdigest()

    def take(self, records: Sequence[Record]) -> tuple[list[Record], set[str]]:
        """Look at some rows, and count what becomes of them.

        Returns:
            Those that change, holding their new values, and the names of all fields that differ.
        """
        drafts = [(record, before) for record in records if (before := self._begin(record)) is not None]
        drafts = [(record, before) for record, before in drafts if self._is_sound(record)]
        if drafts:
            # For all rows at once: what it asks the database, it asks once.
            self.register.model.prepare([record for record, _before in drafts])
        changed, fields = [], set()
        attributes = {f.attname: f.name for f in self.register.model._meta.concrete_fields}
        for record, before in drafts:
            if problems := self._is_validated and list(violations(record)):
                self._refuse(record, " ".join(problems))
                continue
            # All fields, as prepare() may have worked out further ones anew.
            fields |= {
                name for attname, name in attributes.items() if before.get(attname) != record.__dict__.get(attname)
            }
            self._count(record, before)
            changed.append(record)
        return changed, fields - _FOLLOWING

    def _begin(self, record: Record) -> dict[str, Any] | None:
        """Give a row its new values.

        Returns:
            What it held before, or None where it stays as it is.
        """
        self._digest.update(f"{record.pk}:{record.revision};".encode())
        if reason := self._forbidden(record):
            self._refuse(record, reason)
            return None
        before = dict(record.__dict__)
        for name, value in self.values.items():
            setattr(record, name, value)
        if self.custom:
            record.custom = merged(record.custom, self.custom)
        if all(self._held(before, name) == self._held(record.__dict__, name) for name in (*self.values, *self.custom)):
            self.counts["unchanged"] += 1
            return None
        return before

    def _held(self, values: Mapping[str, Any], name: str) -> Any:
        """Return what a row's attributes hold of a field: of a key to another row, the key itself."""
        return values["custom"].get(name) if name in self.custom else values.get(self._attributes[name])

    def _forbidden(self, record: Record) -> str:
        if record.is_archived:
            return _("It is archived.")
        if not may(self.memberships, self.action, self.register.slug, row=record, user=self.by):
            return _("It isn't yours to change.")
        return ""

    @property
    def _is_validated(self) -> bool:
        """Whether the new values have to make sense: what is put away stays as it is."""
        return self.action is not Action.ARCHIVE

    def _is_sound(self, record: Record) -> bool:
        try:
            if self._is_validated:
                record.clean()
        except ValidationError as error:
            self._refuse(record, " ".join(error.messages))
            return False
        return True

    def _refuse(self, record: Record, reason: str) -> None:
        self.counts["refused"] += 1
        self._reasons[reason] += 1
        if len(self._refused[reason]) < REFUSED:
            self._refused[reason].append(record.reference)

    def _count(self, record: Record, before: dict[str, Any]) -> None:
        self.counts["changed"] += 1
        differing = []
        for column in self.columns:
            former = self._held(before, column.name)
            if former != self._held(record.__dict__, column.name):
                self._former[column.name][former] += 1
                differing.append((column.name, former))
        if len(self._samples) < SAMPLES:
            self._samples.append({"reference": record.reference, "title": record.title_text, "former": dict(differing)})

    def as_json(self) -> dict[str, Any]:
        """Return all of it as plain values, in words."""
        words = {column.name: self._words(column) for column in self.columns}
        return {
            "counts": dict(self.counts),
            "digest": self.digest,
            "fields": [self._field(column, words[column.name]) for column in self.columns],
            "samples": [
                sample | {"former": {name: words[name](value) for name, value in sample["former"].items()}}
                for sample in self._samples
            ],
            "refused": [
                {"reason": reason, "count": count, "references": self._refused[reason]}
                for reason, count in self._reasons.most_common(20)
            ],
        }

    def _field(self, column: BoundColumn, words: Callable[[Any], str]) -> dict[str, Any]:
        former = self._former[column.name]
        return {
            "name": column.name,
            "label": column.label,
            "to": words(self._new(column)),
            "changed": former.total(),
            "former": [[words(value), count] for value, count in former.most_common(FORMER)],
            "further": max(len(former) - FORMER, 0),
        }

    def _new(self, column: BoundColumn) -> Any:
        """Return a column's new value, as rows hold it."""
        value = self.custom[column.name] if column.custom else self.values[column.name]
        return value.pk if isinstance(value, models.Model) else value

    def _words(self, column: BoundColumn) -> Callable[[Any], str]:
        """Return a function that says a column's values, as rows hold them, in words.

        It takes one query where they are keys of other rows.
        """
        field, custom = column.field, column.custom
        if custom:
            return lambda value: custom.said({column.name: value})
        if isinstance(field, models.ForeignKey):
            keys = {*islice(self._former[column.name], 1000), self._new(column)} - {None}
            related: Any = field.related_model
            known = {row.pk: str(row) for row in related._default_manager.filter(pk__in=keys)}
            return lambda value: known.get(value, "…") if value is not None else ""
        labels = {code: str(label) for code, label in getattr(field, "flatchoices", ())}
        return lambda value: labels.get(value) or text_of(value)


def records_of(register: Register, keys: Sequence[int], *, lock: bool = False) -> Iterator[list[Record]]:
    """Yield rows by their keys, some at a time."""
    related = [c.name for c in register.bound.values() if c.kind == "record"]
    rows = register.model.objects.order_by("pk")
    # Locked rows come without joins: PostgreSQL refuses to lock rows of an outer one.
    rows = rows.select_for_update() if lock else rows.select_related(*related)
    left = iter(keys)
    while chunk := list(islice(left, CHUNK)):
        yield list(rows.filter(pk__in=chunk))


def write(
    examination: Examination,
    keys: Sequence[int],
    *,
    digest: str,
    reason: str,
    progress: Callable[[int], None] = lambda done: None,
) -> None:
    """Write what a look at the rows found good, each with its version.

    Call it inside a transaction.

    Args:
        examination: a new one; afterwards it says what was written.
        keys: the rows' keys, in order.
        digest: of the look that a person confirmed.
        reason: goes into every version.
        progress: told how many rows are done.

    Raises:
        Overtaken: the rows aren't those of that look any more.
    """
    register, done = examination.register, 0
    for records in records_of(register, keys, lock=True):
        changed, fields = examination.take(records)
        for record in changed:
            record.revision += 1
            # A write of many rows goes past save(), which sets the time.
            record._meta.get_field("changed_at").pre_save(record, add=False)  # type: ignore[union-attr]
            record._change_reason = reason  # type: ignore[attr-defined]
        if changed:
            bulk_update(register.model, changed, sorted({*fields, *_FOLLOWING}), reason=reason)
            register.model.after_bulk_save([], changed, fields)
        done += len(records)
        progress(done)
    # Known only when the last row was seen; what was written is rolled back with the transaction.
    if examination.digest != digest:
        raise Overtaken
