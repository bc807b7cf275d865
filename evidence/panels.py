"""The evidence files on every record's page."""

from __future__ import annotations

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from evidence.models import Attachment
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.models import Record
from registers.panels import Panel, panels
from registers.register import Register


def attachments(request: OrganizationRequest, register: Register, record: Record) -> list[Panel]:
    """Return the evidence files of a record."""
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
    return [Panel("evidence/attachments_panel.html", context)]


panels.append(attachments)
