"""One size on one database: pages of the past, each beside the same page of today.

So many requirements with four versions each; looked at is the moment after the second. Run by ``python -m benchmarks
time_travel`` with the environment of an installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from benchmarks.pages import Bench, queries_of, wall
from customerfocus.demonstration.build import build
from organizations.models import Organization, User
from organizations.scope import in_organization
from requirements_registry.models import Requirement
from trail.history import bulk_create
from trail.time_travel.moments import written
from trail.time_travel.travel import time_travel

VERSIONS = 4
#: Rows written at a time.
BATCH = 10_000
TURNS = 5


def fill(organization: Organization, rows: int) -> datetime:
    """Write requirements and their versions; give the moment after the second version."""
    owner = User.objects.get(email="quality@demo.example")
    with in_organization(organization):
        for first in range(1000, rows + 1000, BATCH):
            numbers = range(first, min(first + BATCH, rows + 1000))
            bulk_create(Requirement, [requirement(number, owner) for number in numbers])
        moments = []
        for _ in range(VERSIONS - 1):
            write_version(organization)
            moments.append(timezone.now())
    return moments[0]


def requirement(number: int, owner: User) -> Requirement:
    """A requirement like any other."""
    return Requirement(
        reference=f"REQ-{number:06d}",
        title=f"Pressure test {number}",
        statement="Every pump holds 1.5 times its nominal pressure for ten minutes.",
        kind=("customer", "statutory")[number % 2],
        status="active",
        source=f"Contract {number}",
        owner=owner,
    )


def write_version(organization: Organization) -> None:
    """Another version of every requirement, as saving each anew would write it."""
    history: Any = Requirement.history.model
    kept = ", ".join(f'"{field.column}"' for field in history.tracked_fields)
    table = f'"{history._meta.db_table}"'
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({kept}, history_date, history_type, history_change_reason, history_user_id) "
            f"SELECT {kept}, %s, '~', '', history_user_id FROM {table} WHERE history_type = '+' AND organization_id = %s",
            [connection.ops.adapt_datetimefield_value(timezone.now()), organization.pk],
        )


def measure(bench: Bench, what: str, path: str, moment: str, *, anew: bool = False) -> None:
    """A page of the past beside today's; ``anew``: with nothing kept from an earlier look."""

    def looking(address: str) -> Callable[[], None]:
        def look() -> None:
            if anew:
                cache.clear()
            bench.get(path, address)

        return look

    past, today = looking(f"/as-of/{moment}"), looking("")
    figure = {"what": what, "ms": wall(past, TURNS), "floor": wall(today, TURNS), "queries": queries_of(past)}
    bench.figures.append(figure)


def entering(bench: Bench, moment: datetime) -> None:
    """Entering the past as far as one register, beside counting its last versions by hand."""
    table = Requirement.history.model._meta.db_table

    def enter() -> None:
        with in_organization(bench.organization), time_travel(moment):
            Requirement.objects.count()

    def count() -> None:
        with in_organization(bench.organization), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM (SELECT max(history_id) FROM {table} WHERE organization_id = %s GROUP BY id) AS last",
                [bench.organization.pk],
            )
            cursor.fetchone()

    figure = {"what": "entering, one register read", "ms": wall(enter, TURNS), "floor": wall(count, TURNS)}
    bench.figures.append({**figure, "queries": queries_of(enter)})


def main(rows: int) -> None:
    """Make the data, measure, print."""
    call_command("migrate", verbosity=0)
    organization = build(150, seed=1)
    moment = fill(organization, rows)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    settings.ALLOWED_HOSTS = ["localhost"]
    bench, then = Bench(organization), written(moment)
    entering(bench, moment)
    measure(bench, "list, first page", "requirements/", then)
    measure(bench, "record", f"requirements/REQ-{rows // 2 + 1000:06d}/", then)
    measure(bench, "overview, looked at again", "", then)
    measure(bench, "overview, first look", "", then, anew=True)
    measure(bench, "heat map", "heat-map/", then)
    measure(bench, "export CSV", "requirements/export.csv", then)
    print(
        json.dumps(
            {"database": connection.display_name, "rows": rows, "versions": VERSIONS * rows, "figures": bench.figures}
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
