"""The files of imports: where they are kept, how long, and as what a worker reads them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Q

from imports.models import ImportJob
from organizations import clock

#: How long an imported file is kept, so that its report can be read.
KEPT = timedelta(days=7)


@contextmanager
def local(job: ImportJob) -> Iterator[Path]:
    """Yield the uploaded file's path on this machine; raises FileNotFoundError if it is gone."""
    if not default_storage.exists(job.path):
        raise FileNotFoundError(job.path)
    try:
        yield Path(default_storage.path(job.path))
        return
    except NotImplementedError:  # a storage that isn't a folder
        pass
    with tempfile.NamedTemporaryFile() as copy, default_storage.open(job.path) as stored:
        shutil.copyfileobj(stored, copy)
        copy.flush()
        yield Path(copy.name)


def keep_refused(job: ImportJob, file: IO[bytes] | None) -> None:
    """Keep the file of refused rows in place of the last one; none where there is none."""
    # Storages don't overwrite: they would save it under another name.
    default_storage.delete(job.refused_path)
    if file is not None:
        file.seek(0)
        default_storage.save(job.refused_path, File(file))


def forget_files(job: ImportJob) -> None:
    """Delete what was uploaded, and the file of refused rows."""
    for path in (job.path, job.refused_path):
        with suppress(OSError):
            default_storage.delete(path)


def forget_old_files() -> int:
    """Delete the current organization's files whose import is over, or was left lying.

    They are kept for some days (:data:`KEPT`). The jobs stay, and what they say. Returns how many imports lost their
    files.
    """
    limit = clock.now() - KEPT
    over = Q(finished_at__lt=limit) | Q(finished_at=None, requested_at__lt=limit)
    old = ImportJob.objects.filter(over).exclude(path="").exclude(status__in=ImportJob.PENDING)
    forgotten = 0
    for job in old:
        forget_files(job)
        # Without its file an import can't be agreed to any more.
        left_lying = (
            {"status": ImportJob.Status.CANCELLED, "finished_at": clock.now()}
            if job.status == ImportJob.Status.READY
            else {}
        )
        forgotten += ImportJob.objects.filter(pk=job.pk).update(path="", **left_lying)
    return forgotten
