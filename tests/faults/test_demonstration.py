"""What ``make demo`` runs, as real processes: it comes up, builds its pack through the worker, and stops without leaving anything."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

from tests.support.installation import PROJECT, Installation, free_port, kill

#: Seconds until it says where to look: it migrates, makes the demonstration and builds a pack.
PATIENCE = 300


def start(home: Installation, port: int) -> subprocess.Popen[bytes]:
    """The demonstration in the background, writing to a file."""
    with (home.folder / "said").open("wb") as said:
        command = [sys.executable, "-u", "manage.py", "run_demo", "--port", str(port)]
        return subprocess.Popen(
            command, cwd=PROJECT, env=home.environment, stdout=said, stderr=subprocess.STDOUT, start_new_session=True
        )


def said(home: Installation) -> str:
    return (home.folder / "said").read_text()


def wait_until_said(home: Installation, process: subprocess.Popen[bytes], words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while words not in said(home):
        assert process.poll() is None, said(home)
        assert time.monotonic() < deadline, said(home)
        time.sleep(0.5)


def processes_of(home: Installation) -> set[str]:
    """The processes that run against the installation's folder."""
    found = set()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"VAR_DIR={home.folder}\0".encode() in entry.read_bytes():
                found.add(entry.parent.name)
        except OSError:  # it ended meanwhile, or isn't ours
            continue
    return found


def test_it_comes_up_with_a_pack_and_stops_cleanly(tmp_path: Path) -> None:
    home, port = Installation(tmp_path), free_port()
    process = start(home, port)
    try:
        wait_until_said(home, process, "Stop with Ctrl-C")
        with urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=30) as response:
            assert response.status == 200
        assert "director@demo.example" in said(home)
        verify = PROJECT / "packs" / "verify.py"
        assert (
            subprocess.run(
                [sys.executable, "-I", str(verify), str(tmp_path / "demo-pack.zip")], capture_output=True, check=False
            ).returncode
            == 0
        )
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
        assert processes_of(home) == set()
    finally:
        kill(process)


def test_a_port_that_is_taken_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        home = Installation(tmp_path)
        process = start(home, port)
        assert process.wait(timeout=PATIENCE) == 1
    assert f"Port {port} can't be used" in said(home)
    assert not (tmp_path / "test.sqlite3").exists()


def test_it_refuses_to_run_where_debug_is_off(tmp_path: Path) -> None:
    home = Installation(tmp_path)
    home.environment["DEBUG"] = "0"
    process = start(home, free_port())
    assert process.wait(timeout=PATIENCE) == 1
    assert "DEBUG=1" in said(home)
