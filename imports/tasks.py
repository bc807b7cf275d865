"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task
from celery.signals import worker_ready

from imports.models import ImportJob
from imports.storage import forget_old_files
from imports.worker import process
from organizations.jobs import take_up
from organizations.models import Organization
from organizations.scope import in_organization
from organizations.tasks import OrganizationTask
from registers.lists.search_later import catch_up_all


@shared_task(base=OrganizationTask, name="imports.tasks.import_file")
def import_file(organization_id: int, job_id: int) -> None:
    """Look through an uploaded file or import it, or take up what another worker began."""
    process(ImportJob.objects.get(pk=job_id))


@shared_task(name="imports.tasks.take_up_orphaned_imports")
def take_up_orphaned_imports() -> None:
    """Have imports done whose message was lost or whose worker died, and what one left for after its rows."""
    take_up(ImportJob, import_file.delay)
    for organization in Organization.objects.all():
        with in_organization(organization):
            catch_up_all()


@shared_task(name="imports.tasks.forget_old_imports")
def forget_old_imports() -> None:
    """Delete uploaded files that nobody needs any more."""
    for organization in Organization.objects.all():
        with in_organization(organization):
            forget_old_files()


@worker_ready.connect
def take_up_when_starting(**_: object) -> None:
    """Look at once, as a worker that starts, for what the last one left."""
    take_up_orphaned_imports.delay()
