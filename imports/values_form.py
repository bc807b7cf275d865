"""The form of what no column of a file says: values for all rows, what words mean, what becomes of missing rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils.translation import gettext as _

from imports.forms import helper
from imports.link_words import may_keep_words
from imports.mapping import COMMENT, ImportMapping
from imports.sources import Source
from registers.parsing.targets import Target

#: Lines for constants beyond those in use.
_FREE_LINES = 3


def _meaning(target: Target, label: str, initial: str) -> forms.Field:
    """Return the field that asks what a word means."""
    nothing = [] if target.required else [("-", _("nothing: leave the field empty"))]
    if may_keep_words(target):
        return _row_named(target, label, initial)
    choices = {"choice": [*target.choices.items()], "boolean": [("yes", _("Yes")), ("no", _("No"))]}.get(target.kind)
    if choices is None:
        return forms.CharField(label=label, required=False, initial=initial, max_length=200, help_text=target.expects)
    return forms.ChoiceField(label=label, required=False, initial=initial, choices=[("", "–"), *choices, *nothing])


def _row_named(target: Target, label: str, initial: str) -> forms.Field:
    """Return the field that asks which row words name; they can stay as a comment."""
    help_text = _("%(expects)s; “%(comment)s” keeps the words as a comment, “-” leaves the field empty.") % {
        "expects": target.expects or _("The reference or the name of a row"),
        "comment": COMMENT,
    }
    return forms.CharField(label=label, required=False, initial=initial, max_length=200, help_text=help_text)


class ValuesForm(forms.Form):
    """What no column says, asked of a person.

    That is: values for all rows, what unknown words mean, what becomes of missing records and other columns.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        mapping: ImportMapping,
        complete: ImportMapping,
        targets: Mapping[str, Target],
        result: Mapping[str, Any],
        can_keep: bool,
    ) -> None:
        super().__init__(data)
        self._targets = targets
        rows = [*self._words(mapping, result), *self._creating(mapping, complete), *self._constants(complete)]
        if can_keep:
            self.fields["keep_unmapped"] = forms.BooleanField(
                label=_("Keep columns that fill no field, as text in the row"),
                required=False,
                initial=mapping.keep_unmapped is not False,
            )
            rows.append("keep_unmapped")
        self.helper = helper(*rows)

    def _constants(self, complete: ImportMapping) -> Iterator[Any]:
        """Yield lines of a field and the value it gets in every row."""
        given = [
            (name, source.value)
            for name, source in complete.fields.items()
            # Scales are asked by a form of their own.
            if source and source.value is not None and not self._targets[name].asked_with
        ]
        choices = [
            ("", "–"),
            *(
                (name, target.label)
                for name, target in self._targets.items()
                if target.kind not in ("records", "reference", "id") and not target.asked_with
            ),
        ]
        for line, (name, value) in enumerate([*given, *[("", "")] * _FREE_LINES]):
            self.fields[f"constant-{line}"] = forms.ChoiceField(
                label=_("The same in every row"), required=False, initial=name, choices=choices
            )
            self.fields[f"value-{line}"] = forms.CharField(
                label=_("Value"), required=False, initial=value, max_length=1000
            )
            yield Row(Column(f"constant-{line}"), Column(f"value-{line}"))

    def _words(self, mapping: ImportMapping, result: Mapping[str, Any]) -> Iterator[Any]:
        """Yield what asks for the meaning of words that aren't known.

        It is one of the choices, or what a cell may hold that is understood.
        """
        self._asked: dict[str, tuple[str, str]] = {}
        # What is kept as a comment names no row; somebody may know which it means all the same.
        kept = {name: list(words) for name, words in result.get("naming_nothing", {}).items()}
        unknown = kept | {n: [*words, *kept.get(n, ())] for n, words in result.get("unknown_words", {}).items()}
        told = result.get("explained_words", {})
        for name in dict.fromkeys([*mapping.values, *unknown]):
            if self._targets[name].kind in ("person", "date", "datetime"):
                continue  # asked by forms of their own: who is meant for the whole organization
            known = mapping.values.get(name, {})
            for word in dict.fromkeys([*known, *unknown.get(name, ())]):
                field = f"word-{len(self._asked)}"
                self._asked[field] = (name, word)
                label = _("In %(field)s, “%(word)s” means") % {"word": word, "field": self._targets[name].label}
                proposed = COMMENT if word in kept.get(name, ()) else told.get(name, {}).get(word, "")
                self.fields[field] = _meaning(self._targets[name], label, known.get(word, proposed))
                if word in told.get(name, {}) and word not in known:
                    self.fields[field].help_text = _(
                        "Proposed from what the file says beside its table. Nothing is written by it yet."
                    )
                yield field

    def _creating(self, mapping: ImportMapping, complete: ImportMapping) -> Iterator[Any]:
        for name, target in self._targets.items():
            if target.creates is not None and complete.fields.get(name):
                initial = target.creates_unasked if mapping.create is None else name in mapping.create
                label = _("Record the ones of “%(field)s” that are missing") % {"field": target.label}
                self.fields[f"create-{name}"] = forms.BooleanField(label=label, required=False, initial=initial)
                yield f"create-{name}"

    def constants(self, before: ImportMapping) -> dict[str, Source]:
        """Return the fields with the value that every row gets."""
        found = {}
        for field, name in self.cleaned_data.items():
            value = self.cleaned_data.get(f"value-{field.partition('-')[2]}", "")
            if field.startswith("constant-") and name and value:
                old = before.fields.get(name)
                found[name] = Source(value=value, only_new=bool(old and old.only_new))
        return found

    def meanings(self, before: ImportMapping) -> dict[str, dict[str, str]]:
        """Return by field and word what a word means, with what was said about others before."""
        found = {name: dict(words) for name, words in before.values.items()}
        for field, (name, word) in self._asked.items():
            if meaning := self.cleaned_data.get(field):
                found.setdefault(name, {})[word] = meaning
            else:
                found.get(name, {}).pop(word, None)
        return {name: words for name, words in found.items() if words}

    def create(self) -> frozenset[str] | None:
        """Return the fields whose missing records are created; None where none could be."""
        asked = [name for name in self.fields if name.startswith("create-")]
        return frozenset(name.removeprefix("create-") for name in asked if self.cleaned_data[name]) if asked else None
