"""Celery's entry points of this app, and the base of every task that works inside an organization."""

from __future__ import annotations

from typing import Any

from celery import Task, shared_task

from organizations import mail
from organizations.models import Organization
from organizations.scope import in_organization


class OrganizationTask(Task):
    """A task whose first argument is an organization's id; it runs inside that organization."""

    abstract = True

    def __call__(self, organization_id: int, *args: Any, **kwargs: Any) -> Any:
        with in_organization(Organization.objects.get(pk=organization_id)):
            return super().__call__(organization_id, *args, **kwargs)


@shared_task(base=OrganizationTask, name="organizations.tasks.mail_invitation")
def mail_invitation(organization_id: int, invitation_id: int) -> None:
    """Mail an invitation once; a failure is kept beside it, where the members page shows it."""
    mail.send_invitation(invitation_id)
