"""Filters of actions."""

from __future__ import annotations

from actions.models import Action
from registers.lists.filters import RegisterFilterSet


class ActionFilter(RegisterFilterSet):
    """Filters of the actions' list."""

    class Meta(RegisterFilterSet.Meta):
        model = Action
        fields = ("status", "kind", "owner", "due_on", "origin", "process", "site")
