"""Requirements on the overview: those that are no part of any statement yet."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses import overview
from clauses.assertion import Period
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.register import registry
from requirements_registry.models import Requirement


def drafts_on_overview(request: OrganizationRequest, period: Period) -> overview.Part:
    """Return a line on the drafts: what an import brought without a status is one, and no statement speaks of it."""
    if not allowed(request, Action.VIEW, "requirements"):
        return overview.Part()
    count = Requirement.objects.visible().current().filter(status=Requirement.Status.DRAFT).count()
    if not count:
        return overview.Part()
    text = ngettext(
        "%(count)s requirement is a draft and not counted: statements speak of active ones.",
        "%(count)s requirements are drafts and not counted: statements speak of active ones.",
        count,
    )
    url = f"{registry['requirements'].url('list')}?status={Requirement.Status.DRAFT.value}"
    return overview.Part(
        [{"tone": "info", "text": text % {"count": f"{count:,}"}, "url": url, "link_label": _("Show the drafts")}]
    )


overview.parts.append(drafts_on_overview)
