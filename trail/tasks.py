"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task

from organizations.models import Organization
from organizations.tasks import OrganizationTask
from trail.sealing import head_mails, seals


@shared_task(base=OrganizationTask, name="trail.tasks.seal_organization")
def seal_organization(organization_id: int) -> None:
    """Seal what isn't sealed yet of one organization."""
    seals.seal()


@shared_task(name="trail.tasks.seal_every_organization")
def seal_every_organization() -> None:
    """Have each organization sealed, each in a task of its own."""
    for key in Organization.objects.values_list("pk", flat=True):
        seal_organization.delay(key)


@shared_task(base=OrganizationTask, name="trail.tasks.mail_heads")
def mail_heads(organization_id: int) -> None:
    """Mail one organization's head to those who are due."""
    head_mails.mail_heads()


@shared_task(name="trail.tasks.mail_heads_of_every_organization")
def mail_heads_of_every_organization() -> None:
    """Have each organization's head mailed to those who are due, each in a task of its own."""
    for key in Organization.objects.values_list("pk", flat=True):
        mail_heads.delay(key)
