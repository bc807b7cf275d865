"""The risks and opportunities of other registers' records, on the records' pages.

They are linked to the record, or arise from it.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from organizations.access import allowed
from organizations.auditor_scope import audit_scope
from organizations.request import OrganizationRequest
from organizations.roles import Action
from organizations.scope import current_organization
from registers.models import Record
from registers.panels import Panel, panels
from registers.register import Register
from risks.models import NoSignificantRisk, Opportunity, Risk

#: Register → the field in which risks and opportunities point to its records.
LINKS = {"requirements": "requirements", "issues": "issues", "interested-parties": "parties"}
#: Registers from whose records risks and opportunities arise.
ORIGINS = ("supplier-reviews", "feedback", "complaints", "checks")
SHOWN = 10


def related(request: OrganizationRequest, register: Register, record: Record) -> list[Panel]:
    """Return what can affect a record, or arises from it: two queries, three for a requirement."""
    value: Any
    if register.slug in LINKS:
        name, value = LINKS[register.slug], record
    elif register.slug in ORIGINS:
        name, value = "origin", record.reference
    else:
        return []
    groups = [
        _group(request, model, {name: value}, f"{name}={record.reference}", record)
        for model in (Risk, Opportunity)
        if audit_scope().includes(model.register.sub_clauses)
    ]
    context = {"groups": groups, **(_decision(request, record) if register.slug == "requirements" else {})}
    return [Panel("risks/panel.html", context)]


def _group(
    request: OrganizationRequest, model: Any, narrow: dict[str, Any], query: str, record: Record
) -> dict[str, Any]:
    rows = list(
        model.objects.visible()
        .current()
        .filter(**narrow)
        .select_related("scale")
        # One more than is shown: whether the list has others, without counting them.
        .order_by("-score", "-id")[: SHOWN + 1]
    )
    address, slug = current_organization().slug, model.register_slug
    may_add = allowed(request, Action.ADD, slug) and not record.is_archived
    return {
        "title": model._meta.verbose_name_plural,
        "items": rows[:SHOWN],
        "more_url": f"{reverse(f'{slug}-list', args=[address])}?{query}" if len(rows) > SHOWN else "",
        "add_url": f"{reverse(f'{slug}-create', args=[address])}?{query}" if may_add else "",
    }


def _decision(request: OrganizationRequest, requirement: Any) -> dict[str, Any]:
    """Return the last decision that the requirement has no significant risk.

    With the address at which one is written down; empty for those who may not.
    """
    may_decide = allowed(request, Action.CHANGE, "requirements", requirement) and not requirement.is_archived
    return {
        "decision": NoSignificantRisk.objects.filter(requirement=requirement).select_related("decided_by").first(),
        "decide_url": reverse("risks:no-risk", args=[current_organization().slug, requirement.reference])
        if may_decide
        else "",
    }


panels.append(related)
