"""The page that undoes an import: what would be archived and set back, and what was edited since."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from registers.importing import services
from registers.importing.undoing import MOST_SHOWN, Reversal, Writing
from registers.importing.wording import Wording
from registers.tasks import import_file
from registers.views.importing import JobView

#: Rows nobody has edited that are shown as examples.
_EXAMPLES = 12


class UndoImport(JobView, TemplateView):
    """What undoing an import would do, and the button that does it."""

    template_name = "registers/import_undo.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().get(request, *args, **kwargs) if self.job.can_be_undone else self._nothing_to_undo()

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.job.can_be_undone:
            return self._nothing_to_undo()
        chosen = {int(key) for key in request.POST.getlist("also") if key.isdecimal()}
        also = None if "everything" in request.POST else chosen & set(self.edited)
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
        """The keys of its rows that were edited since."""
        return self.writing.edited()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self.edited[:MOST_SHOWN]
        others = set(self.edited)
        examples = [key for key in (*self.writing.changed, *self.writing.created) if key not in others][:_EXAMPLES]
        return super().get_context_data(**kwargs) | {
            "filename": self.job.filename,
            "job_url": self.job.get_absolute_url(),
            "created": len(self.writing.created),
            "changed": len(self.writing.changed),
            "edited_total": len(self.edited),
            "edited": self._lines(shown),
            "examples": self._lines(examples),
        }

    def _lines(self, keys: Sequence[int]) -> list[dict[str, Any]]:
        reversals = list(self.writing.reversals(keys))
        words = Wording(self.targets)
        words.learn((each.name, value) for row in reversals for each in row.fields for value in each[1:])
        return [self._line(reversal, words) for reversal in reversals]

    def _line(self, reversal: Reversal, words: Wording) -> dict[str, Any]:
        record = reversal.record
        return {
            "key": record.pk,
            "reference": record.reference,
            "title": record.title_text,
            "url": record.get_absolute_url(),
            "is_created": reversal.is_created,
            "is_archived": record.is_archived,
            "fields": [
                {
                    "label": words.label(each.name),
                    "now": words.text(each.name, each.now),
                    "before": words.text(each.name, each.before),
                    "imported": words.text(each.name, each.imported),
                    "edited": each.edited,
                }
                for each in reversal.fields
            ],
        }
