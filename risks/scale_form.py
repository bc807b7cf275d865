"""The form of a version of the scale."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registers.forms import ScopedForm
from risks.models.scale import TONES, Scale

#: Lines that the form offers for levels.
LINES = 6


class LinesField(forms.CharField):
    """A list of short texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 6})

    def prepare_value(self, value: object) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: object) -> Any:
        return [line.strip() for line in str(value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Mapping[str, Any] | None) -> bool:
        return bool(self.to_python(data) != (initial or []))


class BandsWidget(forms.MultiWidget):
    """A line of three boxes a level: the lowest score, the name, the colour."""

    template_name = "risks/widgets/bands.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets: list[forms.Widget] = []
        for _line in range(LINES):
            widgets += [
                forms.NumberInput(attrs={"min": 1, "aria-label": gettext_lazy("From score"), "class": "form-control"}),
                forms.TextInput(attrs={"maxlength": 60, "aria-label": gettext_lazy("Name"), "class": "form-control"}),
                forms.Select(
                    choices=TONES.items(), attrs={"aria-label": gettext_lazy("Colour"), "class": "form-select"}
                ),
            ]
        super().__init__(widgets, attrs)

    def decompress(self, value: Any) -> list[Any]:
        boxes = [box for band in value or [] for box in (band["from"], band["name"], band["tone"])]
        return boxes + ["", "", "neutral"] * (LINES - len(boxes) // 3)

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        # The template draws a line a level; Django gives all boxes in a row.
        boxes = context["widget"]["subwidgets"]
        context["widget"]["lines"] = [boxes[start : start + 3] for start in range(0, len(boxes), 3)]
        return context


class BandsField(forms.MultiValueField):
    """The levels of a scale; lines without score and name are left out."""

    def __init__(self, **options: Any) -> None:
        fields = [
            forms.IntegerField(min_value=1, required=False),
            forms.CharField(max_length=60, required=False),
            forms.ChoiceField(choices=TONES.items(), required=False),
        ]
        super().__init__(fields * LINES, require_all_fields=False, widget=BandsWidget(), **options)

    def prepare_value(self, value: Any) -> Any:
        # Django takes a list for the boxes themselves, and ours is a list of levels.
        return self.widget.decompress(value) if value and isinstance(value[0], dict) else value

    def compress(self, data_list: list[Any]) -> list[dict[str, Any]]:
        lines = [data_list[start : start + 3] for start in range(0, len(data_list), 3)]
        if any((start is None) != (name == "") for start, name, _tone in lines):
            raise ValidationError(_("Each level needs a name, a colour and the lowest score that belongs to it."))
        return [{"name": name.strip(), "tone": tone or "neutral", "from": start} for start, name, tone in lines if name]


class ScaleForm(ScopedForm):
    """A version of the scale, beginning from the one in force."""

    likelihood_levels = LinesField(
        label=gettext_lazy("Levels of likelihood"),
        help_text=gettext_lazy("One a line, the lowest first. Opportunities use them as probability."),
    )
    consequence_levels = LinesField(
        label=gettext_lazy("Levels of consequence"), help_text=gettext_lazy("One a line, the lowest first.")
    )
    benefit_levels = LinesField(
        label=gettext_lazy("Levels of benefit"),
        help_text=gettext_lazy("Of opportunities; one a line, the lowest first."),
    )
    bands = BandsField(
        label=gettext_lazy("Levels of risk"),
        help_text=gettext_lazy("The score is likelihood times consequence. Leave lines empty that you don't need."),
    )
    opportunity_bands = BandsField(
        label=gettext_lazy("Levels of opportunity"), help_text=gettext_lazy("The score is probability times benefit.")
    )

    class Meta(ScopedForm.Meta):
        model = Scale
        fields = (
            "effective_from",
            "likelihood_levels",
            "consequence_levels",
            "benefit_levels",
            "bands",
            "appetite",
            "opportunity_bands",
            "reason",
        )

    def clean_effective_from(self) -> date:
        """Refuse a day on or before the last version's: what was judged by that one stays so."""
        day: date = self.cleaned_data["effective_from"]
        last = Scale.objects.order_by("-effective_from").first()
        if last is not None and day <= last.effective_from:
            raise ValidationError(
                _("The last version is in force from %(day)s. Choose a later day.")
                % {"day": f"{last.effective_from:%Y-%m-%d}"}
            )
        return day

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("From when"), Row(Column("effective_from", css_class="col-md-4"), Column("reason"))),
            Fieldset(
                _("Axes"), Row(Column("likelihood_levels"), Column("consequence_levels"), Column("benefit_levels"))
            ),
            Fieldset(_("Risks"), "bands", Row(Column("appetite", css_class="col-md-4"))),
            Fieldset(_("Opportunities"), "opportunity_bands"),
        ]
