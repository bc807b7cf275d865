"""Celery's entry points of this app, and the base of tasks that run inside an organization."""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, shared_task
from kombu.exceptions import OperationalError

from organizations import mail, outbox, security_log
from organizations.models import Organization
from organizations.scope import in_organization

logger = logging.getLogger(__name__)


class OrganizationTask(Task):
    """The base of tasks that run inside the organization whose id is their first argument."""

    abstract = True

    def apply_async(self, *args: Any, **kwargs: Any) -> Any:
        """Offer the task to workers. Where the queue is away its row waits: beat offers it again."""
        try:
            return super().apply_async(*args, **kwargs)
        except OperationalError as error:
            logger.warning("queue.away: %s waits in its row: %s", self.name, error)
            return None

    def __call__(self, organization_id: int, *args: Any, **kwargs: Any) -> Any:
        with in_organization(Organization.objects.get(pk=organization_id)):
            return super().__call__(organization_id, *args, **kwargs)


@shared_task(base=OrganizationTask, name="organizations.tasks.mail_invitation")
def mail_invitation(organization_id: int, invitation_id: int) -> None:
    """Mail an invitation once; a failure is kept beside it, where the people page shows it."""
    mail.send_invitation(invitation_id)


@shared_task(base=OrganizationTask, name="organizations.tasks.send_waiting_mails")
def send_waiting_mails(organization_id: int) -> None:
    """Send what waits in an organization's outbox, and invitations whose message was lost."""
    outbox.send_waiting()
    mail.send_waiting_invitations()


@shared_task(name="organizations.tasks.send_every_waiting_mail")
def send_every_waiting_mail() -> None:
    """Have the waiting mails of every organization sent, each in a task of its own.

    That is what was queued a moment ago, what failed, and what a worker died over.
    """
    for key in Organization.objects.values_list("pk", flat=True):
        send_waiting_mails.delay(key)


@shared_task(name="organizations.tasks.forget_old_security_events")
def forget_old_security_events() -> None:
    """Delete what the security log has kept for long enough."""
    security_log.forget_old()
