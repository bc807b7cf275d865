"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_ready

from organizations.jobs import take_up
from organizations.tasks import OrganizationTask
from registers.editing import bulk
from registers.editing.models import BulkEdit


@shared_task(base=OrganizationTask, name="registers.tasks.edit_rows")
def edit_rows(organization_id: int, job_id: int) -> None:
    """Look at rows that are to be changed alike, or write them.

    Another worker may have begun it.
    """
    bulk.process(BulkEdit.objects.get(pk=job_id))


@shared_task(name="registers.tasks.take_up_orphaned_edits")
def take_up_orphaned_edits() -> None:
    """Have changes of many rows done whose message was lost or whose worker died."""
    take_up(BulkEdit, edit_rows.delay)


@worker_ready.connect
def take_up_when_starting(**_: object) -> None:
    """Look at once, as a worker that starts, for what the last one left."""
    take_up_orphaned_edits.delay()
