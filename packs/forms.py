"""The form with which packs are asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from audits.models import Sample
from clauses.assertion import SUB_CLAUSES
from organizations.models import Site
from packs.documents import is_within
from packs.models import EvidencePack
from trail.time_travel.travel import BeforeTheBeginning, NoSuchMoment, organization_at

_DAY = {"type": "date"}
_MINUTE = "%Y-%m-%dT%H:%M"


def check_moment(moment: datetime) -> None:
    """Refuse a moment from which nothing can be seen.

    Raises:
        ValidationError: it has not come yet, or the organization did not exist then.
    """
    try:
        organization_at(moment)
    except BeforeTheBeginning as error:
        raise ValidationError(_("The organization was not there yet at that moment. Choose a later one.")) from error
    except NoSuchMoment as error:
        raise ValidationError(
            _("This moment has not come yet. Choose a past one, or leave it empty for now.")
        ) from error


class SamplesField(forms.ModelMultipleChoiceField):
    """A choice of samples, each with its purpose."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.reference} {obj.purpose}"


class PackForm(forms.ModelForm):
    """A form for the period, sub-clauses, sites, samples, language and moment of a pack."""

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
        help_text=_(
            "None chosen: all of them. What is signed and decided is about all sites, and goes into a pack of all."
        ),
    )
    samples = SamplesField(
        label=_("Samples"),
        queryset=Sample.objects.defer("entries"),
        to_field_name="reference",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("What auditors drew goes in as it was frozen, with the notes of its rows."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    moment = forms.DateTimeField(
        label=_("As of"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTE),
        help_text=_("Records as they stood at this moment, in the organization's time. Left empty: now."),
    )

    class Meta:
        model = EvidencePack
        fields = ("period_from", "period_to", "sub_clauses", "sites", "samples", "language")
        widgets = {name: forms.DateInput(attrs=_DAY, format="%Y-%m-%d") for name in ("period_from", "period_to")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.samples_chosen: list[Sample] = []
        if not Sample.objects.exists():  # nothing to choose from
            del self.fields["samples"]

    def clean_moment(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["moment"]
        if moment:
            check_moment(moment)
        return moment

    def clean_sub_clauses(self) -> str:
        return "".join(sorted(self.cleaned_data["sub_clauses"]))

    def clean_sites(self) -> list[int]:
        return sorted(site.pk for site in self.cleaned_data["sites"])

    def clean_samples(self) -> list[str]:
        self.samples_chosen = list(self.cleaned_data["samples"])
        return sorted(sample.reference for sample in self.samples_chosen)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = data.get("period_from"), data.get("period_to")
        if first and last and last < first:
            self.add_error("period_to", _("The period ends before it begins."))
        if outside := [each for each in self.samples_chosen if not is_within(each, data.get("sites") or [])]:
            told = {"samples": ", ".join(each.reference for each in outside)}
            self.add_error(
                "samples",
                _("%(samples)s: drawn from rows of other sites too. Leave it out, or ask for a pack of all sites.")
                % told,
            )
        return data

    @property
    def helper(self) -> FormHelper:
        """Crispy's layout; the template brings the form tag and buttons."""
        helper = FormHelper(self)
        helper.form_tag = False
        period = Row(Column("period_from"), Column("period_to"))
        first = ("period_from", "period_to", "moment")
        helper.layout = Layout(period, "moment", *(name for name in self.fields if name not in first))
        return helper
