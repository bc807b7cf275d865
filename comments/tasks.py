"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task

from comments import watchers
from organizations.models import Organization
from organizations.tasks import OrganizationTask


@shared_task(base=OrganizationTask, name="comments.tasks.tell_watchers")
def tell_watchers(organization_id: int) -> None:
    """Mail one organization's people what happened to the records they watch."""
    watchers.tell_watchers()


@shared_task(name="comments.tasks.tell_watchers_of_every_organization")
def tell_watchers_of_every_organization() -> None:
    """Have the watchers of each organization told."""
    for key in Organization.objects.values_list("pk", flat=True):
        tell_watchers.delay(key)
