"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task

from clauses.services import snapshot
from organizations.models import Organization
from organizations.tasks import OrganizationTask


@shared_task(base=OrganizationTask, name="clauses.tasks.snapshot_organization")
def snapshot_organization(organization_id: int) -> None:
    """Keep yesterday's evaluation of one organization."""
    snapshot()


@shared_task(name="clauses.tasks.snapshot_every_organization")
def snapshot_every_organization() -> None:
    """Have yesterday's evaluation of each organization kept, each in a task of its own."""
    for key in Organization.objects.values_list("pk", flat=True):
        snapshot_organization.delay(key)
