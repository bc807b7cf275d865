"""The work on an import: looking through its file, writing, undoing.

A worker does it, or the person's own request where it is little.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from imports.examination import Examination, examine
from imports.known_ids import KNOWN_IDS
from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.new_fields import targets_for
from imports.pipeline import examination, read_table, ready_to_write, write_all
from imports.questions import ASKED, asked_of
from imports.ready import Overtaken
from imports.refused_rows import refused_rows
from imports.report import HIDDEN, Report, facts
from imports.saved_mappings import Understood, recognise, remember
from imports.sources import MappingError
from imports.storage import keep_refused, local
from imports.undo.undo import undo
from organizations import clock
from organizations.jobs import Lease, LeaseLost, holding
from registers.register import registry
from spreadsheets.errors import UnreadableFile
from spreadsheets.table import Table
from trail.actor import acting
from trail.busy import is_busy
from trail.models import record_event

logger = logging.getLogger(__name__)

Status = ImportJob.Status


class NeedsWorker(Exception):
    """The file has too many rows for a person to wait for it."""


def process(job: ImportJob, *, most_rows: int | None = None) -> bool:
    """Look through the file, import it or undo it, unless another worker has it in hand.

    Which of these is done, the job's status says.

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
                if is_busy(error):  # nothing was written, and the next worker takes it up
                    logger.warning("Import %s is given back: others were writing for too long.", job.pk)
                    return True
                lease.fail(*_explained(job, error), finished_at=clock.now())
    except LeaseLost:
        logger.info("Import %s is finished, given up, or in the hands of another worker.", job.pk)
    return True


def _explained(job: ImportJob, error: Exception) -> tuple[str, str]:
    """Return what went wrong and what to do, for a person."""
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
        mapping = ImportMapping.read(job.mapping, targets_for(register, job.mapping))
        with local(job) as path:
            read = partial(read_table, path, job.filename, register)
            # What somebody has said about this file goes before what is remembered of others.
            understood = Understood(read(mapping), mapping) if job.mapping else recognise(register, read)
            table, mapping, saved = understood
            _leave_many(table, most_rows)
            # Told even where the mapping doesn't fit, so that it can be corrected.
            found = facts(table)
            if saved:
                recognised = {"file": saved.filename, "when": saved.saved_at.isoformat()}
            with examination(register, table, mapping) as examined:
                found = facts(table, examined)
                result = _missing(examined) or _look(job, examined, lease)
                result |= {"survey": examined.survey} if examined.survey else {}
    except (UnreadableFile, MappingError) as error:
        result = {"errors": error.messages if isinstance(error, MappingError) else [str(error)]}
    found |= {"recognised": recognised} if recognised else {}
    # What was recognised counts as said: the file is read and imported by the job's mapping.
    kept = {"mapping": mapping.as_json()} if recognised else {}
    lease.finish(Status.READY, found=found, result=result, progress=0, message="", **kept)


def _missing(examined: Examination) -> dict[str, Any]:
    """Return what to say where a needed field gets no value, and what has to be asked; nothing where all is known.

    Until then there is no use in looking through the rows.
    """
    missing = [target.label for target in examined.converter.missing]
    asked = asked_of(examined)
    if not missing and not asked:
        return {}
    return {
        "missing": missing,
        ASKED: asked,
        "mapping": examined.mapping.as_json(),
        "unmapped": examined.unmapped,
        "kept_unmapped": bool(examined.converter.kept),
    }


def _look(job: ImportJob, examined: Examination, lease: Lease) -> dict[str, Any]:
    """Look through the rows, and keep the refused ones as a file."""
    progress = lease.telling(examined.table.row_count, _("%(done)s of %(total)s rows looked through"))
    with tempfile.TemporaryFile() as file:
        with refused_rows(file, examined.table) as refused:
            report = Report(examined, refused)
            examine(examined, on_drafts=report.see, progress=progress)
        keep_refused(job, file if report.problems_total else None)
    return report.as_json()


def _leave_many(table: Table, most_rows: int | None) -> None:
    if most_rows is not None and table.row_count > most_rows:
        raise NeedsWorker


def _import(job: ImportJob, lease: Lease, most_rows: int | None) -> None:
    register = registry[job.register]
    mapping = ImportMapping.read(job.mapping, targets_for(register, job.mapping))
    with local(job) as path:
        table = read_table(path, job.filename, register, mapping)
        _leave_many(table, most_rows)
        with examination(register, table, mapping) as examined:
            _look_and_write(job, examined, lease)


def _look_and_write(job: ImportJob, examined: Examination, lease: Lease) -> None:
    result = _missing(examined) or _look(job, examined, lease)
    counts = result.get("counts", {})
    # The register may have changed since somebody agreed to what they saw.
    if (
        result.get("missing")
        or result.get(ASKED)
        or result.get(KNOWN_IDS)
        or result.get(HIDDEN)
        or (counts["refused"] and not job.skip_invalid)
    ):
        reason, remedy = (
            _("The register has changed: some rows can't go in any more."),
            _("Nothing was written. Mend the rows below and upload the file again."),
        )
        lease.fail(reason, remedy, result=result, finished_at=clock.now())
        return
    total = counts["created"] + counts["changed"]
    progress = lease.telling(total, _("%(done)s of %(total)s rows made ready"))
    lease.report(progress=0, message=_("Making %(total)s rows ready") % {"total": f"{total:,}"})
    with ready_to_write(examined, filename=job.filename, progress=progress) as ready:
        # Said now: on SQLite nobody else can write, and say so, while the rows are written.
        lease.write(progress=99, message=_("Writing %(total)s rows") % {"total": f"{total:,}"})
        with transaction.atomic():
            moment = write_all(ready, filename=job.filename, sha256=job.sha256)
            register, by = examined.register, job.requested_by
            remember(
                register, examined.table.headers, replace(examined.mapping, new_fields={}), filename=job.filename, by=by
            )
            # In the transaction of the rows: whoever was overtaken rolls both back.
            done = {"result": result, "written_at": moment, "finished_at": clock.now()}
            lease.finish(Status.DONE, progress=100, message="", **done)


def _undo(job: ImportJob, lease: Lease, most_rows: int | None) -> None:
    """Undo an import; until that is done, all of it stands."""
    counts = job.result["counts"]
    total = counts["created"] + counts["changed"]
    if most_rows is not None and total > most_rows:
        raise NeedsWorker
    assert job.written_at is not None
    progress = lease.telling(total, _("%(done)s of %(total)s rows undone"))
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
