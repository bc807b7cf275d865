"""A change of many rows from question to result.

Each step is a state change of its job. Pages, worker and sweeper call these.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from organizations import clock
from organizations.jobs import Lease, LeaseLost, holding
from organizations.models import User
from organizations.roles import Action
from registers.editing.bulk_forms import changes_of
from registers.editing.bulk_preview import Examination, Overtaken, records_of, write
from registers.editing.models import BulkEdit
from registers.lists.rows import rows_for
from registers.register import Register, registry
from trail.actor import acting
from trail.models import record_event

logger = logging.getLogger(__name__)
Status = BulkEdit.Status


@transaction.atomic
def ask(
    register: Register,
    chosen: dict[str, Any],
    changes: dict[str, list[str]],
    *,
    by: User,
    reason: str,
    archives: bool = False,
) -> BulkEdit:
    """Ask what a change of many rows comes to.

    Args:
        register: whose rows.
        chosen: ``references``, or the ``query`` of the list whose rows are meant.
        changes: what each field is set to, as :class:`registers.editing.bulk_forms.ChangesForm` sends it.
        by: who asks.
        reason: why, for the rows' history.
        archives: whether they are to be put away instead.
    """
    job = BulkEdit(
        register=register.slug, chosen=chosen, changes=changes, archives=archives, reason=reason, requested_by=by
    )
    job.save()
    return job


@transaction.atomic
def confirm(job: BulkEdit) -> BulkEdit:
    """Have it written as the last look showed it.

    Raises:
        ValidationError: nobody has looked yet, or it is written already.
    """
    return _move(job, (Status.READY,), Status.WRITING)


@transaction.atomic
def cancel(job: BulkEdit) -> BulkEdit:
    """Give a change up that isn't written; whatever a worker does for it no longer counts."""
    return _move(job, (Status.CHECKING, Status.READY, Status.WRITING), Status.CANCELLED, finished_at=clock.now())


def _move(job: BulkEdit, allowed: tuple[str, ...], status: str, **fields: Any) -> BulkEdit:
    """Change a job's status, if it still is in one of the allowed ones.

    Whoever held its lease loses it.

    Raises:
        ValidationError: it is in another status.
    """
    fresh: dict[str, Any] = {
        "lease_token": "",
        "leased_until": None,
        "progress": 0,
        "message": "",
        "attempts": 0,
        "failure": {},
    }
    # Asked and changed by one statement: of two who press a button at once, one is refused.
    if not BulkEdit.objects.filter(pk=job.pk, status__in=allowed).update(status=status, **fresh, **fields):
        raise ValidationError(_("This change has moved on in the meantime. Look at where it stands now."))
    job.refresh_from_db()
    return job


def begin(job: BulkEdit, start: Callable[[int, int], Any]) -> None:
    """Do what is asked for: at once where the rows are few, else by a worker.

    Args:
        job: a change that is to be looked at or written.
        start: called with organization and job id to have a worker do it.
    """
    if len(keys_of(job)) <= settings.IMPORT_BACKGROUND_ROWS:
        process(job)
    else:
        try:
            start(job.organization_id, job.pk)
        except OperationalError:
            logger.warning("The queue can't be reached; change %s waits for the sweeper.", job.pk, exc_info=True)
    job.refresh_from_db()


def keys_of(job: BulkEdit) -> list[int]:
    """Return the keys of the rows that are meant, in order."""
    register = registry[job.register]
    rows = (
        rows_for(register, QueryDict(job.chosen["query"])).rows
        if "query" in job.chosen
        else register.rows().filter(reference__in=job.chosen["references"])
    )
    return list(dict.fromkeys(rows.prefetch_related(None).order_by("pk").values_list("pk", flat=True)))


def process(job: BulkEdit) -> None:
    """Look at the rows or write them, whichever is asked for.

    Nothing is done where another worker has it in hand.
    """
    try:
        with holding(job) as lease, acting(job.requested_by):
            try:
                (_look if job.status == Status.CHECKING else _write)(job, lease)
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the person who waits must be told
                lease.fail(*_explained(job, error), finished_at=clock.now())
    except LeaseLost:
        logger.info("Change %s is finished, given up, or in the hands of another worker.", job.pk)


def _explained(job: BulkEdit, error: Exception) -> tuple[str, str]:
    """Return what went wrong and what to do, for a person."""
    if isinstance(error, ValidationError):  # what was offered when it was asked for isn't any more
        return " ".join(error.messages), _("Nothing was written. Choose again.")
    if not isinstance(error, IntegrityError):
        logger.exception("Change %s failed.", job.pk, exc_info=error)
    remedy = _("Nothing was written. Try again; the operator finds the reason in the log.")
    return _("The rows could not be changed."), remedy


def _examination(job: BulkEdit) -> Examination:
    register, by = registry[job.register], job.requested_by
    assert by is not None
    if job.archives:
        values = {"archived_at": clock.now(), "archived_by": by, "archive_reason": job.reason}
        return Examination(register, values, by=by, action=Action.ARCHIVE)
    form = changes_of(register, job.changes)
    if gone := form.unknown:
        raise ValidationError(
            _("The register has no field %(names)s to fill in any more.") % {"names": ", ".join(gone)}
        )
    if not form.is_valid():
        raise ValidationError(form.errors.as_text())
    return Examination(register, form.values, by=by)


def _look(job: BulkEdit, lease: Lease) -> None:
    examination, keys = _examination(job), keys_of(job)
    told, done = lease.telling(len(keys), _("%(done)s of %(total)s rows looked at")), 0
    for records in records_of(examination.register, keys):
        examination.take(records)
        done += len(records)
        told(done)
    lease.finish(Status.READY, found=examination.as_json(), progress=0, message="")


def _write(job: BulkEdit, lease: Lease) -> None:
    examination, keys = _examination(job), keys_of(job)
    told = lease.telling(len(keys), _("%(done)s of %(total)s rows written"))
    try:
        with transaction.atomic():
            write(examination, keys, digest=job.found["digest"], reason=job.reason, progress=told)
            _tell_trail(job, examination)
            # In the same transaction: a worker that has lost the job writes none of the rows.
            lease.finish(Status.DONE, found=examination.as_json(), progress=100, message="", finished_at=clock.now())
    except Overtaken:
        _look(job, lease)
        BulkEdit.objects.filter(pk=job.pk).update(message=_("Some of the rows were changed since you looked."))


def _tell_trail(job: BulkEdit, examination: Examination) -> None:
    verb = "archived many rows" if job.archives else "changed many rows"
    fields = [column.name for column in examination.columns if not job.archives]
    record_event(
        verb,
        job.register,
        rows=examination.counts["changed"],
        refused=examination.counts["refused"],
        fields=fields,
        reason=job.reason,
    )
