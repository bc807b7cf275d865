"""What an import did to the links of the rows it changed: before it, as imported, and now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import models

from imports.matcher import linked
from registers.parsing.targets import Target

#: The keys that a row is linked to.
Keys = frozenset[int]


class Relinking(NamedTuple):
    """What a row was linked to before an import, as imported, and is now."""

    before: Keys
    imported: Keys
    now: Keys


class Relinked:
    """The links of one field, worked out from those of now by what their history says.

    It says which were made and which were removed.

    Two queries in all, and one for each number of rows that is asked about.
    """

    def __init__(self, target: Target, moment: datetime, rows: models.QuerySet) -> None:
        """Look at a field.

        Args:
            target: of kind ``records``.
            moment: the date of what the import wrote.
            rows: a query of the keys of the rows it changed.
        """
        field = target.field
        assert isinstance(field, models.ManyToManyField)
        self.target, self._moment, self._rows = target, moment, rows
        through: Any = field.remote_field.through  # type: ignore[attr-defined]
        self._history = through.history
        self._here, self._there = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"

    @property
    def touched_since(self) -> set[int]:
        """The rows in which it changed links, and somebody else did since."""
        return set(self._later)

    def of(self, keys: Sequence[int]) -> dict[int, Relinking]:
        """Return those of some rows whose links it changed."""
        touched = [key for key in keys if key in self._written]
        links = linked(self.target, touched) if touched else {}
        found = {}
        for key in touched:
            now = links.get(key, set())
            imported = _rewound(now, self._later.get(key, ()))
            before = _rewound(imported, self._written[key])
            if before != imported:
                found[key] = Relinking(frozenset(before), frozenset(imported), frozenset(now))
        return found

    @cached_property
    def _written(self) -> dict[int, list[tuple[int, str]]]:
        return self._versions(self._at_moment())

    @cached_property
    def _later(self) -> dict[int, list[tuple[int, str]]]:
        rows = {f"{self._here}__in": self._at_moment().values(self._here)}
        return self._versions(self._history.filter(history_date__gt=self._moment, **rows))

    def _at_moment(self) -> Any:
        return self._history.filter(history_date=self._moment, **{f"{self._here}__in": self._rows})

    def _versions(self, versions: models.QuerySet) -> dict[int, list[tuple[int, str]]]:
        """Return what happened to the links of each row, the newest first.

        That is: what a link leads to, and whether it was made (``+``) or removed (``-``).
        """
        found: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        newest_first = versions.order_by("-history_id")
        for key, other, kind in newest_first.values_list(self._here, self._there, "history_type"):
            found[key].append((other, kind))
        return dict(found)


def _rewound(keys: Iterable[int], versions: Iterable[tuple[int, str]]) -> set[int]:
    """Return what a row was linked to before some versions, the newest first."""
    links = set(keys)
    for key, kind in versions:
        if kind == "+":
            links.discard(key)
        else:
            links.add(key)
    return links
