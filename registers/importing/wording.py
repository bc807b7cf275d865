"""Values of a register's rows in words, as people read them: choices by label, what keys point to by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from registers.importing.converting import attribute
from registers.importing.targets import Target
from registers.table import text_of


class Wording:
    """Words for values of one register; what keys point to is read once, with one query a field."""

    def __init__(self, targets: Mapping[str, Target]) -> None:
        self._targets = {attribute(target): target for target in targets.values()}
        self._names: defaultdict[str, dict[Any, str]] = defaultdict(dict)

    def label(self, name: str) -> str:
        """What pages call an attribute of a row."""
        return self._targets[name].label if name in self._targets else name.replace("_", " ").capitalize()

    def learn(self, values: Iterable[tuple[str, Any]]) -> None:
        """Read what keys point to, of many values together: attribute and value."""
        unread: defaultdict[str, set[Any]] = defaultdict(set)
        for name, value in values:
            if name in self._targets and self._targets[name].kind in ("person", "site", "record") and value is not None:
                unread[name].add(value)
        for name, keys in unread.items():
            model: Any = self._targets[name].field.related_model
            found = model._default_manager.in_bulk(keys - self._names[name].keys())
            self._names[name] |= {key: str(row) for key, row in found.items()}

    def text(self, name: str, value: Any) -> str:
        """A value in words; of a key that nothing was learnt about, nothing."""
        target = self._targets.get(name)
        if target is None or value is None:
            return text_of(value)
        if target.kind in ("person", "site", "record"):
            return self._names[name].get(value, "")
        return target.choices.get(str(value), str(value)) if target.kind == "choice" else text_of(value)
