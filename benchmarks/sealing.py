"""Sealing and verifying on one database, beside hashing alone: the leaves' bytes and the nodes above them, all in memory.

So many versions of requirements, four each; the last of each are sealed with the clock running, then all are verified. Run by
``python -m benchmarks sealing`` with the environment of an installation of its own; prints its figures as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

import benchmarks.pages  # noqa: F401 - sets Django up
from benchmarks.time_travel import BATCH, VERSIONS, requirement, write_version
from organizations.models import Organization, User
from organizations.scope import current_organization, in_organization
from organizations.services import create_organization
from requirements_registry.models import Requirement
from trail.history import bulk_create, refresh_statistics
from trail.models import Leaf
from trail.sealing import seals
from trail.sealing.leaves import source_of
from trail.sealing.tree import Frontier, leaf_hash
from trail.sealing.verify import verify


def measure(what: str, rows: int, task: Callable[[], Any], floor: float) -> dict[str, Any]:
    """Seconds of a task, and the most memory the process took meanwhile, in MiB: resident, as the kernel counts it."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    began = time.perf_counter()
    task()
    seconds = time.perf_counter() - began
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        "what": what,
        "rows": rows,
        "seconds": seconds,
        "floor": floor,
        "mib": int(status["VmHWM"].split()[0]) >> 10,
    }


def hashing_alone(rows: int) -> float:
    """Seconds to hash so many leaves and the nodes above them, from bytes like those that are sealed."""
    data = [data for _key, data in source_of(Requirement.history.model).rows(limit=BATCH)]
    seconds, left = 0.0, rows
    frontier = Frontier()
    while left > 0:
        began = time.perf_counter()
        frontier = frontier.extend(map(leaf_hash, data[:left]))
        seconds += time.perf_counter() - began
        left -= len(data)
    return seconds


def fill(rows: int) -> None:
    """Write requirements; all their versions but the last are sealed."""
    owner = User.objects.get(email="quality@bench.example")
    for first in range(0, rows, BATCH):
        bulk_create(Requirement, [requirement(number, owner) for number in range(first, min(first + BATCH, rows))])
    for _ in range(VERSIONS - 2):
        write_version(current_organization())
    seals.seal()
    write_version(current_organization())
    refresh_statistics([Requirement, Requirement.history.model, Leaf])


def main(rows: int) -> None:
    """Measure one size: ``rows`` leaves."""
    call_command("migrate", verbosity=0)
    person = User.objects.create_user("quality@bench.example", "bench", name="Quinn")
    create_organization("bench", "Bench", administrator=person)
    with in_organization(Organization.objects.get(slug="bench")):
        fill(rows // VERSIONS)
        new = rows // VERSIONS
        figures = [
            measure("seal new versions", new, seals.seal, hashing_alone(new)),
            measure("verify everything", Leaf.objects.count(), _verify, hashing_alone(rows)),
        ]
    print(json.dumps({"database": connection.display_name, "rows": rows, "most": seals.MOST, "figures": figures}))


def _verify() -> None:
    report = verify()
    assert report.is_sound, report.lines()


if __name__ == "__main__":
    main(int(sys.argv[1]))
