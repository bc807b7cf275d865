"""The form of a custom field's definition."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import HTML, Fieldset
from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registers.custom_fields.models import CustomField, definitions
from registers.custom_fields.services import with_choices
from registers.extra_columns import extra_columns
from registers.forms import LinesField, ScopedForm
from registers.register import registry
from spreadsheets.headers import normalize_header

#: Choices of a field at most, and characters of one.
MOST_CHOICES, CHOICE_LENGTH = 100, 60
_CHOICE = "choice_"


class CustomFieldForm(ScopedForm):
    """A field's name, explanation and choices.

    Its kind is settled when it is added: its values are of that kind.
    """

    further = LinesField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("For a field of the kind “Choice”: one a line, in their order."),
    )

    class Meta(ScopedForm.Meta):
        model = CustomField
        fields = ("label", "kind", "help_text", "shown")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            return
        del self.fields["kind"]
        if self.instance.kind != CustomField.Kind.CHOICE:
            del self.fields["further"]
            return
        self.fields["further"].label = _("Further choices")
        self.fields["further"].help_text = _("One a line. A choice that was retired is offered again.")
        for code, label in self.instance.offered.items():
            self.fields[f"{_CHOICE}{code}"] = forms.CharField(
                label=label, initial=label, required=False, max_length=CHOICE_LENGTH
            )

    def layout(self) -> list[Any]:
        names = [name for name in self.fields if name.startswith(_CHOICE)]
        own = [name for name in ("label", "kind", "help_text", "shown") if name in self.fields]
        if not names:
            return [*own, *(["further"] if "further" in self.fields else [])]
        said = _(
            "Empty: no longer offered. Rows that have it keep it. Another name is the same choice, renamed everywhere."
        )
        note = HTML(f'<p class="cf-note mb-3">{escape(said)}</p>')
        return [*own, Fieldset(_("Choices"), note, *names, "further")]

    def clean_label(self) -> str:
        """Refuse a heading that another column of the register has.

        Exports and imports know columns by it.
        """
        label = " ".join(self.cleaned_data["label"].split())
        folded = normalize_header(label)
        declared = [column for column in registry[self.instance.register].bound.values() if not column.custom]
        beside = [each.column for each in extra_columns]
        if folded in {
            normalize_header(name) for column in (*declared, *beside) for name in (column.name, column.label)
        }:
            raise ValidationError(_("The register has a column of this name, or one that differs by signs only."))
        for other in definitions(self.instance.register):
            if other.pk != self.instance.pk and normalize_header(other.label) == folded:
                raise ValidationError(
                    _("A retired field has this name: take it into use again, or rename it.")
                    if other.is_retired
                    else _("Another field has this name, or one that differs by signs only.")
                )
        return label

    def clean_further(self) -> list[str]:
        """Return the labels of further choices."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["further"].splitlines()]
        labels = list({line.casefold(): line for line in lines if line}.values())
        if too_long := next((label for label in labels if len(label) > CHOICE_LENGTH), ""):
            raise ValidationError(
                _("“%(label)s …” is too long: at most %(most)s characters.")
                % {"label": too_long[:CHOICE_LENGTH], "most": CHOICE_LENGTH}
            )
        return labels

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        kind = cleaned.get("kind", self.instance.kind)
        if kind == CustomField.Kind.CHOICE and "further" in cleaned:
            choices = self._choices(cleaned)
            labels = [str(choice["label"]).casefold() for choice in choices]
            if not any(not choice["retired"] for choice in choices):
                self.add_error("further", _("Write at least one choice."))
            if len(set(labels)) < len(labels):
                self.add_error("further", _("Two choices have the same name, one of them perhaps retired."))
            if len(choices) > MOST_CHOICES:
                self.add_error("further", _("These are too many choices: at most %(most)s.") % {"most": MOST_CHOICES})
            self.instance.choices = choices
        return cleaned

    def _choices(self, cleaned: dict[str, Any]) -> list[dict[str, Any]]:
        """Return all choices as they are to be: renamed, retired, offered again, added."""
        again = {label.casefold() for label in cleaned["further"]}
        choices = []
        for choice in self.instance.choices:
            name = f"{_CHOICE}{choice['code']}"
            label = " ".join(cleaned.get(name, "").split())
            retired = not label if name in self.fields else choice["label"].casefold() not in again
            choices.append(choice | {"label": label or choice["label"], "retired": retired})
        known = {choice["label"].casefold() for choice in choices if not choice["retired"]}
        return with_choices(choices, [label for label in cleaned["further"] if label.casefold() not in known])
