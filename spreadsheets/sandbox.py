"""Processes of their own for files that strangers made, bounded in memory and time.

What runs in one (:mod:`spreadsheets.workbook_worker`, :mod:`spreadsheets.text_worker`) imports the standard library,
the readers it needs, and nothing else of the project but this module and others that import the standard library alone.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Any

import orjson

logger = logging.getLogger(__name__)

INDEX = "index.json"
# The limit is of processor time; so much longer a process may take by the clock.
_GRACE_SECONDS = 10
_ROOT = Path(__file__).resolve().parents[1]
# A process that used up its CPU time is ended by signal 24 (SIGXCPU); one out of memory by 6 or 9.
# It says itself that the disk is full, by the system's number for it.
_CODES = {-24: "slow", errno.ENOSPC: "disk"}


def opened(module: str, path: Path, folder: Path, bounds: dict[str, Any]) -> dict[str, Any]:
    """Have a module open a file in a process of its own.

    Args:
        module: run with path, folder and bounds; it writes :data:`INDEX` into the folder.
        path: the file.
        folder: takes what it finds.
        bounds: memory_bytes and seconds of the process, and what else the module asks for; plain values.

    Returns:
        The index; ``{"error": …}`` with slow, memory or damaged where the process ended before it was written.
    """
    # -P keeps the current folder, whatever lies in it, out of the module path.
    command = [sys.executable, "-P", "-m", module, str(path.resolve()), str(folder), json.dumps(bounds)]
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            timeout=bounds["seconds"] + _GRACE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        return {"error": "slow"}
    if done.returncode:
        logger.warning("%s ended with %s: %s", module, done.returncode, done.stderr[:500].decode(errors="replace"))
        return {"error": _CODES.get(done.returncode, "memory" if done.returncode < 0 else "damaged")}
    index: dict[str, Any] = orjson.loads((folder / INDEX).read_bytes())
    return index


def bound_process(bounds: dict[str, Any]) -> None:
    """Limit memory and CPU time of this process where the system can."""
    try:
        import resource
    except ImportError:  # not a POSIX system; the caller's timeout remains
        return
    for kind, value in ((resource.RLIMIT_AS, bounds["memory_bytes"]), (resource.RLIMIT_CPU, bounds["seconds"])):
        _soft, hard = resource.getrlimit(kind)
        # A limit above the hard one would be refused.
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Folder:
    """A new folder, removed with all that is in it when nothing refers to this object any more.

    At the latest it goes with the process. Whoever holds a table's rows holds the folder they are in; nobody has to
    know when the last reader is done. (:class:`tempfile.TemporaryDirectory` warns of being left to itself like that.)
    """

    def __init__(self, prefix: str) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=prefix))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
