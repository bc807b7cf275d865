"""Values of a register's rows in words: choices by label, what keys point to by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from imports.feeds import attribute
from registers.lists.tables import text_of
from registers.models import Record
from registers.parsing.targets import Target

_KEYS = ("person", "site", "record", "records")


class Wording:
    """Words for values of one register.

    What keys point to is read once, with one query a field.
    """

    def __init__(self, targets: Mapping[str, Target]) -> None:
        self._targets = {attribute(target): target for target in targets.values()}
        self._names: defaultdict[str, dict[Any, str]] = defaultdict(dict)

    def label(self, name: str) -> str:
        """Return what pages call an attribute of a row."""
        return self._targets[name].label if name in self._targets else name.replace("_", " ").capitalize()

    def name(self, name: str, key: object, text: str) -> None:
        """Say what a key is called that isn't to be read: of a record that is still to be created."""
        self._names[name][key] = text

    def learn(self, values: Iterable[tuple[str, Any]]) -> None:
        """Read what keys point to, of many values together: attribute and value."""
        unread: defaultdict[str, set[Any]] = defaultdict(set)
        for name, value in values:
            target = self._targets.get(name)
            kind = target.kind if target and not target.custom else ""
            if kind in _KEYS and value is not None:
                unread[name].update(value if kind == "records" else (value,))
        for name, keys in unread.items():
            model: Any = self._targets[name].field.related_model
            found = model._default_manager.in_bulk(keys - self._names[name].keys())
            self._names[name] |= {key: _name(row) for key, row in found.items()}

    def text(self, name: str, value: Any) -> str:
        """Return a value in words; nothing for a key about which nothing was learnt."""
        target = self._targets.get(name)
        if target is None or value is None:
            return text_of(value)
        if target.custom:
            return target.custom.said({name: value})
        if target.kind == "records":
            return ", ".join(sorted(filter(None, map(self._names[name].get, value))))
        if target.kind in _KEYS:
            return self._names[name].get(value, "")
        return target.choices.get(str(value), str(value)) if target.kind == "choice" else text_of(value)


def value_of(record: Any, name: str) -> Any:
    """Return what a row holds under an attribute, or under the key of a custom field."""
    return getattr(record, name) if hasattr(record, name) else record.custom.get(name)


def _name(row: models.Model) -> str:
    return row.reference if isinstance(row, Record) else str(row)
