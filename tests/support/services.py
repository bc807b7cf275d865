"""The services a test run takes along: those the environment names, else private ones started for the run.

A private service listens on the loopback address only, on a port of its own, with its data in a folder that goes away.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import redis

#: Seconds a service may take to answer.
PATIENCE = 60
#: Neither superuser nor exempt from row-level security, so that the policies are really tried.
ROLE = "customerfocus"
#: Who PostgreSQL runs as where the tests run as root, which it refuses.
UNPRIVILEGED = "postgres"


@dataclass(frozen=True)
class Service:
    """A service that takes part (``url`` says where it is), or the reason why it doesn't."""

    name: str
    url: str = ""
    version: str = ""
    missing: str = ""

    def __str__(self) -> str:
        return f"{self.name} left out: {self.missing}" if self.missing else f"{self.name} {self.version}"


@contextmanager
def postgresql(environment: Mapping[str, str]) -> Iterator[Service]:
    """The server of ``TEST_DATABASE_URL``, or one of our own; its role can create databases and is no superuser."""
    if url := environment.get("TEST_DATABASE_URL"):
        yield _answering("PostgreSQL", url, _postgresql_version)
        return
    programs = _postgresql_programs()
    if programs is None:
        yield Service("PostgreSQL", missing="TEST_DATABASE_URL isn't set and no server is installed here")
        return
    if os.geteuid() == 0 and not _has_user(UNPRIVILEGED):
        yield Service(
            "PostgreSQL", missing=f"it doesn't run as root and there is no user {UNPRIVILEGED}; set TEST_DATABASE_URL"
        )
        return
    with _folder() as folder, _own_postgresql(programs, folder) as url:
        yield _answering("PostgreSQL", url, _postgresql_version)


@contextmanager
def redis_server(environment: Mapping[str, str]) -> Iterator[Service]:
    """The server of ``REDIS_URL``, or one of our own."""
    if url := environment.get("REDIS_URL"):
        yield _answering("Redis", url, _redis_version)
        return
    program = shutil.which("redis-server")
    if program is None:
        yield Service("Redis", missing="REDIS_URL isn't set and no server is installed here")
        return
    port = _free_port()
    with _folder() as folder:
        command = [
            program,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(folder),
        ]
        with _running(command, folder / "redis.log"):
            yield _answering("Redis", f"redis://127.0.0.1:{port}/0", _redis_version, patience=PATIENCE)


def chromium(environment: Mapping[str, str]) -> Service:
    """The browser of ``CHROMIUM``, or the one installed here; its url is the program's path."""
    names = (environment.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    if program is None:
        return Service("Chromium", missing="CHROMIUM isn't set and no Chromium is installed here")
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return Service("Chromium", missing=f"{program} doesn't start: {done.stderr.strip()[-200:]}")
    return Service("Chromium", url=program, version=done.stdout.strip().removeprefix("Chromium ").split(" ")[0])


def _answering(name: str, url: str, version: Callable[[str], str], *, patience: float = 0) -> Service:
    """The service at an address, asked until it answers or patience ends."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return Service(name, url=url, version=version(url))
        except (psycopg2.OperationalError, redis.RedisError) as error:
            if time.monotonic() >= deadline:
                return Service(name, missing=f"{url.rpartition('@')[2]} doesn't answer: {str(error).strip()}")
            time.sleep(0.1)


def _postgresql_version(url: str) -> str:
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        row = cursor.fetchone()
    connection.close()
    return str(row[0]).split(" ")[0] if row else ""


def _redis_version(url: str) -> str:
    with redis.Redis.from_url(url) as client:
        return str(client.info("server")["redis_version"])


def _postgresql_programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, newest version first; distributions keep it out of the path."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [
        path.parent
        for pattern in ("/usr/lib/postgresql/*/bin/initdb", "/usr/pgsql-*/bin/initdb")
        for path in Path("/").glob(pattern.lstrip("/"))
    ]
    return max(
        folders,
        key=lambda folder: [int(part) for part in folder.parts[-2].replace("pgsql-", "").split(".")],
        default=None,
    )


@contextmanager
def _own_postgresql(programs: Path, folder: Path) -> Iterator[str]:
    """A new server in a folder. Nothing it holds has to survive, so it never waits for the disk."""
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data, port = folder / "data", _free_port()
    initdb = [
        str(programs / "initdb"),
        "-D",
        str(data),
        "-U",
        "postgres",
        "--auth=trust",
        "--no-sync",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": str(folder),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
    }
    command = [
        str(programs / "postgres"),
        "-D",
        str(data),
        "-p",
        str(port),
        *(f"--{name}={value}" for name, value in options.items()),
    ]
    with _running(command, folder / "postgresql.log", user=user):
        _create_role(f"postgres://postgres@127.0.0.1:{port}/postgres")
        yield f"postgres://{ROLE}@127.0.0.1:{port}/postgres"


def _create_role(url: str) -> None:
    found = _answering("PostgreSQL", url, _postgresql_version, patience=PATIENCE)
    if found.missing:
        raise RuntimeError(str(found))
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
    connection.close()


@contextmanager
def _running(command: list[str], log: Path, *, user: str | None = None) -> Iterator[None]:
    """A process that is asked to stop when the block ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, user=user, cwd=log.parent)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="customerfocus-services-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _has_user(name: str) -> bool:
    import pwd  # not on every system, and needed on those alone that have root

    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
