"""A worker killed anywhere in an import leaves nothing or all of it, and the next one imports every row once."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.installation import PATIENCE, PROJECT, Installation, kill, wait_for

SET_UP = """
from organizations.models import User
from organizations.services import create_organization
create_organization("acme", "Acme", administrator=User.objects.create_user("quality@acme.example", None, name="Quality"))
"""
ASK = """
from django.core.files.base import ContentFile
from organizations.models import Organization, User
from organizations.scope import in_organization
from imports import services
from imports.worker import process
from imports.mapping import ImportMapping
from registers.register import registry
from imports.tasks import import_file
with in_organization(Organization.objects.get(slug="acme")):
    rows = "".join(f"A{number},Action {number}\\n" for number in range(2600))
    user = User.objects.get()
    job = services.upload(registry["actions"], ContentFile(f"Id,Action\\n{rows}".encode(), name="many.csv"), ImportMapping(), by=user)
    process(job)
    job.refresh_from_db()
    services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
    import_file.delay(job.organization_id, job.pk)
"""
UNDO = """
from organizations.models import Organization
from organizations.scope import in_organization
from imports import services
from imports.models import ImportJob
from imports.tasks import import_file
with in_organization(Organization.objects.get(slug="acme")):
    job = ImportJob.objects.get()
    services.ask_to_undo(job, also=(), by=job.requested_by)
    import_file.delay(job.organization_id, job.pk)
"""
UNDONE = """
SELECT status, attempts,
       (SELECT count(*) FROM actions_action WHERE archived_at IS NULL) AS "rows",
       (SELECT count(*) FROM actions_historicalaction) AS versions,
       (SELECT count(*) FROM trail_event WHERE verb = 'undid an import') AS events
FROM imports_importjob
"""
LOOK = """
SELECT status, attempts,
       (SELECT count(*) FROM actions_action) AS "rows",
       (SELECT count(*) FROM actions_historicalaction) AS versions,
       (SELECT count(*) FROM trail_event WHERE verb = 'imported') AS events,
       (SELECT count(*) FROM registers_referencecounter WHERE prefix = 'ACT') AS counters,
       (SELECT count(DISTINCT history_date) FROM actions_historicalaction) AS moments,
       (SELECT max(reference) FROM actions_action) AS last,
       (SELECT count(*) FROM actions_action_searched WHERE actions_action_searched MATCH '"Action"') AS searched,
       (SELECT count(*) FROM actions_action_searched_later) AS waiting
FROM imports_importjob ORDER BY id LIMIT 1
"""
CLAIM = """
import json, time
from pathlib import Path
from organizations.models import Organization
from organizations.scope import in_organization
from organizations.jobs import claim
from imports.models import ImportJob
with in_organization(Organization.objects.get(slug="acme")):
    job = ImportJob.objects.latest("pk")
    Path("{ready}").touch()
    while not Path("{go}").exists():
        time.sleep(0.001)
    print(json.dumps(claim(job) is not None))
"""
WAITING = """
from organizations.models import Organization
from organizations.scope import in_organization
from imports.models import ImportJob
with in_organization(Organization.objects.get(slug="acme")):
    ImportJob(register="actions", filename="a.csv", path="x", size=1, sha256="0" * 64).save()
"""


PAST = """
import json
from django.utils import timezone
from actions.models import Action
from imports.models import ImportJob
from organizations.models import Organization
from organizations.scope import in_organization
from trail.sealing import seals
from trail.time_travel.travel import time_travel
with in_organization(Organization.objects.get(slug="acme")):
    job = ImportJob.objects.earliest("pk")
    seen = []
    for moment in (job.written_at - timezone.timedelta(microseconds=1), job.written_at):
        with time_travel(moment):
            seen.append(Action.objects.count())
    seals.seal()
    print(json.dumps(seen))
"""
NOTHING = {
    "rows": 0,
    "versions": 0,
    "events": 0,
    "counters": 0,
    "moments": 0,
    "last": None,
    "searched": 0,
    "waiting": 0,
}
ALL = {"rows": 2600, "versions": 2600, "events": 1, "counters": 1, "moments": 1, "last": "ACT-2600", "searched": 2600, "waiting": 0}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, migrated: Path) -> Installation:
    """An installation with one organization."""
    made = Installation(tmp_path / "home")
    shutil.copytree(migrated, made.folder, dirs_exist_ok=True)
    made.run(SET_UP)
    return made


@pytest.mark.parametrize("place", ["portion 1", "portion 2", "portion 3", "written"])
def test_an_import_killed_before_its_end_leaves_nothing_and_is_done_once_by_the_next_worker(
    home: Installation, place: str
) -> None:
    _ask_and_kill(home, place)
    assert home.ask(LOOK) == {"status": "importing", "attempts": 1, **NOTHING}
    _is_done_by_the_next_worker(home, attempts=2)


def test_an_import_killed_right_after_its_end_is_whole_and_its_index_catches_up(home: Installation) -> None:
    _ask_and_kill(home, "index")
    found = home.ask(LOOK)
    assert found == {"status": "done", "attempts": 1, **ALL, "searched": found["searched"], "waiting": found["waiting"]}
    assert found["searched"] + found["waiting"] == 2600 > found["waiting"] > 0
    _is_done_by_the_next_worker(home, attempts=1)


def test_an_undoing_that_is_killed_leaves_all_and_is_done_once_by_the_next_worker(home: Installation) -> None:
    with home.worker():
        home.run(ASK)
        wait_for(lambda: home.ask(LOOK)["status"] == "done" and not home.ask(LOOK)["waiting"], "The import")
    mark = home.folder / "reached"
    with home.worker("tests.faults.slow_import", SLOW_AT="undone", SLOW_MARK=str(mark)) as worker:
        home.run(UNDO)
        wait_for(mark.exists, "The import's being undone")
        kill(worker)
    assert home.ask(UNDONE) == {"status": "undoing", "attempts": 1, "rows": 2600, "versions": 2600, "events": 0}
    with home.worker():
        wait_for(lambda: home.ask(UNDONE)["status"] == "undone", "The import's being undone")
    assert home.ask(UNDONE) == {"status": "undone", "attempts": 2, "rows": 0, "versions": 5200, "events": 1}
    home.manage("verify_trail")


def _ask_and_kill(home: Installation, place: str) -> None:
    mark = home.folder / "reached"
    with home.worker("tests.faults.slow_import", SLOW_AT=place, SLOW_MARK=str(mark)) as worker:
        home.run(ASK)
        wait_for(mark.exists, "The import's being written")
        kill(worker)


def _is_done_by_the_next_worker(home: Installation, attempts: int) -> None:
    whole = {"status": "done", "attempts": attempts, **ALL}
    with home.worker():
        wait_for(
            lambda: home.ask(LOOK)["status"] == "done" and not home.ask(LOOK)["waiting"], "The import's being done"
        )
    assert home.ask(LOOK) == whole
    # The past shows none of it until its moment, then all; every version of it becomes a leaf, and all leaves are right.
    assert home.run(PAST) == [0, 2600]
    home.manage("verify_trail")


def test_of_many_processes_one_gets_the_job(home: Installation, tmp_path: Path) -> None:
    home.run(WAITING)
    ready, go = [tmp_path / f"ready-{number}" for number in range(4)], tmp_path / "go"
    codes = [CLAIM.format(ready=each, go=go) for each in ready]
    claims = [
        subprocess.Popen(
            [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
            cwd=PROJECT,
            env=home.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for code in codes
    ]
    wait_for(lambda: all(each.exists() for each in ready), "The processes' being ready")
    go.touch()
    got = [json.loads(claim.communicate(timeout=PATIENCE)[0].splitlines()[-1]) for claim in claims]
    assert sorted(got) == [False, False, False, True]
