"""A disk of a few megabytes that a test may fill, lock and take away."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest


class SmallDisk:
    """A file system of its own, in memory."""

    def __init__(self, at: Path, size: str = "6m") -> None:
        self.at = at
        at.mkdir()
        self._run("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(at))

    def fill(self, *, leaving: int = 0) -> None:
        """Fill it, but for some bytes."""
        room = os.statvfs(self.at)
        (self.at / "filler").write_bytes(b"\0" * max(room.f_bavail * room.f_frsize - leaving, 0))

    def empty(self) -> None:
        (self.at / "filler").unlink()

    def lock(self) -> None:
        """Have it refuse to be written to."""
        self._run("mount", "-o", "remount,ro", str(self.at))

    def unlock(self) -> None:
        self._run("mount", "-o", "remount,rw", str(self.at))

    def take_away(self) -> None:
        self._run("umount", "-l", str(self.at))

    def files(self) -> list[str]:
        """Names of all files, the filler aside."""
        return sorted(file.name for file in self.at.rglob("*") if file.is_file() and file.name != "filler")

    @staticmethod
    def _run(*command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"a file system of its own can't be mounted here: {done.stderr.strip()}")


def small_disk(at: Path, size: str = "6m") -> SmallDisk:
    """Mount one, or skip the test with the reason."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a file system of a few megabytes")
    try:
        return SmallDisk(at, size)
    except OSError as error:
        pytest.skip(f"a file system of its own can't be mounted here: {error}")
