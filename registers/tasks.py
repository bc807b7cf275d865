"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_ready

from organizations.models import Organization
from organizations.scope import in_organization
from organizations.tasks import OrganizationTask
from registers.bulk import services as bulk
from registers.bulk.models import BulkEdit
from registers.importing.keeping import forget_old_files
from registers.importing.models import ImportJob
from registers.importing.processing import process
from registers.jobs import take_up
from registers.talk import watching


@shared_task(base=OrganizationTask, name="registers.tasks.import_file")
def import_file(organization_id: int, job_id: int) -> None:
    """Look through an uploaded file or import it, or take up what another worker began."""
    process(ImportJob.objects.get(pk=job_id))


@shared_task(name="registers.tasks.take_up_orphaned_imports")
def take_up_orphaned_imports() -> None:
    """Have imports done whose message was lost or whose worker died."""
    take_up(ImportJob, import_file.delay)


@shared_task(name="registers.tasks.forget_old_imports")
def forget_old_imports() -> None:
    """Delete uploaded files that nobody needs any more."""
    for organization in Organization.objects.all():
        with in_organization(organization):
            forget_old_files()


@shared_task(base=OrganizationTask, name="registers.tasks.edit_rows")
def edit_rows(organization_id: int, job_id: int) -> None:
    """Look at rows that are to be changed alike or write them, or take up what another worker began."""
    bulk.process(BulkEdit.objects.get(pk=job_id))


@shared_task(name="registers.tasks.take_up_orphaned_edits")
def take_up_orphaned_edits() -> None:
    """Have changes of many rows done whose message was lost or whose worker died."""
    take_up(BulkEdit, edit_rows.delay)


@shared_task(base=OrganizationTask, name="registers.tasks.tell_watchers")
def tell_watchers(organization_id: int) -> None:
    """Mail one organization's people what happened to the records they watch."""
    watching.tell_watchers()


@shared_task(name="registers.tasks.tell_watchers_of_every_organization")
def tell_watchers_of_every_organization() -> None:
    """Have the watchers of each organization told."""
    for key in Organization.objects.values_list("pk", flat=True):
        tell_watchers.delay(key)


@worker_ready.connect
def take_up_when_starting(**_: object) -> None:
    """A worker that starts looks at once for what the last one left."""
    take_up_orphaned_imports.delay()
    take_up_orphaned_edits.delay()
