"""Evidence in the navigation, and the panel of evidence files on every record's page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from evidence.models import Attachment
from organizations.access import allowed
from organizations.roles import PACKS, Action
from registers.context import pages
from registers.models import Record
from registers.panels import Panel, panels
from registers.register import Register
from reviews.newer import followed

# A file that is attached or missing is part of what was signed.
followed.add(Attachment)
pages.append(("", gettext_lazy("Evidence"), "evidence:packs", Action.VIEW, PACKS))


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
        "limits": _("PDF, image, text or office document, up to %(size)s.")
        % {"size": filesizeformat(settings.ATTACHMENT_MAX_BYTES)},
    }
    return Panel("evidence/attachments_panel.html", context)


panels.append(attachments)
