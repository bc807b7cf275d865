"""Tools of the demonstration: a seeded chance, days before today, rows written in bulk."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar

from organizations.models import Organization, User
from registers.models import Record, ReferenceCounter
from trail.history import bulk_create

Row = TypeVar("Row", bound=Record)
#: Rows that are held in memory at once.
CHUNK = 2000


@dataclass(frozen=True)
class People:
    """Who does what in the demonstration."""

    quality: User
    owner: User
    director: User
    auditor: User
    admin: User

    @property
    def owners(self) -> tuple[User, ...]:
        """Those who own rows."""
        return (self.quality, self.owner, self.owner)


@dataclass
class Workshop:
    """What every part of the demonstration works with."""

    organization: Organization
    people: People
    today: date
    rows: int
    chance: random.Random = field(default_factory=random.Random)

    @property
    def scale(self) -> int:
        """How many times the usual size is asked for, at least once."""
        return max(1, round(self.rows / 150))

    def ago(self, least: int, most: int) -> date:
        """Return a day between ``least`` and ``most`` days before today."""
        return self.today - timedelta(days=self.chance.randint(least, most))

    def moment(self, day: date) -> datetime:
        """Return a moment of the working day, where the organization is."""
        working = time(self.chance.randint(8, 16), self.chance.randint(0, 59))
        return datetime.combine(day, working, tzinfo=self.organization.zone)

    def likely(self, share: float) -> bool:
        """Return true in about this share of cases."""
        return self.chance.random() < share


def write(model: type[Row], rows: Iterable[Row]) -> list[Row]:
    """Write records with references and first versions as an import does, a chunk at a time."""
    written: list[Row] = []
    rows = iter(rows)
    while chunk := list(islice(rows, CHUNK)):
        for row, reference in zip(chunk, ReferenceCounter.take(model.prefix, len(chunk)), strict=True):
            row.reference = reference
        created = bulk_create(model, chunk, reason="Taken over from the earlier spreadsheet")
        model.after_bulk_save(created=created, updated=[], changed_fields=())
        written += created
    return written


def cycle(values: list[Any], index: int) -> Any:
    """Return the value at an index that may run on beyond the end."""
    return values[index % len(values)]
