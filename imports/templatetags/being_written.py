"""What is being written just now, for pages that compute numbers."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from imports.models import ImportJob
from organizations import clock
from organizations.access import allowed
from organizations.roles import Action
from registers.register import registry

register = template.Library()

#: Imports that are named; more than that say nothing new.
MOST = 3


@register.inclusion_tag("imports/being_written.html", takes_context=True)
def being_written(context: dict[str, Any]) -> dict[str, Any]:
    """Say which imports are being written or undone: until one is there as a whole, nothing of it counts; one query."""
    request = context["request"]
    pending = (ImportJob.Status.IMPORTING, ImportJob.Status.UNDOING)
    jobs = [] if clock.travelled_to() else ImportJob.objects.filter(status__in=pending).order_by("pk")[:MOST]
    return {
        "imports": [
            {
                "text": _sentence(job),
                "url": job.get_absolute_url() if allowed(request, Action.IMPORT, job.register) else "",
            }
            for job in jobs
        ]
    }


def _sentence(job: ImportJob) -> str:
    told = {"register": registry[job.register].title}
    if job.status == ImportJob.Status.UNDOING:
        return _("An import into “%(register)s” is being undone. Until all of it is, all of it counts here.") % told
    return (
        _("An import into “%(register)s” is being written. Until all of it is there, nothing of it counts here.") % told
    )
