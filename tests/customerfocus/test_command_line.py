"""The command line on a fresh checkout: help needs nothing, and what is missing is said in one sentence."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import get_commands
from django.db import OperationalError, ProgrammingError

from customerfocus.command_line import COULD_NOT_RUN, explained
from tests.support.installation import PROJECT

#: What the guides, the compose file and the image tell people to run.
PAPERS = (
    *(PROJECT / "docs").rglob("*.md"),
    PROJECT / "README.md",
    PROJECT / "docker-compose.yml",
    PROJECT / "Dockerfile",
)
NAMED = sorted({each for paper in PAPERS for each in re.findall(r"manage\.py ([a-z_]+)", paper.read_text())} - {"help"})
OURS = sorted(command for command, app in get_commands().items() if not str(app).startswith(("django.", "allauth")))


def manage(*arguments: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command with no settings but these."""
    bare = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=bare | {"VAR_DIR": str(folder)} | environment,
        capture_output=True,
        text=True,
    )


def test_the_guides_name_only_commands_that_exist() -> None:
    assert set(NAMED) - get_commands().keys() == set()


@pytest.mark.parametrize("command", sorted({*NAMED, *OURS}))
def test_help_needs_no_settings(command: str, tmp_path: Path) -> None:
    done = manage(command, "--help", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: manage.py ")


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "SECRET_KEY is not set. Set it to "),
        ({"SECRET_KEY": "x", "VAR_DIR": "/dev/null/var"}, "The folder /dev/null/var can't be made (Not a directory): set VAR_DIR to "),
        ({"SECRET_KEY": "x"}, "The database has no tables yet, or those of an older version: run `manage.py migrate` first."),
        ({"SECRET_KEY": "x", "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, "The database doesn't do what is asked (connection "),
    ],
    ids=("no key", "no folder", "no tables", "no server"),
)  # fmt: skip
def test_what_is_missing_is_one_sentence(environment: dict[str, str], said: str, tmp_path: Path) -> None:
    done = manage("create_organization", "acme", "--name", "Acme", "--admin", "a@acme.example", folder=tmp_path, **environment)  # fmt: skip
    assert done.returncode == COULD_NOT_RUN
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_whoever_asks_for_it_sees_where_it_ended(tmp_path: Path) -> None:
    done = manage("seal", "--traceback", folder=tmp_path)
    assert "Traceback" in done.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImproperlyConfigured("Set\n it."), "Set it."),
        (OperationalError("no such table: organizations_user"), "run `manage.py migrate` first"),
        (ProgrammingError('relation "organizations_user" does not exist\nLINE 1'), "run `manage.py migrate` first"),
        (OperationalError("database is locked"), "(database is locked): look at DATABASE_URL"),
    ],
)
def test_errors_say_what_to_do(error: Exception, said: str) -> None:
    assert said in explained(error)
    assert "\n" not in explained(error)
