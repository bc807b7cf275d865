"""Imports from upload to result: each step a state change of its job, asked for by a page.

:mod:`imports.worker` does the work.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from imports.elsewhere import mapping_for
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.new_fields import targets_for
from imports.saved_mappings import forget
from imports.storage import forget_files
from imports.worker import process
from organizations import clock, file_storage
from organizations.models import User
from organizations.scope import current_organization
from registers.register import Register, registry
from trail.actor import acting
from trail.models import record_event

logger = logging.getLogger(__name__)

#: A file up to this many bytes is looked through while the person waits, if its rows aren't too many.
SMALL_FILE = 2 * 1024 * 1024
Status = ImportJob.Status
#: Files that are looked through once more after an import, at most.
_LOOKED_AT_AGAIN = 20


@transaction.atomic
def upload(register: Register, file: UploadedFile, mapping: ImportMapping, *, by: User) -> ImportJob:
    """Take a file in, to be looked through by a mapping; an empty one leaves all to proposals.

    Raises:
        ValidationError: it is empty or too large, or can't be stored.
    """
    size = file.size or 0
    if not size:
        raise ValidationError(_("The file is empty. Choose the one that holds the table."))
    if size > settings.IMPORT_MAX_BYTES:
        limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
        raise ValidationError(
            _("The file is larger than %(limit)s MiB. Split it, or have an operator import it on the command line.")
            % {"limit": limit}
        )
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    # The name in storage is ours: what a browser calls a file is data.
    path = f"imports/{current_organization().pk}/{secrets.token_hex(16)}"
    try:
        file_storage.put(path, file, digest.hexdigest())
    except OSError as error:
        raise file_storage.refused(error) from error
    name = Path((file.name or "").replace("\\", "/")).name[:200] or _("file")
    job = ImportJob(
        register=register.slug,
        filename=name,
        path=path,
        size=size,
        mapping=mapping.as_json(),
        sha256=digest.hexdigest(),
        requested_by=by,
    )
    job.save()
    with acting(by):
        record_event("uploaded for import", register.slug, file=job.filename, sha256=job.sha256, size=size)
    return job


@transaction.atomic
def take_up(job: ImportJob, register: Register, *, by: User) -> ImportJob:
    """Have the same file looked through for another register as well, with what was said about it as far as that has it.

    Raises:
        ValidationError: the file is no longer there.
    """
    if not job.path or not default_storage.exists(job.path):
        raise ValidationError(_("The uploaded file is no longer there. Upload it again."))
    said = ImportMapping.read(job.mapping, targets_for(registry[job.register], job.mapping))
    mapping = mapping_for(job, said, register)
    path = f"imports/{current_organization().pk}/{secrets.token_hex(16)}"
    try:
        with default_storage.open(job.path) as file:
            file_storage.put(path, file, job.sha256)
    except OSError as error:
        raise file_storage.refused(error) from error
    same = {name: getattr(job, name) for name in ("filename", "size", "sha256")}
    other = ImportJob(register=register.slug, path=path, mapping=mapping.as_json(), requested_by=by, **same)
    other.save()
    with acting(by):
        record_event(
            "uploaded for import",
            register.slug,
            file=job.filename,
            sha256=job.sha256,
            size=job.size,
            taken_from=job.register,
        )
    return other


@transaction.atomic
def ask_to_check(job: ImportJob, mapping: ImportMapping) -> ImportJob:
    """Have the file looked through again, with another mapping.

    Raises:
        ValidationError: it is being worked on, or finished.
    """
    return _move(job, (Status.READY, Status.CHECKING), Status.CHECKING, mapping=mapping.as_json())


@transaction.atomic
def ask_to_propose(job: ImportJob) -> ImportJob:
    """Have the file looked through as if none of its kind had been imported yet.

    How those were understood is forgotten.

    Raises:
        ValidationError: it is being worked on, or finished.
    """
    forget(registry[job.register], job.found.get("headers", ()))
    return ask_to_check(job, ImportMapping())


@transaction.atomic
def ask_to_move(job: ImportJob, register: Register) -> ImportJob:
    """Have the file looked through for another register; what was said about it was about the other one's fields.

    Raises:
        ValidationError: it is being worked on, or finished.
    """
    return _move(job, (Status.READY,), Status.CHECKING, register=register.slug, mapping={}, result={})


@transaction.atomic
def ask_to_import(job: ImportJob, *, skip_invalid: bool, by: User) -> ImportJob:
    """Have the file imported as the last look through it showed.

    Args:
        job: an import whose file was looked through.
        skip_invalid: whether refused rows are left out.
        by: who agrees to it, in whose name rows and comments are written, whoever brought the file.

    Raises:
        ValidationError: nobody has looked through it yet, or it is imported already.
    """
    return _move(job, (Status.READY,), Status.IMPORTING, skip_invalid=skip_invalid, requested_by=by)


@transaction.atomic
def cancel(job: ImportJob) -> ImportJob:
    """Give an import up that isn't finished; whatever a worker does for it no longer counts."""
    _move(job, (Status.CHECKING, Status.READY, Status.IMPORTING), Status.CANCELLED, finished_at=clock.now())
    # Files don't come back where the transaction is rolled back.
    transaction.on_commit(lambda: forget_files(job))
    return job


@transaction.atomic
def ask_to_undo(job: ImportJob, *, also: Collection[int] | None, by: User) -> ImportJob:
    """Have an import undone.

    Args:
        job: an import that wrote rows.
        also: keys of the rows edited or used since that are undone nevertheless; None: all of them.
        by: who undoes it.

    Raises:
        ValidationError: it has written nothing, or is undone already.
    """
    if job.written_at is None:
        raise ValidationError(_("This import has written nothing, so there is nothing to undo."))
    undo = {"also": None if also is None else sorted(also)}
    return _move(job, (Status.DONE, Status.FAILED), Status.UNDOING, undo=undo, undone_by=by, finished_at=None)


@transaction.atomic
def stop_undoing(job: ImportJob) -> ImportJob:
    """Leave an import that is being undone as it is.

    Whatever a worker does for it no longer counts.
    """
    return _move(job, (Status.UNDOING,), Status.DONE, finished_at=clock.now())


def _move(job: ImportJob, allowed: tuple[str, ...], status: str, **fields: Any) -> ImportJob:
    """Change a job's status, if it still is in one of the allowed ones.

    Whoever held its lease loses it.

    Raises:
        ValidationError: it is in another one.
    """
    values = {
        "status": status,
        "lease_token": "",
        "leased_until": None,
        "progress": 0,
        "message": "",
        "attempts": 0,
        "failure": {},
        **fields,
    }
    # Compared and set in one statement: of two who ask at once, one is told that it has moved on.
    if not ImportJob.objects.filter(pk=job.pk, status__in=allowed).update(**values):
        raise ValidationError(_("This import has moved on in the meantime. Look at where it stands now."))
    job.refresh_from_db()
    return job


def begin(job: ImportJob, start: Callable[[int, int], Any]) -> None:
    """Do what is asked for: at once where it is little, else by a worker.

    Args:
        job: an import that is to be looked through or written.
        start: called with organization and job id to have a worker do it.
    """
    if job.size > SMALL_FILE or not process(job, most_rows=settings.IMPORT_BACKGROUND_ROWS):
        try:
            start(job.organization_id, job.pk)
        except OperationalError:
            logger.warning("The queue can't be reached; import %s waits for the sweeper.", job.pk, exc_info=True)
    job.refresh_from_db()
    if job.status == Status.DONE:
        look_again(job)


def look_again(written: ImportJob) -> None:
    """Look through small files that wait once more: rows that they name, or that have their ids, may be there by now.

    What waits for an answer before its rows are looked at stays; of a large file the import itself looks again.
    """
    waiting = ImportJob.objects.filter(status=Status.READY, size__lte=SMALL_FILE).exclude(pk=written.pk)
    for job in waiting[:_LOOKED_AT_AGAIN]:
        if job.result.get("counts") and job.found.get("rows", 0) <= settings.IMPORT_BACKGROUND_ROWS:
            # Somebody may have it in hand meanwhile: then they look.
            with suppress(ValidationError):
                process(_move(job, (Status.READY,), Status.CHECKING))
