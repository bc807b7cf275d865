"""A worker killed in the middle of an import leaves nothing behind, and the next one imports every row once."""

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
    rows = "".join(f"A{number},Action {number}\\n" for number in range(1200))
    user = User.objects.get()
    job = services.upload(registry["actions"], ContentFile(f"Id,Action\\n{rows}".encode(), name="many.csv"), ImportMapping(), by=user)
    process(job)
    job.refresh_from_db()
    services.ask_to_import(job, skip_invalid=False, by=job.requested_by)
    import_file.delay(job.organization_id, job.pk)
"""
LOOK = """
SELECT status, attempts,
       (SELECT count(*) FROM actions_action) AS "rows",
       (SELECT count(*) FROM actions_historicalaction) AS versions,
       (SELECT count(*) FROM trail_event WHERE verb = 'imported') AS events,
       (SELECT count(*) FROM registers_referencecounter WHERE prefix = 'ACT') AS counters
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


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Installation:
    """An installation with one organization."""
    made = Installation(tmp_path_factory.mktemp("home"))
    shutil.copytree(migrated, made.folder, dirs_exist_ok=True)
    made.run(SET_UP)
    return made


def test_a_killed_import_is_done_once_by_the_next_worker(home: Installation) -> None:
    mark = home.folder / "reached"
    with home.worker("tests.faults.slow_import", SLOW_MARK=str(mark)) as worker:
        home.run(ASK)
        wait_for(mark.exists, "The import's being written")
        kill(worker)
    assert home.ask(LOOK) == {
        "status": "importing",
        "attempts": 1,
        "rows": 0,
        "versions": 0,
        "events": 0,
        "counters": 0,
    }

    with home.worker():
        wait_for(lambda: home.ask(LOOK)["status"] == "done", "The import's being done")
    assert home.ask(LOOK) == {
        "status": "done",
        "attempts": 2,
        "rows": 1200,
        "versions": 1200,
        "events": 1,
        "counters": 1,
    }


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
