"""Imports from upload to result: each step a state change of its job. Pages, worker and sweeper call these."""

from __future__ import annotations

import hashlib
import logging
import secrets
import tempfile
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from organizations import clock
from organizations.models import User
from organizations.scope import current_organization
from registers.importing.errors import UnreadableFile
from registers.importing.keeping import forget_files, keep_refused, local
from registers.importing.mapping import ImportMapping, MappingError
from registers.importing.models import ImportJob
from registers.importing.pipeline import Examination, Overtaken, examine
from registers.importing.refused import refused_rows
from registers.importing.remembering import Understood, forget, recognise, remember
from registers.importing.report import Report, facts
from registers.importing.steps import examination, read_table, write_all
from registers.importing.table import Table
from registers.importing.targets import targets_of
from registers.importing.undoing import undo
from registers.jobs import Lease, LeaseLost, holding
from registers.register import Register, registry
from trail.actor import acting
from trail.models import record_event

logger = logging.getLogger(__name__)

#: A file up to this many bytes is looked through while the person waits, if its rows aren't too many.
SMALL_FILE = 2 * 1024 * 1024
Status = ImportJob.Status


@transaction.atomic
def upload(register: Register, file: UploadedFile, mapping: ImportMapping, *, by: User) -> ImportJob:
    """Take a file in, to be looked through by a mapping; an empty one leaves all to proposals.

    Raises:
        ValidationError: it is empty or too large.
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
    path = default_storage.save(f"imports/{current_organization().pk}/{secrets.token_hex(16)}", file)
    name = Path((file.name or "").replace("\\", "/")).name[:200] or _("file")
    job = ImportJob(
        register=register.slug,
        filename=name,
        path=path,
        size=size,
        mapping=mapping.plain(),
        sha256=digest.hexdigest(),
        requested_by=by,
    )
    job.save()
    with acting(by):
        record_event("uploaded for import", register.slug, file=job.filename, sha256=job.sha256, size=size)
    return job


@transaction.atomic
def ask_to_check(job: ImportJob, mapping: ImportMapping) -> ImportJob:
    """Have the file looked through again, with another mapping.

    Raises:
        ValidationError: it is being worked on, or finished.
    """
    return _move(job, (Status.READY, Status.CHECKING), Status.CHECKING, mapping=mapping.plain())


@transaction.atomic
def ask_to_propose(job: ImportJob) -> ImportJob:
    """Have the file looked through as if none of its kind had been imported yet; how those were understood is forgotten.

    Raises:
        ValidationError: it is being worked on, or finished.
    """
    forget(registry[job.register], job.found.get("headers", ()))
    return ask_to_check(job, ImportMapping())


@transaction.atomic
def ask_to_import(job: ImportJob, *, skip_invalid: bool) -> ImportJob:
    """Have the file imported as the last look through it showed.

    Raises:
        ValidationError: nobody has looked through it yet, or it is imported already.
    """
    return _move(job, (Status.READY,), Status.IMPORTING, skip_invalid=skip_invalid)


@transaction.atomic
def cancel(job: ImportJob) -> ImportJob:
    """Give an import up that isn't finished; whatever a worker does for it no longer counts."""
    _move(job, (Status.CHECKING, Status.READY, Status.IMPORTING), Status.CANCELLED, finished_at=clock.now())
    transaction.on_commit(lambda: forget_files(job))
    return job


@transaction.atomic
def ask_to_undo(job: ImportJob, *, also: Collection[int] | None, by: User) -> ImportJob:
    """Have an import undone.

    Args:
        job: an import that wrote rows.
        also: keys of the rows edited since that are undone nevertheless; None: all of them.
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
    """Leave an import as it is that is being undone; whatever a worker does for it no longer counts."""
    return _move(job, (Status.UNDOING,), Status.DONE, finished_at=clock.now())


def _move(job: ImportJob, allowed: tuple[str, ...], status: str, **fields: Any) -> ImportJob:
    """Change a job's status, if it still is in one of the allowed ones; whoever held its lease loses it."""
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
    if not ImportJob.objects.filter(pk=job.pk, status__in=allowed).update(**values):
        raise ValidationError(_("This import has moved on in the meantime. Look at where it stands now."))
    job.refresh_from_db()
    return job


class NeedsWorker(Exception):
    """The file has too many rows for a person to wait for it."""


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


def process(job: ImportJob, *, most_rows: int | None = None) -> bool:
    """Look through the file or import it, whichever is asked for, unless another worker has it in hand.

    Args:
        job: the import.
        most_rows: leave it, undone, if the file has more rows.

    Returns:
        False if it was left because of its rows.
    """
    try:
        with holding(job) as lease, acting(job.undone_by if job.status == Status.UNDOING else job.requested_by):
            try:
                _STEPS[Status(job.status)](job, lease, most_rows)
            except LeaseLost:
                raise
            except NeedsWorker:
                return False
            except Exception as error:  # noqa: BLE001 - whatever it is, the person who waits must be told
                lease.fail(*_explained(job, error), finished_at=clock.now())
    except LeaseLost:
        logger.info("Import %s is finished, given up, or in the hands of another worker.", job.pk)
    return True


def _explained(job: ImportJob, error: Exception) -> tuple[str, str]:
    """What went wrong and what to do, for a person."""
    if job.status == Status.UNDOING:
        logger.exception("Import %s could not be undone.", job.pk, exc_info=error)
        remedy = _("Nothing was undone, the import stands. Try again; the operator finds the reason in the log.")
        return _("The import could not be undone."), remedy
    match error:
        case UnreadableFile() | MappingError():
            return str(error), _("Nothing was written. Upload the file again.")
        case Overtaken() | IntegrityError():
            reason = (
                str(error)
                if isinstance(error, Overtaken)
                else _("Somebody recorded some of these rows while the file was imported.")
            )
            return reason, _("Nothing was written. Upload the file again: rows that are there by now will be updated.")
        case FileNotFoundError():
            return _("The uploaded file is no longer there."), _("Upload it again.")
    logger.exception("Import %s failed.", job.pk, exc_info=error)
    return _("Something went wrong that we didn't foresee."), _(
        "Nothing was written. Try again; the operator finds the reason in the log."
    )


def _check(job: ImportJob, lease: Lease, most_rows: int | None) -> None:
    register = registry[job.register]
    found: dict[str, Any] = {}
    recognised: dict[str, str] = {}
    lease.report(progress=0, message=_("Reading the file"))
    try:
        mapping = ImportMapping.read(job.mapping, targets_of(register))
        with local(job) as path:
            read = partial(read_table, path, job.filename, register)
            understood = Understood(read(mapping), mapping) if job.mapping else recognise(register, read)
            table, mapping, saved = understood
            _leave_many(table, most_rows)
            found = facts(table)
            if saved:
                recognised = {"file": saved.filename, "when": saved.saved_at.isoformat()}
            with examination(register, table, mapping) as examined:
                found = facts(table, examined)
                result = _missing(examined) or _look(job, examined, lease)
    except (UnreadableFile, MappingError) as error:
        result = {"errors": error.messages if isinstance(error, MappingError) else [str(error)]}
    found |= {"recognised": recognised} if recognised else {}
    kept = {"mapping": mapping.plain()} if recognised else {}
    lease.finish(Status.READY, found=found, result=result, progress=0, message="", **kept)


def _missing(examined: Examination) -> dict[str, Any]:
    """What to say where a needed field gets no value: then there is no use in looking through the rows."""
    missing = [target.label for target in examined.converter.missing]
    return {"missing": missing, "mapping": examined.mapping.plain(), "unmapped": examined.unmapped} if missing else {}


def _look(job: ImportJob, examined: Examination, lease: Lease) -> dict[str, Any]:
    """Look through the rows, and keep the refused ones as a file."""
    total = examined.table.row_count or 1

    def progress(done: int) -> None:
        lease.check()
        lease.report(
            progress=min(99, 100 * done // total),
            message=_("%(done)s of %(total)s rows looked through") % {"done": f"{done:,}", "total": f"{total:,}"},
        )

    with tempfile.TemporaryFile() as file:
        with refused_rows(file, examined.table) as refused:
            report = Report(examined, refused)
            examine(examined, on_drafts=report.see, progress=progress)
        keep_refused(job, file if report.problems_total else None)
    return report.plain()


def _leave_many(table: Table, most_rows: int | None) -> None:
    if most_rows is not None and table.row_count > most_rows:
        raise NeedsWorker


def _import(job: ImportJob, lease: Lease, most_rows: int | None) -> None:
    register = registry[job.register]
    mapping = ImportMapping.read(job.mapping, targets_of(register))
    with local(job) as path:
        table = read_table(path, job.filename, register, mapping)
        _leave_many(table, most_rows)
        with examination(register, table, mapping) as examined:
            _look_and_write(job, examined, lease)


def _look_and_write(job: ImportJob, examined: Examination, lease: Lease) -> None:
    result = _missing(examined) or _look(job, examined, lease)
    counts = result.get("counts", {})
    if result.get("missing") or (counts["refused"] and not job.skip_invalid):
        reason, remedy = (
            _("The register has changed: some rows can't go in any more."),
            _("Nothing was written. Mend the rows below and upload the file again."),
        )
        lease.fail(reason, remedy, result=result, finished_at=clock.now())
        return
    total = counts["created"] + counts["changed"]

    def progress(done: int) -> None:
        lease.check()
        lease.report(
            progress=min(99, 100 * done // total),
            message=_("%(done)s of %(total)s rows written") % {"done": f"{done:,}", "total": f"{total:,}"},
        )

    lease.report(progress=0, message=_("Writing %(total)s rows") % {"total": f"{total:,}"})
    with transaction.atomic():
        moment = write_all(examined, filename=job.filename, sha256=job.sha256, progress=progress)
        register, by = examined.register, job.requested_by
        remember(register, examined.table.headers, examined.mapping, filename=job.filename, by=by)
        done = {"result": result, "written_at": moment, "finished_at": clock.now()}
        lease.finish(Status.DONE, progress=100, message="", **done)


def _undo(job: ImportJob, lease: Lease, most_rows: int | None) -> None:
    """Undo an import; until that is done, all of it stands."""
    counts = job.result["counts"]
    total = counts["created"] + counts["changed"]
    if most_rows is not None and total > most_rows:
        raise NeedsWorker
    assert job.written_at is not None

    def progress(done: int) -> None:
        lease.check()
        lease.report(
            progress=min(99, 100 * done // total),
            message=_("%(done)s of %(total)s rows undone") % {"done": f"{done:,}", "total": f"{total:,}"},
        )

    lease.report(progress=0, message=_("Looking at what was written"))
    with transaction.atomic():
        undone = undo(
            registry[job.register],
            job.written_at,
            filename=job.filename,
            by=job.undone_by,
            also=job.undo.get("also"),
            progress=progress,
        )
        record_event("undid an import", job.register, file=job.filename, sha256=job.sha256, **undone)
        lease.finish(
            Status.UNDONE, undo=job.undo | {"counts": undone}, progress=100, message="", finished_at=clock.now()
        )


_STEPS: dict[Status, Callable[[ImportJob, Lease, int | None], None]] = {
    Status.CHECKING: _check,
    Status.IMPORTING: _import,
    Status.UNDOING: _undo,
}
