"""The form that asks which columns of a file are questions of a survey, and on which scales their answers are."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django import forms
from django.utils.translation import gettext as _

from imports.forms import helper
from imports.mapping import ImportMapping
from imports.survey_questions import HIGHEST, LOWEST, SurveyQuestion

_ENDS = ("low", "high", "best")


class SurveyForm(forms.Form):
    """One line a column that may be a question, and one a scale: alike columns share theirs."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, survey: Mapping[str, Any] | None, mapping: ImportMapping
    ) -> None:
        super().__init__(data)
        self._columns = list(survey["columns"]) if survey else []
        self.is_open = bool(survey and survey["open"])
        if not survey:
            self.helper = helper()
            return
        said = mapping.questions
        scales = survey["scales"] if said is None else _said_scales(said)
        chosen = [self._said(column, said, scales) for column in self._columns]
        names = [f"survey-{place}" for place in range(len(self._columns))]
        on = [
            (str(number), _("scores on scale %(number)s") % {"number": number}) for number in range(1, len(scales) + 2)
        ]
        for name, column, initial in zip(names, self._columns, chosen, strict=True):
            choices = [("", _("– no question –")), ("words", _("answers in words")), *(on if column["numbers"] else ())]
            self.fields[name] = forms.ChoiceField(
                label=_found(column), required=False, initial=initial, choices=choices
            )
        rows = list(self._scale_rows([*scales, dict.fromkeys(_ENDS, "")]))
        recommends = survey["recommendation"] if said is None else _said_recommendation(said)
        self.fields["survey-recommendation"] = forms.ChoiceField(
            label=_(
                "Which of them asks how likely they are to recommend you? Only its answers make a net promoter score."
            ),
            required=False,
            initial=recommends,
            choices=[("", _("– none of them –")), *((c["header"], c["header"]) for c in self._columns if c["numbers"])],
        )
        self.helper = helper(
            Fieldset(_("Columns that may be questions"), *names), Fieldset(_("Scales"), *rows), "survey-recommendation"
        )

    def _said(
        self, column: Mapping[str, Any], said: Mapping[str, SurveyQuestion] | None, scales: list[dict[str, str]]
    ) -> str:
        if said is None:
            return "words" if column["words"] else str(column["scale"] or "")
        question = said.get(column["header"])
        if question is None:
            return ""
        return "words" if question.low is None else str(scales.index(_scale_of(question)) + 1)

    def _scale_rows(self, scales: list[dict[str, str]]) -> Any:
        """Yield a line of fields a scale, the last one spare."""
        best = [("", "–"), (LOWEST, _("the lowest number is best")), (HIGHEST, _("the highest number is best"))]
        for number, scale in enumerate(scales, 1):
            words = {"number": number}
            low, high, end = (f"survey-{name}-{number}" for name in _ENDS)
            self.fields[low] = forms.DecimalField(
                label=_("Scale %(number)s: lowest number") % words, required=False, initial=_decimal(scale["low"])
            )
            self.fields[high] = forms.DecimalField(
                label=_("Scale %(number)s: highest number") % words, required=False, initial=_decimal(scale["high"])
            )
            self.fields[end] = forms.ChoiceField(
                label=_("Scale %(number)s: which end is best") % words,
                required=False,
                initial={"yes": HIGHEST, "no": LOWEST}.get(scale["best"], scale["best"]),
                choices=best,
            )
            yield Row(Column(low), Column(high), Column(end))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        used = {chosen for _column, chosen in self._chosen() if chosen.isdigit()}
        for number in sorted(used):
            low, high, best = (cleaned.get(f"survey-{name}-{number}") for name in _ENDS)
            if low is None:
                self.add_error(f"survey-low-{number}", _("Say the lowest number of the scale."))
            if high is None:
                self.add_error(f"survey-high-{number}", _("Say the highest number of the scale."))
            if not best:
                self.add_error(f"survey-best-{number}", _("Say which end of the scale is best."))
            if low is not None and high is not None and low >= high:
                self.add_error(f"survey-high-{number}", _("The highest number must be above the lowest."))
        return cleaned

    def _chosen(self) -> list[tuple[Mapping[str, Any], str]]:
        return [(c, self.cleaned_data.get(f"survey-{place}") or "") for place, c in enumerate(self._columns)]

    def questions(self) -> dict[str, SurveyQuestion]:
        """Return what is said: the columns that are questions; none where no column is."""
        found = {}
        for column, chosen in self._chosen():
            if chosen == "words":
                found[column["header"]] = SurveyQuestion()
            elif chosen:
                low, high, best = (self.cleaned_data[f"survey-{name}-{chosen}"] for name in _ENDS)
                recommends = self.cleaned_data["survey-recommendation"] == column["header"]
                found[column["header"]] = SurveyQuestion(low, high, best, recommends)
        return found


def _found(column: Mapping[str, Any]) -> str:
    if not column["numbers"]:
        return str(column["header"])
    return _("%(header)s (%(low)s to %(high)s)") % column


def _scale_of(question: SurveyQuestion) -> dict[str, str]:
    return {"low": str(question.low), "high": str(question.high), "best": question.best}


def _said_scales(said: Mapping[str, SurveyQuestion]) -> list[dict[str, str]]:
    scales: list[dict[str, str]] = []
    for question in said.values():
        if question.low is not None and (scale := _scale_of(question)) not in scales:
            scales.append(scale)
    return scales


def _said_recommendation(said: Mapping[str, SurveyQuestion]) -> str:
    return next((header for header, question in said.items() if question.recommendation), "")


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None
