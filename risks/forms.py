"""Forms of issues, risks, opportunities, their assessments, and supplier reviews."""

from __future__ import annotations

from datetime import date
from typing import Any

from crispy_forms.layout import HTML, Column, Fieldset, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.scope import current_organization
from registers.forms import RecordForm, ScopedForm
from requirements_registry.models import InterestedParty
from risks.models import (
    Acceptance,
    ContextIssue,
    NoSignificantRisk,
    Opportunity,
    OpportunityAssessment,
    Risk,
    RiskAssessment,
    SupplierReview,
)
from risks.models.scale import scale_on
from trail.actor import actor


class IssueForm(RecordForm):
    """An issue of the organization's context."""

    class Meta(RecordForm.Meta):
        model = ContextIssue
        fields = (
            "title",
            "side",
            "category",
            "direction",
            "description",
            "relevance",
            "relevance_rationale",
            "owner",
            "reviewed_on",
            "review_days",
            "site",
            "external_id",
        )

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("What"), "title", Row(Column("side"), Column("category"), Column("direction")), "description"),
            Fieldset(_("Decision"), Row(Column("relevance", css_class="col-md-4"), Column("relevance_rationale"))),
            Fieldset(_("Review"), Row(Column("owner"), Column("reviewed_on"), Column("review_days"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


#: What the forms of risks and opportunities share, in order.
_TEXT = ("event", "cause", "consequence", "affects", "origin", "determined_on")
_LINKS = ("requirements", "issues", "parties")
_CLOSING = ("review_days", "status", "closing_note", "site", "external_id")


class RiskForm(RecordForm):
    """The form of a risk. Its level comes from assessments and is not typed in here."""

    class Meta(RecordForm.Meta):
        model = Risk
        fields = (
            *_TEXT,
            *_LINKS,
            "owner",
            "response",
            "response_note",
            *_CLOSING,
            "item",
            "current_control",
            "ratings",
            "severity",
            "occurrence",
            "detection",
            "recommended_action",
        )

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("What may happen"), "event", "cause", "consequence"),
            Fieldset(_("What it can affect"), "affects", *_LINKS),
            Fieldset(_("Who, and what is done"), Row(Column("owner"), Column("response")), "response_note"),
            Fieldset(
                _("Failure mode and effects analysis"),
                "item",
                "current_control",
                Row(Column("ratings"), Column("severity"), Column("occurrence"), Column("detection")),
                "recommended_action",
            ),
            *_filing(),
            *self.closing(),
        ]


class OpportunityForm(RecordForm):
    """The form of an opportunity. Its level comes from assessments, as a risk's does."""

    class Meta(RecordForm.Meta):
        model = Opportunity
        fields = (
            *_TEXT,
            *_LINKS,
            "owner",
            "response",
            "response_note",
            "expected_result",
            "realised_result",
            *_CLOSING,
        )

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("What may happen"), "event", "cause", "consequence"),
            Fieldset(_("What it can affect"), "affects", *_LINKS),
            Fieldset(_("Who, and what was decided"), Row(Column("owner"), Column("response")), "response_note"),
            Fieldset(_("Result"), "expected_result", "realised_result"),
            *_filing(),
            *self.closing(),
        ]


def _filing() -> list[Any]:
    return [
        Fieldset(_("State"), Row(Column("determined_on"), Column("review_days"), Column("status")), "closing_note"),
        Fieldset(_("Filing"), Row(Column("origin"), Column("site"), Column("external_id"))),
    ]


class AssessmentForm(ScopedForm):
    """An assessment, on the levels of the scale in force on the day it is made."""

    likelihood = forms.TypedChoiceField(label=gettext_lazy("Likelihood"), coerce=int)
    consequence = forms.TypedChoiceField(label=gettext_lazy("Consequence"), coerce=int)

    class Meta(ScopedForm.Meta):
        fields: tuple[str, ...] = ("stage", "assessed_on", "likelihood", "consequence", "rationale", "assessor")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        grid = self.instance.record.grid_of(scale_on(self._day()))
        for name, levels in (("likelihood", grid.likelihood), ("consequence", grid.consequence)):
            field: Any = self.fields[name]
            field.choices = [("", "—"), *((at, f"{at} {level}") for at, level in enumerate(levels, start=1))]
        self.fields["assessor"].required = True
        if person := actor():
            self.initial.setdefault("assessor", person.pk)
            self.initial["assessor"] = self.initial["assessor"] or person.pk

    def _day(self) -> date:
        """Return the day that decides on the scale: the one sent in, else today."""
        try:
            sent = parse_date(self.data.get(self.add_prefix("assessed_on"), "") or "")
        # Reads like a day and is none, as 2026-02-30; the field itself says so.
        except ValueError:
            sent = None
        return sent or current_organization().today()

    def layout(self) -> list[Any]:
        return [
            Row(Column("stage"), Column("assessed_on"), Column("assessor")),
            Row(Column("likelihood"), Column("consequence")),
            "rationale",
        ]


class RiskAssessmentForm(AssessmentForm):
    """An assessment of a risk."""

    class Meta(AssessmentForm.Meta):
        model = RiskAssessment


class OpportunityAssessmentForm(AssessmentForm):
    """An assessment of an opportunity."""

    likelihood = forms.TypedChoiceField(label=gettext_lazy("Probability"), coerce=int)
    consequence = forms.TypedChoiceField(label=gettext_lazy("Benefit"), coerce=int)

    class Meta(AssessmentForm.Meta):
        model = OpportunityAssessment


class AcceptanceForm(ScopedForm):
    """Top management retains a risk."""

    class Meta(ScopedForm.Meta):
        model = Acceptance
        fields = ("rationale", "expires_on")

    def layout(self) -> list[Any]:
        return [
            HTML("{% include 'risks/partials/what_is_accepted.html' %}"),
            "rationale",
            Row(Column("expires_on", css_class="col-md-4")),
        ]


class NoSignificantRiskForm(ScopedForm):
    """A decision that a requirement has no significant risk."""

    class Meta(ScopedForm.Meta):
        model = NoSignificantRisk
        fields = ("decided_on", "decided_by", "rationale")

    def layout(self) -> list[Any]:
        return [Row(Column("decided_on"), Column("decided_by")), "rationale"]


class SupplierReviewForm(RecordForm):
    """A review of an external provider."""

    class Meta(RecordForm.Meta):
        model = SupplierReview
        fields = (
            "supplier",
            "reviewed_on",
            "reviewer",
            "is_key",
            "delivery",
            "quality",
            "responsiveness",
            "dependency",
            "conclusion",
            "findings",
            "next_review_on",
            "site",
            "external_id",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and (person := actor()):
            self.initial.setdefault("reviewer", person.pk)

    def clean_supplier(self) -> InterestedParty:
        """Refuse a party that supplies nothing."""
        supplier: InterestedParty = self.cleaned_data["supplier"]
        if supplier.kind != InterestedParty.Kind.EXTERNAL_PROVIDER:
            raise ValidationError(
                _("%(party)s isn't an external provider. Change its kind first, or choose another.")
                % {"party": supplier}
            )
        return supplier

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("Who"), "supplier", Row(Column("reviewed_on"), Column("reviewer"), Column("next_review_on")), "is_key"
            ),
            Fieldset(
                _("How it does"),
                Row(Column("delivery"), Column("quality"), Column("responsiveness"), Column("dependency")),
            ),
            Fieldset(_("Outcome"), "conclusion", "findings"),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]
