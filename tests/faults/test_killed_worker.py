"""A worker killed at any step of a pack: the request is finished by the next worker, and there is one pack."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.installation import Installation, kill, wait_for

SET_UP = """
from actions.models import Action
from organizations.models import User
from organizations.scope import in_organization
from organizations.services import create_organization
user = User.objects.create_user("quality@acme.example", None, name="Quality")
with in_organization(create_organization("acme", "Acme", administrator=user)):
    for number in range(3):
        Action(title=f"Action {number}", owner=user).save()
"""
ASK = """
from datetime import date
from evidence.models import EvidencePack
from evidence.services import request_pack
from evidence.tasks import build_pack
from organizations.models import Organization
from organizations.scope import in_organization
with in_organization(Organization.objects.get(slug="acme")):
    request_pack(EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30)), by=None, start=build_pack.delay)
"""
LOOK = """
import json
from evidence.models import EvidencePack
from organizations.models import Organization
from organizations.scope import in_organization
from trail.models import Event
with in_organization(Organization.objects.get(slug="acme")):
    pack = EvidencePack.objects.get()
    stored = Event.objects.filter(verb="stored a pack").count()
    print(json.dumps({"status": pack.status, "attempts": pack.attempts, "path": pack.path, "stored": stored, "failure": pack.failure}))
"""


def _redis() -> Any:
    url = os.environ.get("REDIS_URL", "")
    if url:  # a database of its own for each parallel test process: a worker must not get another test's messages
        number = int("0" + os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 8
        url = urlsplit(url)._replace(path=f"/{number}").geturl()
    return pytest.param(
        url,
        id="redis",
        marks=() if url else pytest.mark.skip(reason="REDIS_URL isn't set: no Redis to run the worker on."),
    )


@pytest.mark.parametrize("redis_url", [pytest.param("", id="filesystem"), _redis()])
@pytest.mark.parametrize("step", ["collecting", "rendering", "sealing", "storing", "stored"])
def test_a_pack_whose_worker_was_killed_is_finished_once_by_the_next(tmp_path: Path, step: str, redis_url: str) -> None:
    home = Installation(tmp_path, redis_url=redis_url)
    home.manage("migrate", "-v", "0")
    home.run(SET_UP)
    mark = tmp_path / "reached"
    with home.worker("tests.faults.slow", SLOW_STEP=step, SLOW_MARK=str(mark)) as worker:
        home.run(ASK)
        wait_for(mark.exists, f"The worker's reaching of {step}")
        kill(worker)
    assert home.run(LOOK)["status"] not in ("stored", "failed")

    with home.worker():
        wait_for(lambda: home.run(LOOK)["status"] == "stored", "The pack's being stored")

    pack = home.run(LOOK)
    files = list((tmp_path / "files" / "packs").rglob("*.zip"))
    assert (pack["attempts"], pack["stored"], [str(f.relative_to(tmp_path / "files")) for f in files]) == (
        2,
        1,
        [pack["path"]],
    )
    verify = Path(__file__).resolve().parents[2] / "evidence" / "pack" / "verify.py"
    assert subprocess.run([sys.executable, str(verify), str(files[0])], capture_output=True).returncode == 0
