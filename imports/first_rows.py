"""The first rows of a file, as they would be written: who is meant, which row, and nothing where nothing is written."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from imports.converter import Converter
from imports.drafts import Draft
from imports.feeds import attribute
from imports.labels import value_of
from registers.formatting import text_of
from registers.models import Record
from registers.parsing.targets import Target

PREVIEW_ROWS = 12
#: Characters of a cell that are shown.
CELL = 300
#: Of fields whose cells name people, sites or rows.
_KEYS = ("person", "site", "record", "records")
_NOT_SAID = object()


class FirstRows:
    """The first rows of one file; what their cells name is read once a chunk, with one query a field."""

    def __init__(self, converter: Converter) -> None:
        self.converter = converter
        self.rows: list[dict[str, Any]] = []
        self._names: defaultdict[str, dict[Any, str]] = defaultdict(dict)

    @property
    def columns(self) -> list[str]:
        """What the columns of these rows are called."""
        return [target.label for target in self._targets]

    @property
    def _targets(self) -> list[Target]:
        return [feed.target for feed in self.converter.feeds.values()]

    def see(self, drafts: Sequence[Draft], outcomes: Mapping[int, list[dict[str, str]]]) -> None:
        """Take in a chunk of settled drafts, with what is written beside each."""
        first = drafts[: PREVIEW_ROWS - len(self.rows)]
        for target in self._targets if first else ():
            if target.kind in _KEYS:
                self._learn(target, first)
        self.rows += (self._row(draft) | {"outcomes": outcomes.get(id(draft), [])} for draft in first)

    def _learn(self, target: Target, drafts: Sequence[Draft]) -> None:
        """Read what the cells of a field name; rows that are still to be created are called by their names."""
        values = [value for draft in drafts if (value := self._written(target, draft)) not in (None, _NOT_SAID)]
        keys = {key for value in values for key in (value if target.kind == "records" else (value,))}
        found = self.converter.lookups.of(target).instances(keys - self._names[target.name].keys()) if keys else {}
        self._names[target.name] |= {
            key: row.title_text if isinstance(row, Record) else str(row) for key, row in found.items()
        }

    def _row(self, draft: Draft) -> dict[str, Any]:
        wrong = {(problem.cell, problem.column): problem for problem in draft.problems}
        cells = []
        own = self.converter.feeds_of(draft.question)
        for target in self._targets:
            if target.name not in own:
                cells.append({"text": "", "error": "", "remedy": ""})
                continue
            # As a problem with this cell would be called, to find the one it may have.
            sign = self.converter.problem(draft.row, target.name, "", "", draft.question)
            problem = wrong.pop((sign.cell, sign.column), None)
            cells.append(
                {
                    "text": (sign.value if problem else self._text(target, draft, sign.value))[:CELL],
                    "error": problem.reason if problem else "",
                    "remedy": problem.remedy if problem else "",
                }
            )
        rest = " ".join(f"{problem.reason} {problem.remedy}".strip() for problem in wrong.values())
        return {"number": draft.row.number, "state": draft.outcome, "cells": cells, "error": rest}

    def _text(self, target: Target, draft: Draft, raw: str) -> str:
        """Return what a field will hold, in words; what the file writes where that isn't settled."""
        value = self._written(target, draft)
        if value is _NOT_SAID:
            return raw
        if value is None:
            return ""
        if target.kind in _KEYS and not target.custom:
            keys = value if target.kind == "records" else (value,)
            return ", ".join(name for key in keys if (name := self._names[target.name].get(key)))
        return target.choices.get(str(value), str(value)) if target.kind == "choice" else text_of(value)

    def _written(self, target: Target, draft: Draft) -> Any:
        """Return the value that a field will hold, of links the keys."""
        name = attribute(target)
        if target.kind == "records":
            return draft.links.get(target.name)
        if target.beside:
            return draft.beside.get(target.name, _NOT_SAID)
        stays = draft.record is not None and not draft.is_new and name in self.converter.only_new
        if name in draft.values and not stays:
            return draft.values[name]
        return value_of(draft.record, name) if draft.record is not None and not target.custom else _NOT_SAID
