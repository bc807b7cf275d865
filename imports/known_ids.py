"""Ids that the register knows already, held against what else their rows say: another list may number its rows alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imports.converter import Converter
from imports.drafts import Draft
from imports.feeds import attribute
from imports.labels import value_of
from registers.models import Record
from registers.parsing.targets import EXTERNAL_ID, REFERENCE

#: What the numbers of a look through a file are kept under, as JSON.
KNOWN_IDS = "known_ids"
#: A row is hardly the one that the register knows if so many of the fields that both fill differ.
_NEARLY_ALL = 0.75
#: Fields that both fill, below which one row alone raises no doubt.
_ENOUGH = 3


class KnownIds:
    """How many rows of a file have an id of the register, and how many of these are other rows by all that they say."""

    def __init__(self, model: type[Record], converter: Converter) -> None:
        self._model = model
        self._told = [
            attribute(feed.target)
            for feed in converter.feeds.values()
            if feed.columns and feed.target.sets_column and feed.target.name not in (EXTERNAL_ID, REFERENCE)
        ]
        self._same = converter.mapping.same_ids
        self.rows = self.known = self.other = 0
        self._certain = False

    def see(self, drafts: Sequence[Draft]) -> None:
        """Take in settled drafts, refused ones too: one more query where there are any."""
        self.rows += len(drafts)
        unsettled = [draft for draft in drafts if draft.record is None and not draft.by_reference]
        found = self._model.objects.known_by(EXTERNAL_ID, [draft.key for draft in unsettled]) if unsettled else ()
        rows = {getattr(row, EXTERNAL_ID): row for row in found}
        for draft in drafts:
            if draft.record is not None and not draft.is_new and not draft.by_reference:
                held = [name for name in self._told if name in draft.values and _old(draft, name) not in (None, "")]
                self._count(len(held), sum(name in draft.changed for name in held))
            elif draft.record is None and (row := rows.get(draft.key)) is not None:
                before = {name: value_of(row, name) for name in self._told if name in draft.values}
                held = [name for name, value in before.items() if value not in (None, "")]
                self._count(len(held), sum(draft.values[name] != before[name] for name in held))

    def _count(self, held: int, differ: int) -> None:
        self.known += 1
        if held > 1 and differ >= _NEARLY_ALL * held:
            self.other += 1
            self._certain |= held >= _ENOUGH

    @property
    def is_doubtful(self) -> bool:
        """Whether most rows that the register seems to know are others, and nobody has said that they are the same."""
        return not self._same and 2 * self.other > self.known and (self.other > 1 or self._certain)

    def as_json(self) -> dict[str, int]:
        """Return the numbers as JSON; nothing where there is no doubt."""
        return {"rows": self.rows, "known": self.known, "other": self.other} if self.is_doubtful else {}


def _old(draft: Draft, name: str) -> Any:
    return draft.before[name] if name in draft.before else getattr(draft.record, name, None)
