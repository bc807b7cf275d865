"""An installation of its own for tests that kill processes: database, queue, files and workers apart from the test run's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
#: Seconds that anything here may take before the test gives up.
PATIENCE = 90


class Installation:
    """Runs management commands and real worker processes against a folder."""

    def __init__(self, folder: Path, *, redis_url: str = "", database_url: str = "") -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DEBUG": "1",
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url or f"sqlite:///{folder / 'test.sqlite3'}",
            "REDIS_URL": redis_url,
            "JOB_LEASE_SECONDS": "3",
            "DJANGO_SETTINGS_MODULE": "customerfocus.settings",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, code: str) -> Any:
        """Run Python inside the installation; what it prints last is read as JSON."""
        lines = self.manage("shell", "-v", "0", "-c", code).strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    @contextmanager
    def worker(self, app: str = "customerfocus", **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """A real Celery worker with beat, killed as a group when the block ends."""
        log = (self.folder / f"worker-{time.monotonic_ns()}.log").open("wb")
        command = [sys.executable, "-m", "celery", "-A", app, "worker", "-B", "-c", "1", "-l", "INFO", "--without-gossip", "--without-mingle"]
        process = subprocess.Popen(command, cwd=PROJECT, env={**self.environment, **environment}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            yield process
        finally:
            kill(process)
            log.close()


def kill(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL a process and all its children at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def wait_for(condition: Callable[[], Any], what: str) -> Any:
    """Wait until the condition is true and return its value."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(f"{what} did not happen within {PATIENCE} seconds.")
