"""The page that undoes an import: what would be archived and set back, what was edited.

What is used since is shown as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from imports import services
from imports.labels import Wording
from imports.tasks import import_file
from imports.undo.versions import Reversal, Writing
from imports.views.upload import JobView
from organizations.request import OrganizationRequest

#: Rows edited since that are shown and can be chosen one by one.
MOST_SHOWN = 200
#: Rows nobody has edited that are shown as examples.
_EXAMPLES = 12
#: Of those that use a row, so many are named.
_USERS = 5


class UndoImport(JobView, TemplateView):
    """What undoing an import would do, and the button that does it."""

    request: OrganizationRequest

    template_name = "imports/undo.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(self.request, *args, **kwargs) if self.job.can_be_undone else self._nothing_to_undo()

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.job.can_be_undone:
            return self._nothing_to_undo()
        chosen = set(request.POST.getlist("also"))
        also = None if "everything" in request.POST else {key for key in self.edited if str(key) in chosen}
        try:
            services.ask_to_undo(self.job, also=also, by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _nothing_to_undo(self) -> HttpResponse:
        messages.info(
            self.request, _("There is nothing to undo: this import has written no row, or is undone already.")
        )
        return HttpResponseRedirect(self.job.get_absolute_url())

    @cached_property
    def writing(self) -> Writing:
        """What the import wrote."""
        assert self.job.written_at is not None
        return Writing(self.register, self.job.written_at)

    @cached_property
    def edited(self) -> list[int]:
        """The keys of its rows that have moved on since, or are used."""
        return self.writing.edited()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        looked_at, others = self.edited[:MOST_SHOWN], set(self.edited)
        # Of the rows that have moved on, those count in which somebody edited what the import wrote, and those in use.
        shown = [reversal for reversal in self.writing.reversals(looked_at) if reversal.edited]
        touched = {reversal.record.pk for reversal in shown} | (others - set(looked_at))
        wrote = (*self.writing.changed, *self.writing.created)
        examples = self.writing.reversals([key for key in wrote if key not in touched][:_EXAMPLES])
        return super().get_context_data(**kwargs) | {
            "filename": self.job.filename,
            "job_url": self.job.get_absolute_url(),
            "created": len(self.writing.created),
            "changed": len(self.writing.changed),
            "edited_total": len(touched),
            "edited": self._lines(shown),
            "examples": self._lines(list(examples)),
            "stays": [{"label": label, "count": count} for label, count in self.job.result.get("added", {}).items()],
        }

    def _lines(self, reversals: Sequence[Reversal]) -> list[dict[str, Any]]:
        words = Wording(self.writing.targets)
        words.learn((each.name, value) for row in reversals for each in row.fields for value in each[1:4])
        return [self._line(reversal, words) for reversal in reversals]

    def _is_a_key_beside(self, name: str) -> bool:
        """Return whether it is the key of something that is kept beside the row: its level says what that means."""
        return name.endswith("_id") and name in self.register.model.beside_attributes

    def _line(self, reversal: Reversal, words: Wording) -> dict[str, Any]:
        record = reversal.record
        return {
            "key": record.pk,
            "reference": record.reference,
            "title": record.title_text,
            "url": record.get_absolute_url(),
            "is_created": reversal.is_created,
            "is_archived": record.is_archived,
            "used_by": _listed(reversal.used_by),
            "fields": [
                {
                    "label": words.label(each.name),
                    "now": words.text(each.name, each.now),
                    "before": words.text(each.name, each.before),
                    "imported": words.text(each.name, each.imported),
                    "edited": each.edited,
                    "is_taken": each.is_taken,
                }
                for each in reversal.fields
                if not self._is_a_key_beside(each.name)
            ],
        }


def _listed(users: Sequence[str]) -> str:
    """Return those who use a row, the first by name where they are many."""
    names = sorted(set(users))
    return ", ".join(names[:_USERS]) + (" …" if len(names) > _USERS else "")
