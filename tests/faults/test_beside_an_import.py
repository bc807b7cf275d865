"""People work on while a large import is written on SQLite: nothing of theirs is lost, and nothing is lost of it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.test_killed_import import ASK, SET_UP
from tests.support.browsers import ACTION, Colleague
from tests.support.installation import Installation, wait_for

CLIENTS, ROWS = 5, 2600
LOG_IN = """
import json
from django.test import Client
from organizations.models import User
user = User.objects.get()
keys = []
for _ in range({count}):
    client = Client()
    client.force_login(user)
    keys.append(client.cookies["sessionid"].value)
print(json.dumps(keys))
"""


@pytest.fixture
def home(tmp_path: Path, migrated: Path) -> Installation:
    """An installation with one organization."""
    made = Installation(tmp_path / "home")
    shutil.copytree(migrated, made.folder, dirs_exist_ok=True)
    made.run(SET_UP)
    (made.folder / "files").mkdir(exist_ok=True)  # which a web server wants to see before it is ready
    return made


def test_nothing_is_lost_of_what_many_write_beside_an_import(home: Installation) -> None:
    sessions = home.run(LOG_IN.format(count=CLIENTS))
    with home.web() as address, home.worker():
        colleagues = [Colleague(address, key, f"By hand {number}:") for number, key in enumerate(sessions)]
        for each in colleagues:
            each.start()
        home.run(ASK)
        wait_for(lambda: home.ask("SELECT status FROM imports_importjob")["status"] == "done", "The import")
        for each in colleagues:
            each.is_over = True
        for each in colleagues:
            each.join()
    recorded = [title for each in colleagues for title in each.recorded]
    assert recorded
    for answer in (answer for each in colleagues for answer in each.answers):
        assert answer.status in (302, 503)
        assert answer.status == 302 or "the database is busy" in answer.page
    with closing(sqlite3.connect(home.folder / "test.sqlite3")) as database:
        found = database.execute("SELECT title, reference FROM actions_action").fetchall()
        versions = database.execute("SELECT count(*) FROM actions_historicalaction").fetchone()[0]
    assert sorted(title for title, _reference in found if title.startswith("By hand")) == sorted(recorded)
    assert len(found) == len(recorded) + ROWS == versions
    # References are given once, and none is left out.
    assert sorted(reference for _title, reference in found) == [f"ACT-{n:04d}" for n in range(1, len(found) + 1)]
    home.manage("verify_trail")


def test_a_page_that_waited_too_long_says_so_and_what_was_typed_is_saved_when_sent_again(home: Installation) -> None:
    (session,) = home.run(LOG_IN.format(count=1))
    with home.web(WEB_LOCK_SECONDS="1") as address:
        colleague = Colleague(address, session, "By hand")
        token = colleague.ask("/o/acme/actions/new/").token
        typed = ACTION | {"title": "Seal the pump", "description": "Two\r\nlines", "csrfmiddlewaretoken": token}
        with closing(sqlite3.connect(home.folder / "test.sqlite3", isolation_level=None)) as others:
            others.execute("BEGIN IMMEDIATE")
            answer = colleague.ask("/o/acme/actions/new/", typed)
            assert colleague.ask("/o/acme/actions/").status == 200  # who only reads waits for nobody
            others.execute("ROLLBACK")
        assert (answer.status, "Not saved yet: the database is busy" in answer.page) == (503, True)
        assert typed.items() - {("csrfmiddlewaretoken", token)} <= answer.kept.items()
        again = answer.kept | {"csrfmiddlewaretoken": answer.token}
        assert colleague.ask("/o/acme/actions/new/", again).status == 302
    assert home.ask("SELECT count(*) AS n, max(description) AS text FROM actions_action") == {
        "n": 1,
        "text": "Two\nlines",
    }
