"""An installation of its own for tests of real processes: database, queue, files, workers and web server apart from the test run's."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

PROJECT = Path(__file__).resolve().parents[2]
#: Seconds that anything here may take before the test gives up: a busy machine makes everything slow, not wrong.
PATIENCE = 300


class Installation:
    """Runs management commands, real worker processes and a real web server against a folder."""

    def __init__(self, folder: Path, *, redis_url: str = "", database_url: str = "") -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "DEBUG": "1",
            "SECRET_KEY": "only-for-tests-" * 4,
            "VAR_DIR": str(folder),
            "DATABASE_URL": database_url or f"sqlite:///{folder / 'test.sqlite3'}",
            "REDIS_URL": redis_url,
            "JOB_LEASE_SECONDS": "3",
            "DJANGO_SETTINGS_MODULE": "customerfocus.settings",
        }

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self, code: str) -> Any:
        """Run Python inside the installation; what it prints last is read as JSON."""
        lines = self.manage("shell", "-v", "0", "-c", code).strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def ask(self, query: str) -> dict[str, Any]:
        """The one row that a query finds in the SQLite database, read beside the processes."""
        with closing(sqlite3.connect(self.folder / "test.sqlite3", timeout=30)) as database:
            database.row_factory = sqlite3.Row
            return dict(database.execute(query).fetchone())

    @contextmanager
    def worker(
        self, app: str = "customerfocus", *, beat: bool = True, **environment: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A real Celery worker, with beat unless another one has it, killed as a group when the block ends."""
        command = [
            "celery",
            "-A",
            app,
            "worker",
            *["-B"] * beat,
            "-c",
            "1",
            "-l",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ]
        with self._process("worker", command, environment) as process:
            yield process

    @contextmanager
    def web(self, **environment: str) -> Iterator[str]:
        """A real web server on a free port of this machine; yields its address once it is ready for requests."""
        port = free_port()
        address = f"http://localhost:{port}"
        command = [
            "gunicorn",
            "customerfocus.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            "2",
            "--access-logfile",
            "-",
        ]
        with self._process("web", command, {"BASE_URL": address, **environment}) as process:
            wait_for(lambda: process.poll() is not None or _is_ready(address), "The web server's being ready")
            assert process.poll() is None, f"The web server stopped: {self.log('web')}"
            yield address

    def log(self, name: str) -> str:
        """The last lines that the processes of a kind (worker, web) wrote."""
        return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted(self.folder.glob(f"{name}-*.log")))

    @contextmanager
    def _process(
        self, name: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{name}-{time.monotonic_ns()}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=PROJECT,
                env={**self.environment, **environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                kill(process)


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


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _is_ready(address: str) -> bool:
    try:
        with urlopen(f"{address}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
