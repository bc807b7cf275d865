"""Many rows changed together, with history, on one database, beside as many inserted together.

So many requirements are inserted, then changed: one value for all, then three fields of their own in each. Beside it Django's
own ``bulk_update``, which writes no history, on a tenth of them. Run by ``python -m benchmarks bulk`` with the environment of
an installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, models, transaction

import benchmarks.pages  # noqa: F401 - sets Django up
from benchmarks.time_travel import requirement
from organizations import clock
from organizations.models import Membership, Organization, User
from organizations.roles import Role
from organizations.scope import current_organization, in_organization
from organizations.services import create_organization
from registers.editing import bulk
from registers.editing.models import BulkEdit
from registers.register import registry
from requirements_registry.models import Requirement
from trail.history import bulk_create, bulk_update, refresh_statistics

#: Written with every change.
STAMP = ("revision", "changed_at")


def seconds(task: Callable[[], Any]) -> float:
    """By the clock, commit included."""
    began = time.perf_counter()
    with transaction.atomic():
        task()
    return time.perf_counter() - began


def stamp(rows: list[Requirement]) -> None:
    """What every change of a record writes along."""
    now = clock.now()
    for row in rows:
        row.revision, row.changed_at = row.revision + 1, now


def one_value(rows: list[Requirement]) -> None:
    """All get the same category."""
    stamp(rows)
    for row in rows:
        row.category = "Noise"
    bulk_update(Requirement, rows, ["category", *STAMP], reason="Changed together")


def own_values(rows: list[Requirement]) -> None:
    """Each gets a title, a text and a day of its own."""
    stamp(rows)
    for number, row in enumerate(rows):
        row.title, row.guidance = f"{row.title} ({number})", f"See number {number} of the annex"
        row.effective_on = clock.now().date() - timedelta(days=number % 1000)
    bulk_update(Requirement, rows, ["title", "guidance", "effective_on", *STAMP], reason="Changed together")


def edited(person: User) -> Iterator[tuple[str, float]]:
    """A change of all rows as its page has it done: the look that says what it comes to, and the write with its event."""
    Membership(organization=current_organization(), user=person, role=Role.QUALITY_MANAGER, job_title="Quality manager",
               valid_from=date(2020, 1, 1)).save()  # fmt: skip
    changes = {"to-category": ["other"], "to-criticality": ["high"]}
    job = bulk.ask(registry["requirements"], {"query": ""}, changes, by=person, reason="Changed together")
    began = time.perf_counter()
    bulk.process(job)
    yield "Bulk edit: the look", time.perf_counter() - began
    job = bulk.confirm(BulkEdit.objects.get(pk=job.pk))
    began = time.perf_counter()
    bulk.process(job)
    yield "Bulk edit: the write", time.perf_counter() - began
    done = BulkEdit.objects.get(pk=job.pk)
    assert (done.status, done.found["counts"]["refused"]) == ("done", 0), done.failure


def main(rows: int) -> None:
    """Measure one size."""
    call_command("migrate", verbosity=0)
    person = User.objects.create_user("quality@bench.example", "bench", name="Quinn")
    create_organization("bench", "Bench", administrator=person)
    with in_organization(Organization.objects.get(slug="bench")):
        new = [requirement(number, person) for number in range(rows)]
        floor = seconds(lambda: bulk_create(Requirement, new, reason="Taken over"))
        refresh_statistics([Requirement, Requirement.history.model])
        written = list(Requirement.objects.order_by("pk"))
        few = written[: rows // 10]
        figures = [
            {"what": "insert", "rows": rows, "seconds": floor, "floor": floor},
            *({"what": task.__doc__.rstrip("."), "rows": rows, "seconds": seconds(lambda t=task: t(written)), "floor": floor}  # type: ignore[misc]
              for task in (one_value, own_values)),
            {"what": "Django's bulk_update of three fields, no history", "rows": len(few), "floor": floor / 10,
             "seconds": seconds(lambda: models.QuerySet(Requirement).bulk_update(few, ["title", "guidance", "effective_on"], batch_size=250))},
        ]  # fmt: skip
        figures += [{"what": what, "rows": rows, "seconds": spent, "floor": floor} for what, spent in edited(person)]
    print(json.dumps({"database": connection.display_name, "rows": rows, "figures": figures}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
