"""Celery's entry points of this app."""

from __future__ import annotations

from celery import shared_task

from organizations.models import Organization
from organizations.tasks import OrganizationTask
from reviews.sign_off import mail


@shared_task(base=OrganizationTask, name="reviews.tasks.tell_signers")
def tell_signers(organization_id: int) -> None:
    """Tell one organization's signers what changed behind their signatures."""
    mail.tell_signers()


@shared_task(name="reviews.tasks.tell_signers_of_every_organization")
def tell_signers_of_every_organization() -> None:
    """Have the signers of each organization told."""
    for key in Organization.objects.values_list("pk", flat=True):
        tell_signers.delay(key)
