"""What many tests begin with and takes long to make is made once in a run, and copied."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder that the first process of a run that asks for it makes, and all read.

    Args:
        factory: pytest's; the folder goes away with the run's others.
        name: of the folder.
        make: a function that fills the folder it is given.
    """
    place = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then each process has a folder of its own, in one of the run's
        place = place.parent
    made, unfinished = place / name, place / f"{name}-unfinished"
    with (place / f"{name}.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not made.exists():
            shutil.rmtree(unfinished, ignore_errors=True)  # of a process that failed to make it
            unfinished.mkdir()
            make(unfinished)
            unfinished.rename(made)
    return made
