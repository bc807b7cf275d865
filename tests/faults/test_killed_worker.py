"""A worker killed at any step of a pack: the request is finished by the next worker, and there is one pack."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.installation import Installation, kill, wait_for

LOOK = """
SELECT status, attempts, digest, failure,
       (SELECT count(*) FROM packs_packpart WHERE status = 'queued') AS parts,
       (SELECT count(*) FROM trail_event WHERE verb = 'stored a pack') AS stored
FROM packs_evidencepack
"""
SET_UP = """
from datetime import date
from actions.models import Action
from packs.models import EvidencePack
from packs.services import request_pack
from organizations.models import User
from organizations.scope import in_organization
from organizations.services import create_organization
user = User.objects.create_user("quality@acme.example", None, name="Quality")
with in_organization(create_organization("acme", "Acme", administrator=user)):
    for number in range(3):
        Action(title=f"Action {number}", owner=user).save()
    request_pack(EvidencePack(period_from=date(2026, 7, 1), period_to=date(2026, 9, 30)), by=user)
"""
AGAIN = """
import json
from packs.models import EvidencePack
from packs import chunks
from packs.build import build
from organizations.models import Organization
from organizations.scope import in_organization
chunks.CHUNK_ROWS = 1  # as in tests.faults.slow: the same rows are always cut the same way
with in_organization(Organization.objects.get(slug="acme")):
    EvidencePack.objects.update(status="queued", lease_token="", leased_until=None, steps={})
    build(EvidencePack.objects.get())
    print(json.dumps(EvidencePack.objects.get().digest))
"""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """An installation's folder with an organization that has asked for a pack. Whatever worker starts there builds it."""
    home = copied(migrated, tmp_path_factory.mktemp("asked"))
    home.run(SET_UP)
    return home.folder


def copied(folder: Path, to: Path, redis_url: str = "") -> Installation:
    """An installation in a copy of a folder."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return Installation(to, redis_url=redis_url)


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


def _steps() -> Iterator[Any]:
    """Each step with one of the queues in turn, and the ends of the work with both: what is left there lies in the queue."""
    queues = pytest.param("", id="filesystem"), _redis()
    for number, step in enumerate(("collecting", "part", "rendering", "sealing", "storing", "stored")):
        for queue in queues if step in ("part", "stored") else queues[number % 2 : number % 2 + 1]:
            yield pytest.param(step, queue.values[0], id=f"{step}-{queue.id}", marks=queue.marks)


@pytest.mark.parametrize(("step", "redis_url"), [*_steps()])
def test_a_pack_whose_worker_was_killed_is_finished_once_by_the_next(
    asked: Path, tmp_path: Path, step: str, redis_url: str
) -> None:
    home = copied(asked, tmp_path, redis_url)
    mark = tmp_path / "reached"
    with home.worker("tests.faults.slow", SLOW_STEP=step, SLOW_MARK=str(mark)) as worker:
        wait_for(mark.exists, f"The worker's reaching of {step}")
        kill(worker)
    assert home.ask(LOOK)["status"] not in ("stored", "failed")

    with home.worker("tests.faults.slow"):
        wait_for(lambda: is_finished(home), "The pack's being stored, and its folder's being removed")

    assert_one_good_pack(home, attempts=2)
    if step == "part":
        assert_same_bytes_without_workers(home)


@pytest.mark.parametrize("redis_url", [pytest.param("", id="filesystem"), _redis()])
def test_a_part_whose_worker_was_killed_is_made_by_another(asked: Path, tmp_path: Path, redis_url: str) -> None:
    home = copied(asked, tmp_path, redis_url)
    waiting, reached = tmp_path / "waiting", tmp_path / "reached"
    builder = {"SLOW_STEP": "waiting", "SLOW_MARK": str(waiting), "SLOW_UNTIL": str(reached)}
    with home.worker("tests.faults.slow", **builder):
        wait_for(waiting.exists, "The builder's having offered the parts")
        with home.worker("tests.faults.slow", beat=False, SLOW_STEP="part", SLOW_MARK=str(reached)) as helper:
            wait_for(reached.exists, "The helper's being at a part")
            kill(helper)
        wait_for(lambda: is_finished(home), "The pack's being stored, and its folder's being removed")

    assert_one_good_pack(home, attempts=1)
    assert_same_bytes_without_workers(home)


def test_a_builder_that_was_killed_while_another_worker_helps_leaves_one_pack(asked: Path, tmp_path: Path) -> None:
    home = copied(asked, tmp_path)
    waiting = tmp_path / "waiting"
    with home.worker("tests.faults.slow", beat=False, SLOW_STEP="waiting", SLOW_MARK=str(waiting)) as builder:
        wait_for(waiting.exists, "The builder's having offered the parts")
        with home.worker("tests.faults.slow"):
            wait_for(lambda: home.ask(LOOK)["parts"] == 0, "The helper's having made all parts")
            kill(builder)
            wait_for(lambda: is_finished(home), "The pack's being stored, and its folder's being removed")

    assert_one_good_pack(home, attempts=2)


def is_finished(home: Installation) -> bool:
    """The pack is there, and nothing is left of its making."""
    return home.ask(LOOK)["status"] == "stored" and not list((home.folder / "work").glob("pack-*"))


def assert_one_good_pack(home: Installation, attempts: int) -> None:
    """There is one pack, stored once, and whole."""
    pack = home.ask(LOOK)
    files = list((home.folder / "files" / "packs").rglob("*.zip"))
    assert (pack["attempts"], pack["stored"]) == (attempts, 1)
    assert [str(file.relative_to(home.folder / "files")) for file in files] == [f"packs/1/{pack['digest']}.zip"]
    verify = Path(__file__).resolve().parents[2] / "packs" / "verify.py"
    assert subprocess.run([sys.executable, "-I", str(verify), str(files[0])], capture_output=True).returncode == 0


def assert_same_bytes_without_workers(home: Installation) -> None:
    """Built anew in one process that calls nobody, the pack is the same to the last byte."""
    digest = home.ask(LOOK)["digest"]
    for file in (home.folder / "files" / "packs").rglob("*.zip"):
        file.unlink()
    assert home.run(AGAIN) == digest
