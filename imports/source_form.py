"""The form that asks whose ids a file brings: those of rows that the register has, or of another list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from imports.forms import helper
from imports.mapping import ImportMapping


class SourceForm(forms.Form):
    """What the ids of a list begin with, so that rows numbered alike in two lists stay two rows."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, mapping: ImportMapping, doubt: Mapping[str, int], filename: str
    ) -> None:
        super().__init__(data)
        self.is_open = bool(doubt)
        if doubt:
            self.fields["same_ids"] = forms.ChoiceField(
                label=_(
                    "%(known)s of %(rows)s rows have an id that the register knows; in %(other)s of these nearly all else differs. "
                    "Are they the same rows?"
                )
                % {name: f"{doubt.get(name, doubt['known']):,}" for name in ("rows", "known", "other")},
                choices=[
                    ("", "–"),
                    ("other", _("No, this is another list: its rows are new, and their ids begin with its name")),
                    ("same", _("Yes: what the register has is overwritten")),
                ],
            )
        self.fields["id_source"] = forms.CharField(
            label=_("Name of the list, with which its ids begin"),
            required=False,
            max_length=60,
            initial=mapping.source or (PurePath(filename).stem[:60] if doubt else ""),
            help_text=_("Where two lists number their rows alike. Empty: ids are taken as they stand in the file."),
        )
        self.helper = helper()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        if cleaned.get("same_ids") == "other" and not cleaned.get("id_source", "").strip():
            self.add_error("id_source", _("Give the list a name."))
        return cleaned

    def said(self, before: ImportMapping) -> dict[str, Any]:
        """Return what is said of ids, as a mapping has it."""
        source, answer = " ".join(self.cleaned_data["id_source"].split()), self.cleaned_data.get("same_ids")
        if answer == "same":
            return {"source": before.source, "same_ids": True}
        return {"source": source, "same_ids": before.same_ids and not answer}
