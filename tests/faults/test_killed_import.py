"""A worker killed in the middle of an import leaves nothing behind, and the next one imports every row once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.db import connection
from pytest_django import DjangoDbBlocker

from tests.installation import PROJECT, Installation, kill, wait_for

pytestmark = pytest.mark.django_db  # the tables are copied from the test database, see `home`

SET_UP = """
from organizations.models import User
from organizations.services import create_organization
create_organization("acme", "Acme", administrator=User.objects.create_user("quality@acme.example", None, name="Quality"))
"""
ASK = """
from django.core.files.base import ContentFile
from organizations.models import Organization, User
from organizations.scope import in_organization
from registers.importing import services
from registers.importing.mapping import ImportMapping
from registers.register import registry
from registers.tasks import import_file
with in_organization(Organization.objects.get(slug="acme")):
    rows = "".join(f"A{number},Action {number}\\n" for number in range(1200))
    user = User.objects.get()
    job = services.upload(registry["actions"], ContentFile(f"Id,Action\\n{rows}".encode(), name="many.csv"), ImportMapping(), by=user)
    services.process(job)
    job.refresh_from_db()
    services.ask_to_import(job, skip_invalid=False)
    import_file.delay(job.organization_id, job.pk)
"""
LOOK = """
import json
from actions.models import Action
from organizations.models import Organization
from organizations.scope import in_organization
from registers.importing.models import ImportJob
from registers.models import ReferenceCounter
from trail.models import Event
with in_organization(Organization.objects.get(slug="acme")):
    job = ImportJob.objects.earliest("pk")
    print(json.dumps({"status": job.status, "attempts": job.attempts, "rows": Action.objects.count(), "versions": Action.history.count(),
                      "events": Event.objects.filter(verb="imported").count(), "counters": ReferenceCounter.objects.filter(prefix="ACT").count()}))
"""
CLAIM = """
import json, time
from organizations.models import Organization
from organizations.scope import in_organization
from registers.jobs import claim
from registers.importing.models import ImportJob
with in_organization(Organization.objects.get(slug="acme")):
    job = ImportJob.objects.latest("pk")
    time.sleep(max(0, {start} - time.time()))
    print(json.dumps(claim(job) is not None))
"""
WAITING = """
from organizations.models import Organization
from organizations.scope import in_organization
from registers.importing.models import ImportJob
with in_organization(Organization.objects.get(slug="acme")):
    ImportJob(register="actions", filename="a.csv", path="x", size=1, sha256="0" * 64).save()
"""


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Installation:
    """An installation with one organization."""
    made = Installation(tmp_path_factory.mktemp("home"))
    with django_db_blocker.unblock():
        made.migrate(connection)
    made.run(SET_UP)
    return made


def test_a_killed_import_is_done_once_by_the_next_worker(home: Installation) -> None:
    mark = home.folder / "reached"
    with home.worker("tests.faults.slow_import", SLOW_MARK=str(mark)) as worker:
        home.run(ASK)
        wait_for(mark.exists, "The import's being written")
        kill(worker)
    assert home.run(LOOK) == {
        "status": "importing",
        "attempts": 1,
        "rows": 0,
        "versions": 0,
        "events": 0,
        "counters": 0,
    }

    with home.worker():
        wait_for(lambda: home.run(LOOK)["status"] == "done", "The import's being done")
    assert home.run(LOOK) == {
        "status": "done",
        "attempts": 2,
        "rows": 1200,
        "versions": 1200,
        "events": 1,
        "counters": 1,
    }


def test_of_many_processes_one_gets_the_job(home: Installation) -> None:
    home.run(WAITING)
    start = home.run("import json, time\nprint(json.dumps(time.time() + 8))")
    command = [sys.executable, "manage.py", "shell", "-v", "0", "-c", CLAIM.format(start=start)]
    claims = [
        subprocess.Popen(command, cwd=PROJECT, env=home.environment, stdout=subprocess.PIPE, text=True)
        for _number in range(4)
    ]
    got = [json.loads(claim.communicate(timeout=90)[0].splitlines()[-1]) for claim in claims]
    assert sorted(got) == [False, False, False, True]
