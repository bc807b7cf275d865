"""Two addresses for whoever watches: is the process alive; can it do its work?"""

from __future__ import annotations

import errno
import os
import shutil
import time
from pathlib import Path
from threading import Lock

from celery import current_app
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

#: Seconds for which a look at the storage counts: anybody may ask, and each look writes to the disk.
KEPT_SECONDS = 5.0
#: What a look writes, in bytes.
PROBE = b"\0" * 65_536
OK, UNREACHABLE = "ok", "unreachable"
#: What the system says → what we say of the storage.
STATES = dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "full") | dict.fromkeys(
    (errno.EROFS, errno.EACCES, errno.EPERM), "read-only"
)
_looking = Lock()
_storage_seen: tuple[float, str] = (float("-inf"), OK)


@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does."""
    return JsonResponse({"status": "alive"})


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Tell whether database, queue and file storage can be worked with; 503 and the name of what can't."""
    checks = {"database": _database(), "queue": _queue(), "storage": _storage()}
    return JsonResponse(checks, status=200 if set(checks.values()) == {OK} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return UNREACHABLE
    return OK


def _queue() -> str:
    try:
        with current_app.connection_for_write() as queue:
            queue.ensure_connection(max_retries=1, timeout=2)
    except Exception:  # noqa: BLE001 - every transport has errors of its own
        return UNREACHABLE
    return OK


def _storage() -> str:
    """Return whether a file can be kept; a look a few seconds ago counts."""
    global _storage_seen
    with _looking:
        seen_at, said = _storage_seen
        if time.monotonic() - seen_at >= KEPT_SECONDS:
            said = storage_state(Path(default_storage.path("")))
            _storage_seen = time.monotonic(), said
    return said


def storage_state(folder: Path) -> str:
    """Write a little file to a folder, which is made where none was needed yet, and say what comes of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(folder).free < settings.STORAGE_LEAST_BYTES:
            return "full"
        probe = folder / f".ready-{os.getpid()}"
        try:
            with probe.open("wb") as file:
                file.write(PROBE)
                file.flush()
                os.fsync(file.fileno())
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        return STATES.get(error.errno or 0, UNREACHABLE)
    return OK
