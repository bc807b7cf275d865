"""Suggestions of tags."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from organizations.request import OrganizationRequest
from organizations.roles import Action
from registers.tags import LENGTH, SEPARATOR, SUGGESTED, in_use, joined, tags_of
from registers.views.base import RegisterView, typed_in


class SuggestTags(RegisterView):
    """Suggestions of tags, as options of a data list.

    They are those that the register's records bear and that begin with what was typed last.
    """

    action = Action.VIEW

    def get(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        typed = typed_in(request)[: 2 * LENGTH]
        before, _separator, last = typed.replace(",", ";").rpartition(";")
        given = tags_of(before)
        known = {tag.casefold() for tag in given}
        found = [tag for tag in in_use(self.register.rows(), last.strip()) if tag.casefold() not in known][:SUGGESTED]
        kept = joined(given) + SEPARATOR if given else ""
        return render(request, "registers/widgets/tag_suggestions.html", {"tags": found, "before": kept})
