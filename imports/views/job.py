"""The page of one import: how its file is understood, how far it is, what became of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from imports import services
from imports.alike_form import ALIKE, AlikeForm
from imports.cells_form import CellsForm, NoAnswersForm
from imports.drafts import LEFT
from imports.elsewhere import Elsewhere
from imports.forms import ColumnsForm, ReadingForm
from imports.known_ids import KNOWN_IDS
from imports.known_people import learn_names
from imports.mapping import ImportMapping
from imports.name_form import NamesForm
from imports.new_fields import chosen_fields
from imports.outcome import outcome_lines
from imports.questions import ASKED
from imports.report import HIDDEN, summary
from imports.scale_form import ScaleForm
from imports.source_form import SourceForm
from imports.sources import Source
from imports.summary import changes, columns_title, decisions, found_lines, undone
from imports.survey_form import SurveyForm
from imports.tasks import import_file
from imports.values_form import ValuesForm
from imports.views.upload import JobView, Status
from organizations.access import allowed
from organizations.request import OrganizationRequest
from organizations.roles import CUSTOM_FIELDS, Action
from registers.parsing.targets import REFERENCE, keeps_source_data
from registers.register import Register, registry

#: Problems that a page shows.
SHOWN_PROBLEMS = 20
#: Kinds of fields whose unknown words are asked about by forms of their own.
_ASKED_APART = ("person", "date", "datetime")


class Forms(NamedTuple):
    """All that the page asks, in one form tag."""

    reading: ReadingForm
    columns: ColumnsForm
    values: ValuesForm
    scales: ScaleForm
    survey: SurveyForm
    names: NamesForm
    source: SourceForm
    cells: CellsForm
    no_answers: NoAnswersForm
    alike: AlikeForm


class ImportPage(JobView, TemplateView):
    """Where an import stands: how its file is understood, how far it is, what became of it."""

    request: OrganizationRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if (
            self.request.htmx
            and not self.job.is_pending
            and not self.request.htmx.boosted
            and self.job.status == Status.READY
        ):
            # The progress was asked for, and the look is over: the preview is another page.
            return HttpResponse(headers={"HX-Refresh": "true"})
        return super().get(self.request, *args, **kwargs)

    def post(self, request: OrganizationRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return self._step()
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.job.get_absolute_url())

    def _step(self) -> HttpResponse:
        """Do what the button that was pressed asks for."""
        pressed = self.request.POST.keys()
        if {"confirm", "skip_invalid"} & pressed:
            return self._import()
        if "rest" in pressed:
            return self._take_up()
        if "cancel" in pressed:
            return self._cancel()
        return self._propose() if "forget" in pressed else self._check()

    def _import(self) -> HttpResponse:
        if not self.job.result.get("counts"):
            # Nothing was looked through yet: there is no outcome that somebody could agree to.
            return self._check()
        if any(self.job.result.get(asked) for asked in (KNOWN_IDS, HIDDEN, ALIKE)):
            # Whether it is another list, what becomes of hidden rows, and who is the same, must be said first.
            return self._check()
        if self._forms_changed():
            messages.info(
                self.request,
                _(
                    "The mapping was changed since the last check, so the file was checked again. Look at the outcome, then import."
                ),
            )
            return self._check()
        if self.mapping.new_fields and not allowed(self.request, Action.CHANGE, CUSTOM_FIELDS):
            raise ValidationError(
                _("This import adds fields to the register, which you may not: let somebody who may import it.")
            )
        services.ask_to_import(self.job, skip_invalid="skip_invalid" in self.request.POST, by=self.request.user)
        services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _check(self) -> HttpResponse:
        forms = self._forms(self.request.POST)
        if not all(form.is_valid() for form in forms):
            return self.render_to_response(self.get_context_data(forms=forms), status=422)
        if names := forms.names.said:
            learn_names(names, by=self.request.user, but=self.job, start=import_file.delay)
        services.ask_to_check(self.job, self._mapping_of(forms))
        services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _take_up(self) -> HttpResponse:
        """Open the import of what the sheet holds for another register; the one that is there already, if there is one."""
        register = registry.get(self.request.POST["rest"])
        if register is None or not allowed(self.request, Action.IMPORT, register.slug):
            raise ValidationError(_("You may not import into that register: let somebody who may import it."))
        other = Elsewhere([self.job]).taken_up(self.job, register)
        if other is None:
            other = services.take_up(self.job, register, by=self.request.user)
            services.begin(other, import_file.delay)
        return HttpResponseRedirect(other.get_absolute_url())

    def _propose(self) -> HttpResponse:
        services.ask_to_propose(self.job)
        services.begin(self.job, import_file.delay)
        return HttpResponseRedirect(self.job.get_absolute_url())

    def _cancel(self) -> HttpResponse:
        if self.job.status == Status.UNDOING:
            services.stop_undoing(self.job)
            messages.info(self.request, _("The import of %(file)s stands as it was.") % {"file": self.job.filename})
            return HttpResponseRedirect(self.job.get_absolute_url())
        services.cancel(self.job)
        messages.info(
            self.request, _("The import of %(file)s is given up; nothing was written.") % {"file": self.job.filename}
        )
        return HttpResponseRedirect(self.register.url("import"))

    def _forms(self, data: Any = None) -> Forms:
        found = self.job.found or {"format": _likely_format(self.job.filename)}
        result, can_keep = self.job.result, keeps_source_data(self.register)
        targets, complete = self.targets, self.complete
        return Forms(
            reading=ReadingForm(data, found=found, mapping=self.mapping, targets=targets),
            columns=ColumnsForm(
                data,
                found=found,
                complete=complete,
                targets=targets,
                kept=can_keep and self.mapping.keep_unmapped is not False,
                adding=result.get("adding", ()),
                may_add_fields=allowed(self.request, Action.CHANGE, CUSTOM_FIELDS),
            ),
            values=ValuesForm(
                data, mapping=self.mapping, complete=complete, targets=targets, result=result, can_keep=can_keep
            ),
            scales=ScaleForm(data, complete=complete, targets=targets, asked=result.get(ASKED, ())),
            survey=SurveyForm(data, survey=result.get("survey"), mapping=complete),
            names=NamesForm(data, targets=targets, result=result),
            source=SourceForm(
                data, mapping=self.mapping, doubt=result.get(KNOWN_IDS) or {}, filename=self.job.filename
            ),
            cells=CellsForm(data, found=found, mapping=self.mapping, targets=targets, result=result),
            no_answers=NoAnswersForm(data, mapping=self.mapping, complete=complete, targets=targets, result=result),
            alike=AlikeForm(data, asked=result.get(ALIKE, ()), targets=targets),
        )

    def _forms_changed(self) -> bool:
        return any(form.has_changed() for form in self._forms(self.request.POST))

    def _mapping_of(self, forms: Forms) -> ImportMapping:
        """Return what the forms say.

        Where the file is to be read differently its columns are others, so that they are proposed anew.
        """
        reading, columns, values, scales, survey, _names, source, cells, no_answers, alike = forms
        hidden = cells.hidden_rows or self.mapping.hidden_rows
        if reading.reading != self.mapping.reading:
            dates, numbers = reading.said("dates"), reading.said("numbers")
            kept = ImportMapping(taken_from=self.mapping.taken_from, drawn=self.mapping.drawn)
            return replace(kept, reading=reading.reading, hidden_rows=hidden, dates=dates, numbers=numbers)
        sources = values.constants(self.complete) | scales.sources() | columns.sources(self.complete)
        # A field that nobody chose is left alone, rather than proposed again.
        before = self.mapping.new_fields
        stays = {key: said for key, said in before.items() if sources.get(key)}
        fields = {name: sources.get(name) for name in self.targets if name in stays or name not in before}
        wanted = columns.new_fields()
        made = chosen_fields(self.register, wanted, besides=before)
        fields |= {key: Source((header,)) for key, (header, _kind) in zip(made, wanted, strict=True)}
        keep = values.cleaned_data.get("keep_unmapped")
        return replace(
            self.mapping,
            fields=fields,
            values=self._meanings(values.meanings(self.mapping), cells.words(), no_answers.kept(), alike.words()),
            periods=cells.periods(),
            empty=no_answers.said(self.mapping),
            hidden_rows=hidden,
            dates=reading.said("dates"),
            numbers=reading.said("numbers"),
            create=values.create() if values.create() is not None else self.mapping.create,
            keep_unmapped=keep,
            new_fields=stays | made,
            questions=survey.questions() if survey.fields else self.mapping.questions,
            **source.said(self.mapping),
        )

    def _meanings(self, *said: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
        """Return by field what its words mean, by all forms; what a later one says of a day goes before."""
        days = {name for name, target in self.targets.items() if target.kind in ("date", "datetime")}
        found: dict[str, dict[str, str]] = {}
        for words_of in said:
            for name, words in words_of.items():
                found[name] = dict(words) if name in days else {**found.get(name, {}), **words}
        return {name: words for name, words in found.items() if words}

    def get_template_names(self) -> list[str]:
        if self.job.status == Status.READY:
            return ["imports/preview.html"]
        return [f"imports/result.html{'#progress' if self.request.htmx and not self.request.htmx.boosted else ''}"]

    def get_context_data(self, forms: Any = None, **kwargs: Any) -> dict[str, Any]:
        problems = self.job.result.get("problems", [])
        context = super().get_context_data(**kwargs) | {
            "problems": problems[:SHOWN_PROBLEMS],
            "problems_total": self.job.result.get("problems_total", 0),
            "elsewhere": list(Elsewhere([self.job]).lines(self.job, self._may_import)),
            "left_total": sum(left["count"] for left in self.job.result.get(LEFT, {}).values()),
        }
        return context | (
            self._preview(forms or self._forms()) if self.job.status == Status.READY else {"job": self._progress()}
        )

    def _preview(self, forms: Forms) -> dict[str, Any]:
        reading, columns, values, scales, survey, names, source, cells, no_answers, alike = forms
        found, result = self.job.found, self.job.result
        # Of a survey its own form asks.
        asked = {column["header"] for column in (result.get("survey") or {}).get("columns", ())}
        lines = columns.lines()
        still_open = [
            line for line in lines if not line["known"] and line["header"] not in asked and not self._is_settled()
        ]
        settled = [line for line in lines if line not in still_open and line["header"] not in asked]
        return {
            "filename": self.job.filename,
            "errors": [*result.get("errors", []), *self._outdated()],
            "found": list(found_lines(found, self.targets)),
            "notes": [*found.get("notes", []), *decisions(result, self.targets)],
            "recognised": self._recognised(),
            "passed_over": result.get("passed_over", []),
            "reading_form": reading,
            "reading_open": bool(result.get("errors"))
            or any(style["ask"] for what in ("dates", "numbers") for style in found.get(what, {}).values()),
            "mapping": lines,
            "open_columns": still_open,
            "columns_title": columns_title(len(still_open), sum(not line["known"] for line in settled)),
            "known_columns": [line for line in lines if line not in still_open],
            # What is missing may be among those that were taken for something else.
            "columns_open": bool(columns.errors or result.get("missing")),
            "names_form": names if names.fields else None,
            "names_url": reverse("known-names", args=[self.request.organization.slug]),
            "scale_form": scales if scales.fields else None,
            "source_form": source,
            "cells_form": cells if cells.fields else None,
            "alike_form": alike if alike.fields else None,
            "hidden_open": bool(result.get(HIDDEN)),
            "no_answers_form": no_answers if no_answers.fields else None,
            "survey_form": survey if survey.fields else None,
            "values_form": values,
            "values_open": bool(result.get("missing") or self._other_words(result)),
            "missing": result.get("missing", []),
            "counts": result.get("counts"),
            "counts_note": changes(result, self.register),
            "changes": result.get("changes", []),
            "outcomes": result.get("outcomes", []),
            "outcome_titles": self.register.model.import_outcome_titles,
            "table": {
                "columns": result.get("columns", []),
                "rows": [row | {"state_label": _STATES[row["state"]]()} for row in result.get("rows", [])],
            },
            "mapping_url": self.register.url("import-mapping", str(self.job.pk)),
            "refused_url": self._refused_url(),
        }

    def _other_words(self, result: dict[str, Any]) -> bool:
        """Return whether there are unknown words besides names of people and days."""
        return any(
            name in self.targets and self.targets[name].kind not in _ASKED_APART
            for name in result.get("unknown_words", ())
        )

    def _outdated(self) -> list[str]:
        return (
            [_("Fields of the register were retired since the last check: check the file again.")]
            if self.is_outdated
            else []
        )

    def _is_settled(self) -> bool:
        """Return whether the columns are known without anybody's word.

        They are from an earlier file, or because they are an export's.
        """
        result, is_own = self.job.result, not self.job.mapping and bool(self.complete.fields.get(REFERENCE))
        return bool(is_own or self._recognised()) and not any(result.get(name) for name in ("missing", ASKED, "errors"))

    def _recognised(self) -> dict[str, Any] | None:
        """Return the earlier file of the same kind, as which this one is understood."""
        told = self.job.found.get("recognised")
        return told and {"file": told["file"], "when": datetime.fromisoformat(told["when"])}

    def _progress(self) -> dict[str, Any]:
        job, checking = self.job, self.job.status == Status.CHECKING
        running = job.is_pending
        waiting = running and not job.lease_token
        return {
            "filename": job.filename, "running": running, "checking": checking, "progress": None if waiting else job.progress, "message": self._message(waiting), "error": self._error(),
            "note": _("You can close this page and come back; nothing is written before you agree.") if checking else "",
            "outcome": list(outcome_lines(job.result, self.targets)) if job.status == Status.DONE else [],
            "counts": job.result.get("counts") if job.status == Status.DONE else None, "started_at": job.requested_at, "finished_at": job.finished_at,
            "undoing": job.status == Status.UNDOING, "undo_url": self.register.url("import-undo", str(job.pk)) if job.can_be_undone else "", "stands": job.has_failed and job.written_at is not None,
            "by": job.requested_by or "", "refused_url": self._refused_url(), "again_url": self.register.url("import"), "may_cancel": running,
        }  # fmt: skip

    def _message(self, waiting: bool) -> str:
        if waiting:
            return _("Waiting for a worker")
        if self.job.is_pending:
            return self.job.message or self.job.get_status_display()
        if self.job.status == Status.UNDONE:
            return _("Undone: %(what)s") % {"what": undone(self.job.undo["counts"])}
        return summary(self.job.result["counts"]) if self.job.status == Status.DONE else self.job.get_status_display()

    def _error(self) -> dict[str, str] | None:
        if self.job.has_failed:
            return {"what": self.job.failure.get("what", ""), "remedy": self.job.failure.get("remedy", "")}
        if self.job.status == Status.CANCELLED:
            return {"what": _("The import was given up."), "remedy": _("Nothing was written.")}
        return None

    def _may_import(self, register: Register) -> bool:
        return allowed(self.request, Action.IMPORT, register.slug)

    def _refused_url(self) -> str:
        has_file = self.job.path and not self.job.is_pending and self.job.result.get("problems_total")
        return self.register.url("import-refused", str(self.job.pk)) if has_file else ""


def _likely_format(filename: str) -> str:
    """Return what a file that could not be read was meant to be; only its name says."""
    return "xlsx" if filename.lower().endswith((".xlsx", ".xlsb", ".xls", ".ods")) else "csv"


# Called for each page, since each reader has a language of their own.
_STATES: dict[str, Callable[[], str]] = {
    "created": lambda: _("New"),
    "changed": lambda: _("Changed"),
    "unchanged": lambda: _("Unchanged"),
    "refused": lambda: _("Refused"),
    LEFT: lambda: _("Left"),
}
