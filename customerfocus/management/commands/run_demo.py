"""``run_demo``: what ``make demo`` starts once everything is installed."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clauses import periods
from customerfocus.demonstration.build import PASSWORD
from organizations.models import Organization, User
from organizations.scope import in_organization
from packs.models import EvidencePack

#: The demonstration organization.
SLUG = "demo"
#: Seconds the web server may take to answer, and a process to stop.
PATIENCE = 60


class Command(BaseCommand):
    """Load the demonstration and run it until interrupted.

    Web server and worker run beside the command; the worker builds the demonstration's evidence pack.
    """

    help = "Runs the demonstration on this machine. Stop it with Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demonstration's passwords are known to everybody: it runs with DEBUG=1 only.")
        _must_be_free(port)
        self._load()
        logs = Path(settings.VAR_DIR) / "logs"
        logs.mkdir(exist_ok=True)
        for name in (signal.SIGINT, signal.SIGTERM):  # also where the shell that started us lets neither through
            signal.signal(name, signal.default_int_handler)
        with ExitStack() as stack:
            running = {
                name: stack.enter_context(_process(command, logs / f"{name}.log"))
                for name, command in _commands(port).items()
            }
            try:
                self._await_web(f"http://127.0.0.1:{port}", running, logs)
                self._tell(port, self._pack())
                self._watch(running, logs)
            except KeyboardInterrupt:
                self.stdout.write("Stopping.")

    def _load(self) -> None:
        self.stdout.write("Preparing the database…")
        call_command("migrate", verbosity=0)
        call_command("demo", stdout=self.stdout)

    def _await_web(self, address: str, running: dict[str, subprocess.Popen[bytes]], logs: Path) -> None:
        deadline = time.monotonic() + PATIENCE
        while not _answers(f"{address}/readyz"):
            _all_alive(running, logs)
            if time.monotonic() > deadline:
                raise CommandError(f"The web server isn't ready after {PATIENCE} seconds; see {logs / 'web.log'}.")
            time.sleep(0.3)

    def _pack(self) -> Path:
        """Return the demonstration's evidence pack of the last complete quarter.

        The worker builds it where there is none yet.
        """
        organization = Organization.objects.get(slug=SLUG)
        file = Path(settings.VAR_DIR) / f"{SLUG}-pack.zip"
        with in_organization(organization):
            built = EvidencePack.objects.filter(status=EvidencePack.Status.STORED).exists()
        if not (built and file.exists()):
            self.stdout.write("Building the evidence pack in the worker…")
            quarter = periods.quarters(organization.today())[1]
            first, last = quarter.first.isoformat(), quarter.last.isoformat()
            call_command(
                "build_pack",
                f"--organization={SLUG}",
                f"--from={first}",
                f"--to={last}",
                f"--out={file}",
                stdout=self.stdout,
            )
        return file

    def _tell(self, port: int, pack: Path) -> None:
        addresses = User.objects.filter(
            memberships__organization__slug=SLUG, email__endswith="@demo.example"
        ).distinct()
        people = "\n".join(
            f"  {user.email:<24} {', '.join(m.get_role_display() for m in user.memberships.filter(organization__slug=SLUG))}"
            for user in addresses
        )
        self.stdout.write(
            f"\nCustomer Focus: http://127.0.0.1:{port}/\nLog in as one of these, password {PASSWORD}:\n{people}\n"
            f"Its evidence pack: http://127.0.0.1:{port}/o/{SLUG}/packs/ and {pack}\nStop with Ctrl-C."
        )

    def _watch(self, running: dict[str, subprocess.Popen[bytes]], logs: Path) -> None:
        while True:
            _all_alive(running, logs)
            time.sleep(1)


def _commands(port: int) -> dict[str, Sequence[str]]:
    python = [sys.executable, "-m"]
    return {
        "web": [
            *python,
            "gunicorn",
            "customerfocus.wsgi",
            "--bind",
            f"127.0.0.1:{port}",
            "--workers",
            "2",
            "--access-logfile",
            "-",
        ],
        "worker": [
            *python,
            "celery",
            "-A",
            "customerfocus",
            "worker",
            "-B",
            "--concurrency",
            "1",
            "--loglevel",
            "INFO",
            "--without-gossip",
            "--without-mingle",
        ],
    }


@contextmanager
def _process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a session of its own.

    Ctrl-C then reaches only the command itself, which stops the process in order.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                process.kill()
                process.wait()


def _all_alive(running: dict[str, subprocess.Popen[bytes]], logs: Path) -> None:
    for name, process in running.items():
        if process.poll() is not None:
            raise CommandError(
                f"The {name} process ended with status {process.returncode}; {logs / name}.log says why."
            )


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False


def _must_be_free(port: int) -> None:
    with socket.socket() as probe:
        # As the web server does: a port that was just given up counts as free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} can't be used ({error.strerror}). Choose another one: make demo DEMO_PORT=8001"
            ) from error
