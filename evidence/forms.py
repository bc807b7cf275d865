"""Forms of evidence."""

from __future__ import annotations

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from clauses.assertion import SUB_CLAUSES
from evidence.models import EvidencePack
from organizations.models import Site

_DAY = {"type": "date"}


class PackForm(forms.ModelForm):
    """What a pack is asked for: a period, sub-clauses, sites, a language."""

    sub_clauses = forms.MultipleChoiceField(
        label=_("Sub-clauses"),
        choices=[(letter, f"{letter}: {title}") for letter, title in SUB_CLAUSES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    sites = forms.ModelMultipleChoiceField(
        label=_("Sites"),
        queryset=Site.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: all of them."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)

    class Meta:
        model = EvidencePack
        fields = ("period_from", "period_to", "sub_clauses", "sites", "language")
        widgets = {name: forms.DateInput(attrs=_DAY, format="%Y-%m-%d") for name in ("period_from", "period_to")}

    def clean_sub_clauses(self) -> str:
        return "".join(sorted(self.cleaned_data["sub_clauses"]))

    def clean_sites(self) -> list[int]:
        return sorted(site.pk for site in self.cleaned_data["sites"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("period_from"), data.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", _("The period ends before it begins."))
        return data

    @property
    def helper(self) -> FormHelper:
        """Crispy's layout; the template brings the form tag and buttons."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.layout = Layout(Row(Column("period_from"), Column("period_to")), "sub_clauses", "sites", "language")
        return helper
