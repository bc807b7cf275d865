"""The forms that ask about rows and cells: hidden rows, days said in words, words and codes that mean no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from crispy_forms.layout import Column, Row
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from imports.forms import helper
from imports.mapping import COMMENT, EMPTY, FIRST, HIDDEN_ROWS, IN_YEAR, LAST, NOTHING, ImportMapping
from organizations.scope import current_organization
from registers.parsing.targets import Target
from spreadsheets.dates import parse_date
from spreadsheets.errors import BadValue
from spreadsheets.periods import HALF, KINDS, MONTH, QUARTER, WEEK, YEAR

#: What is chosen where a day is given.
_DAY = "day"


class CellsForm(forms.Form):
    """What becomes of rows that a sheet hides, and of cells that say a day in words or name a week, a month or a quarter."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        found: Mapping[str, Any],
        mapping: ImportMapping,
        targets: Mapping[str, Target],
        result: Mapping[str, Any],
    ) -> None:
        super().__init__(data)
        self._mapping = mapping
        self._days = {name: target for name, target in targets.items() if target.kind in ("date", "datetime")}
        self._words: dict[str, tuple[str, str]] = {}
        self._open = bool(found.get("hidden_rows") and not mapping.hidden_rows)
        rows = [*self._hidden(found), *self._periods(result), *self._day_words(result)]
        self.helper = helper(*rows)

    @property
    def is_open(self) -> bool:
        """Whether an answer is waited for."""
        return self._open

    def _hidden(self, found: Mapping[str, Any]) -> Iterator[str]:
        if not (count := found.get("hidden_rows")):
            return
        words = ngettext(
            "%(count)s row is hidden in the sheet, by a filter or by hand. What becomes of it?",
            "%(count)s rows are hidden in the sheet, by a filter or by hand. What becomes of them?",
            count,
        )
        read, leave = HIDDEN_ROWS
        self.fields["hidden_rows"] = forms.ChoiceField(
            label=words % {"count": f"{count:,}"},
            required=False,
            initial=self._mapping.hidden_rows,
            choices=[("", "–"), (read, _("read like the others")), (leave, _("left out"))],
        )
        yield "hidden_rows"

    def _periods(self, result: Mapping[str, Any]) -> Iterator[str]:
        unknown = result.get("unknown_periods", {})
        for name in self._days:
            seen, said = unknown.get(name, {}), self._mapping.periods.get(name, {})
            for kind in (kind for kind in KINDS if kind in seen or kind in said):
                example = seen[kind][0] if kind in seen else ""
                self._open = self._open or (kind in seen and kind not in said)
                field = f"period-{name}-{kind}"
                self.fields[field] = forms.ChoiceField(
                    label=_period_label(kind, self._days[name].label, example),
                    required=False,
                    initial=said.get(kind, ""),
                    choices=[("", "–"), (FIRST, _("its first day")), (LAST, _("its last day")), *self._others(name)],
                )
                yield field
            if IN_YEAR in said or any(needs_year for _example, needs_year in seen.values()):
                self.fields[f"year-{name}"] = forms.IntegerField(
                    label=_("Year of those in “%(field)s” that write none") % {"field": self._days[name].label},
                    required=False,
                    min_value=1900,
                    max_value=2099,
                    initial=said.get(IN_YEAR, current_organization().today().year),
                )
                yield f"year-{name}"

    def _day_words(self, result: Mapping[str, Any]) -> Iterator[Any]:
        for name, target in self._days.items():
            said = self._mapping.values.get(name, {})
            for word in dict.fromkeys([*said, *result.get("unknown_words", {}).get(name, ())]):
                self._open = self._open or word not in said
                # Kept beside the row nothing of it is lost: proposed where a day isn't needed.
                means = said.get(word, "" if target.required else COMMENT)
                field = f"said-{len(self._words)}"
                self._words[field] = name, word
                self.fields[field] = forms.ChoiceField(
                    label=_("In %(field)s, “%(word)s” means") % {"word": word, "field": target.label},
                    required=False,
                    initial=means if means in (EMPTY, COMMENT) else EMPTY if means == NOTHING else means and _DAY,
                    choices=[("", "–"), *self._others(name), (_DAY, _("the day beside this"))],
                )
                self.fields[f"{field}-day"] = forms.DateField(
                    label=_("Day"),
                    required=False,
                    initial=_day(means),
                    widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
                )
                yield Row(Column(field), Column(f"{field}-day"))

    def _others(self, name: str) -> list[tuple[str, str]]:
        """Return what else may become of a cell; nothing where every row needs a day."""
        if self._days[name].required:
            return []
        return [(EMPTY, _("nothing: leave the field empty")), (COMMENT, _("nothing, and a comment keeps the words"))]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for field in self._words:
            if cleaned.get(field) == _DAY and not cleaned.get(f"{field}-day"):
                self.add_error(f"{field}-day", _("Say which day is meant."))
        return cleaned

    @property
    def hidden_rows(self) -> str:
        """What becomes of hidden rows; empty where nobody has said it."""
        return self.cleaned_data.get("hidden_rows", "") or ""

    def periods(self) -> dict[str, dict[str, Any]]:
        """Return by field and kind of period which day is meant."""
        said: dict[str, dict[str, Any]] = {}
        for field, value in self.cleaned_data.items():
            part, _dash, rest = field.partition("-")
            if part == "period" and value:
                name, _dash, kind = rest.rpartition("-")
                said.setdefault(name, {})[kind] = value
        for name, meanings in said.items():
            if year := self.cleaned_data.get(f"year-{name}"):
                meanings[IN_YEAR] = year
        return said

    def words(self) -> dict[str, dict[str, str]]:
        """Return by field of days what its words mean."""
        said: dict[str, dict[str, str]] = {name: {} for name, _word in self._words.values()}
        for field, (name, word) in self._words.items():
            if means := self.cleaned_data.get(field):
                day: date | None = self.cleaned_data.get(f"{field}-day")
                said[name][word] = day.isoformat() if means == _DAY and day else means
        return said


class NoAnswersForm(forms.Form):
    """Which words and codes mean no answer, by column: 6; 99; weiß nicht."""

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        mapping: ImportMapping,
        complete: ImportMapping,
        targets: Mapping[str, Target],
        result: Mapping[str, Any],
    ) -> None:
        super().__init__(data)
        self._found = {name: list(words) for name, words in result.get("no_answers", {}).items() if name in targets}
        numbers = (
            name
            for name, source in complete.fields.items()
            if source and source.headers and targets[name].kind in ("integer", "decimal")
        )
        known = [*result.get("number_fields", ()), *numbers, *mapping.empty, *self._found]
        for name in dict.fromkeys(name for name in known if name in targets):
            words = dict.fromkeys([*mapping.empty.get(name, ()), *self._found.get(name, ())])
            self.fields[f"empty-{name}"] = forms.CharField(
                label=_("No answer in “%(field)s”") % {"field": targets[name].label},
                required=False,
                max_length=500,
                initial="; ".join(words),
                help_text=_("Words and codes, with semicolons between them, as 6; 99; cannot say."),
            )
        self.helper = helper()

    def said(self, before: ImportMapping) -> dict[str, tuple[str, ...]]:
        """Return by field the words and codes that mean no answer besides those that always do."""
        found = dict(before.empty)
        for field in self.changed_data:
            found[field.removeprefix("empty-")] = self._listed(field)
        return {name: words for name, words in found.items() if words}

    def kept(self) -> dict[str, dict[str, str]]:
        """Return by field the words that were taken for no answer, and mean what they say."""
        kept: dict[str, dict[str, str]] = {}
        for field in self.changed_data:
            name = field.removeprefix("empty-")
            left = set(self._found.get(name, ())) - set(self._listed(field))
            kept |= {name: {word: word for word in left}} if left else {}
        return kept

    def _listed(self, field: str) -> tuple[str, ...]:
        parts = re.split(r"[;\n]", self.cleaned_data.get(field) or "")
        return tuple(dict.fromkeys(word for part in parts if (word := part.strip())))


def _day(means: str) -> date | None:
    try:
        return parse_date(means)
    except BadValue:
        return None


def _period_label(kind: str, field: str, example: str) -> str:
    words = {
        WEEK: _("Weeks in “%(field)s”%(example)s: which day is meant?"),
        MONTH: _("Months in “%(field)s”%(example)s: which day is meant?"),
        QUARTER: _("Quarters in “%(field)s”%(example)s: which day is meant?"),
        HALF: _("Halves of a year in “%(field)s”%(example)s: which day is meant?"),
        YEAR: _("Years in “%(field)s”%(example)s: which day is meant?"),
    }
    return words[kind] % {"field": field, "example": _(", as “%(word)s”") % {"word": example} if example else ""}
