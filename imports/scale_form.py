"""The form that asks what numbers of a file mean: on which scale they are, and which end of it is best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from imports.forms import helper
from imports.mapping import ImportMapping
from imports.sources import Source
from registers.parsing.targets import Target
from spreadsheets.errors import BadValue
from spreadsheets.values import parse_boolean


class ScaleForm(forms.Form):
    """What numbers of the file mean where no column says it: one answer each, with what is found there and a proposal."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        complete: ImportMapping,
        targets: Mapping[str, Target],
        asked: Sequence[Mapping[str, Any]],
    ) -> None:
        super().__init__(data)
        questions = {question["name"]: question for question in asked if question["name"] in targets}
        given = {name: s.value for name, s in complete.fields.items() if s and s.value and targets[name].asked_with}
        about: Sequence[str] = ()
        for name in [name for name in targets if name in questions or name in given]:
            question = questions.get(name, {})
            self.fields[name] = _field(targets[name], question, given.get(name))
            if _asks_in_words(targets[name]) and question and question["columns"] != about:
                # Said once for all that is asked of the same columns.
                self.fields[name].label = f"{_found(question)} {self.fields[name].label}"
            about = question.get("columns", about)
        self.helper = helper()

    @property
    def is_open(self) -> bool:
        """Whether an answer is waited for."""
        return any(field.required for field in self.fields.values())

    def sources(self) -> dict[str, Source]:
        """Return the answers, each a value that every row gets."""
        return {
            name: Source(value=str(answer)) for name, answer in self.cleaned_data.items() if answer not in (None, "")
        }


def _field(target: Target, question: Mapping[str, Any], given: str | None) -> forms.Field:
    """Return the field that asks for an answer; it must be given where the question is open."""
    proposed = question.get("proposed", "")
    options: dict[str, Any] = {
        "label": str(target.question.words) if target.question and _asks_in_words(target) else _scale(question, target),
        "required": bool(question),
        "initial": _code(target, given) if given is not None else proposed,
        "help_text": _(
            "Proposed from titles, headers, the numbers and what you said before. Nothing is written by it yet."
        )
        if proposed
        else "",
    }
    answers = question.get("choices") or dict(target.question.answers if target.question else {}) or target.choices
    if not answers:
        return forms.DecimalField(**options | {"initial": _decimal(options["initial"])})
    return forms.ChoiceField(choices=[("", "–"), *answers.items()], **options)


def _decimal(text: str) -> Decimal | None:
    # As a number: the form is unchanged where the same one comes back.
    try:
        return Decimal(text) if text else None
    except ArithmeticError:
        return None


def _code(target: Target, given: str) -> str:
    """Return a given answer as the form offers it."""
    if target.kind != "boolean":
        return given
    try:
        return {True: "yes", False: "no", None: ""}[parse_boolean(given)]
    except BadValue:
        return ""


def _asks_in_words(target: Target) -> bool:
    return bool(target.question and target.question.words)


def _columns(question: Mapping[str, Any]) -> str:
    return ", ".join(f"“{label}”" for label in question["columns"])


def _found(question: Mapping[str, Any]) -> str:
    """Return which columns questions are about, and what stands there."""
    if not question["low"]:
        return _("%(columns)s: no numbers stand there, only words.") % {"columns": _columns(question)}
    return _("%(columns)s: the numbers go from %(low)s to %(high)s.") % {
        "columns": _columns(question),
        "low": question["low"],
        "high": question["high"],
    }


def _scale(question: Mapping[str, Any], target: Target) -> str:
    """Return the question for the scale of ratings in words: of which columns, and what stands there."""
    if not question:
        return target.label
    if not question["low"]:
        return _("On which scale are %(columns)s?") % {"columns": _columns(question)}
    return _("%(columns)s: the numbers go from %(low)s to %(high)s. On which scale are they?") % {
        "columns": _columns(question),
        "low": question["low"],
        "high": question["high"],
    }
