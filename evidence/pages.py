"""Evidence in the navigation, and the panel of evidence files on every record's page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.bench.population import parameters_of
from evidence.models import Attachment, EvidenceRequest
from organizations.access import allowed
from organizations.roles import PACKS, REQUESTS, SAMPLES, Action
from registers.context import pages, waiting
from registers.models import Record
from registers.panels import Panel, Use, panels, uses
from registers.register import Register
from reviews.newer import followed

# A file that is attached or missing is part of what was signed.
followed.add(Attachment)
pages += [
    ("", gettext_lazy("Evidence"), "evidence:packs", Action.VIEW, PACKS),
    ("", gettext_lazy("Samples"), "evidence:samples", Action.VIEW, SAMPLES),
    ("", gettext_lazy("Requests for evidence"), "evidence:requests", Action.VIEW, REQUESTS),
]


def requests_waiting(request: Any) -> QuerySet:
    """Requests for evidence that wait for this person: for an answer, or for their word on one."""
    asked: Any = EvidenceRequest.objects.in_reach(request.user)
    if allowed(request, Action.CHANGE, REQUESTS):
        return asked.waiting()
    if allowed(request, Action.ADD, REQUESTS):
        return asked.answered().filter(asked_by=request.user)
    return asked.none()


waiting["evidence:requests"] = requests_waiting


def draw(request: Any, register: Register) -> Use | None:
    """Drawing a sample from exactly the rows of a list."""
    if not allowed(request, Action.ADD, SAMPLES):
        return None
    query = parameters_of(request.GET.urlencode()).urlencode()
    address = reverse("evidence:sample-draw", args=[request.organization.slug, register.slug])
    return Use(_("Draw a sample"), f"{address}?{urlencode({'of': query})}" if query else address)


uses.append(draw)


def attachments(request: Any, register: Register, record: Record) -> Panel:
    """The evidence files of a record."""
    may_attach = allowed(request, Action.CHANGE, register.slug, record) and not record.is_archived
    found = Attachment.objects.filter(subject=record.reference).select_related("uploaded_by")
    context = {
        "attachments": [
            {
                "name": a.name,
                "size": a.size,
                "url": a.get_absolute_url(),
                "uploaded_at": a.uploaded_at,
                "uploaded_by": a.uploaded_by,
                "sha256": a.sha256,
            }
            for a in found
        ],
        "attach_url": reverse("evidence:attach", args=[request.organization.slug, record.reference])
        if may_attach
        else "",
        "most_bytes": settings.ATTACHMENT_MAX_BYTES,
        "too_large": _("It is larger than %(limit)s. Attach an extract, or a link to where it is kept.")
        % {"limit": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
        "limits": _("PDF, image, text or office document, up to %(size)s.")
        % {"size": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
    }
    return Panel("evidence/attachments_panel.html", context)


panels.append(attachments)
