"""Filters of interested parties, requirements, checks and looks at sources."""

from __future__ import annotations

from registers.lists.filters import RegisterFilterSet
from requirements_registry.models import ConformityCheck, InterestedParty, Requirement, WatchEntry


class InterestedPartyFilter(RegisterFilterSet):
    """Filters of the interested parties' list."""

    class Meta(RegisterFilterSet.Meta):
        model = InterestedParty
        fields = ("kind", "relevant", "is_key_customer", "segment", "last_reviewed_on", "site")


class RequirementFilter(RegisterFilterSet):
    """Filters of the requirements' list."""

    class Meta(RegisterFilterSet.Meta):
        model = Requirement
        fields = (
            "status", "kind", "criticality", "owner", "interested_party", "source", "category", "jurisdiction", "applicable", "products", "processes",
            "effective_on", "last_reviewed_on", "site",
        )  # fmt: skip


class ConformityCheckFilter(RegisterFilterSet):
    """Filters of the checks' list."""

    class Meta(RegisterFilterSet.Meta):
        model = ConformityCheck
        fields = ("result", "requirement", "checked_on", "checker", "method", "site")


class WatchEntryFilter(RegisterFilterSet):
    """Filters of the legal watch."""

    class Meta(RegisterFilterSet.Meta):
        model = WatchEntry
        fields = ("changed", "requirement", "looked_on", "looked_by", "impact_due_on", "site")
