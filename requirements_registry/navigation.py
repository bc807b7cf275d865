"""Requirements on the overview: those that are no part of any statement yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clauses import overview
from clauses.assertion import Period
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.register import registry
from requirements_registry.models import Requirement


def uncounted_on_overview(request: OrganizationRequest, period: Period) -> overview.Part:
    """Return a line on each kind of requirements that no statement speaks of yet.

    Those are drafts, as an import brings them without a status, those in review, and those that take effect later.
    """
    if not allowed(request, Action.VIEW, "requirements"):
        return overview.Part()
    later = f"{request.organization.today() + timedelta(days=1):%Y-%m-%d}"
    found = Requirement.objects.visible().current()
    counts = found.aggregate(
        drafts=Count("pk", filter=Q(status=Requirement.Status.DRAFT)),
        in_review=Count("pk", filter=Q(status=Requirement.Status.IN_REVIEW)),
        later=Count("pk", filter=Q(status=Requirement.Status.ACTIVE, effective_on__gte=later)),
    )
    lines = (
        _line(_drafts, counts["drafts"], "status=draft", _("Show the drafts")),
        _line(_in_review, counts["in_review"], "status=in_review", _("Show what is in review")),
        _line(_later, counts["later"], f"status=active&effective_on_after={later}", _("Show what holds later")),
    )
    return overview.Part([line for line in lines if line])


def _line(words: Callable[[int], str], count: int, query: str, link_label: str) -> dict[str, str] | None:
    if not count:
        return None
    url = f"{registry['requirements'].url('list')}?{query}"
    return {"tone": "info", "text": words(count) % {"count": f"{count:,}"}, "url": url, "link_label": link_label}


def _drafts(count: int) -> str:
    return ngettext(
        "%(count)s requirement is a draft and not counted: statements speak of those in force.",
        "%(count)s requirements are drafts and not counted: statements speak of those in force.",
        count,
    )


def _in_review(count: int) -> str:
    return ngettext(
        "%(count)s requirement is in review and not counted yet.",
        "%(count)s requirements are in review and not counted yet.",
        count,
    )


def _later(count: int) -> str:
    return ngettext(
        "%(count)s active requirement holds from a later day on and isn't counted yet.",
        "%(count)s active requirements hold from a later day on and aren't counted yet.",
        count,
    )


overview.parts.append(uncounted_on_overview)
