"""Forms of interested parties, requirements, checks and looks at sources."""

from __future__ import annotations

from typing import Any, ClassVar

from crispy_forms.layout import HTML, Column, Fieldset, Row
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.scope import current_organization
from registers.forms import RecordForm, ScopedForm
from requirements_registry import services
from requirements_registry.models import (
    Acknowledgement,
    ConformityCheck,
    InterestedParty,
    Requirement,
    RequirementReview,
    WatchEntry,
)
from requirements_registry.models.version_mixin import ChangeNote
from requirements_registry.validators import tidy
from trail.actor import actor

DateInput = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class InterestedPartyForm(RecordForm):
    """An interested party."""

    class Meta(RecordForm.Meta):
        model = InterestedParty
        fields = (
            "name", "kind", "relevant", "relevance", "monitoring", "is_key_customer", "segment", "language", "addressed", "addressed_on",
            "review_days", "last_reviewed_on", "site", "external_id",
        )  # fmt: skip

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("Who"),
                Row(Column("name", css_class="col-md-8"), Column("kind")),
                "relevant",
                "relevance",
                "monitoring",
            ),
            Fieldset(_("As a customer"), Row(Column("segment"), Column("language")), "is_key_customer"),
            Fieldset(_("Requirements addressed"), "addressed", Row(Column("addressed_on", css_class="col-md-4"))),
            Fieldset(_("Review"), Row(Column("last_reviewed_on"), Column("review_days"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class RequirementForm(RecordForm):
    """The form of a requirement. Changing what it says needs a reason once it is active."""

    effective_from = forms.DateField(
        label=gettext_lazy("New version holds from"),
        required=False,
        widget=DateInput,
        help_text=gettext_lazy("Empty: from today."),
    )
    tell = forms.CharField(
        label=gettext_lazy("Who must be told"), required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("People and functions that work by it."),
    )  # fmt: skip

    class Meta(RecordForm.Meta):
        model = Requirement
        fields = (
            "title", "statement", "kind", "status", "category", "criticality", "interested_party", "owner", "source", "source_clause", "source_link",
            "source_issued_on", "effective_on", "jurisdiction", "applicable", "justification", "decided_by", "decided_on", "products", "processes",
            "criterion", "check_days", "review_days", "last_reviewed_on", "supersedes", "guidance", "site", "external_id",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].required = True
        self.fields["statement"].widget.attrs["rows"] = 5
        if self.instance.pk is None:
            del self.fields["effective_from"], self.fields["tell"]

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("What is required"), "title", "statement", "criterion",
                Row(Column("kind"), Column("category"), Column("criticality")),
            ),
            Fieldset(_("Whose, and who answers for it"), Row(Column("interested_party"), Column("owner"), Column("status"))),
            Fieldset(
                _("Source"), Row(Column("source", css_class="col-md-8"), Column("source_clause")),
                Row(Column("source_link", css_class="col-md-8"), Column("source_issued_on")),
                Row(Column("effective_on"), Column("jurisdiction"), Column("supersedes")), "guidance",
            ),
            Fieldset(_("Applicability"), Row(Column("applicable"), Column("decided_by"), Column("decided_on")), "justification"),
            Fieldset(_("What it touches"), Row(Column("products"), Column("processes"))),
            Fieldset(_("Review and checks"), Row(Column("last_reviewed_on"), Column("review_days"), Column("check_days"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.further(),
            *self._about_the_change(),
            "revision",
        ]  # fmt: skip

    def _about_the_change(self) -> list[Any]:
        if self.instance.pk is None:
            return []
        explanation = HTML("{% include 'requirements_registry/partials/about_versions.html' %}")
        return [
            Fieldset(
                _("About this change"),
                explanation,
                "change_reason",
                Row(Column("tell", css_class="col-md-8"), Column("effective_from")),
            )
        ]

    @property
    def changed_values(self) -> list[str]:
        return [name for name in super().changed_values if name not in ("effective_from", "tell")]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        in_force = self.initial.get("status") == Requirement.Status.ACTIVE and self.instance.pk is not None
        if in_force and self._says_something_else(cleaned) and not cleaned.get("change_reason", "").strip():
            self.add_error(
                "change_reason",
                _(
                    "Say why the statement or criterion of an active requirement changes: its new version keeps the reason."
                ),
            )
        return cleaned

    def _says_something_else(self, cleaned: dict[str, Any]) -> bool:
        return any(
            name in cleaned and tidy(cleaned[name]) != tidy(self.initial.get(name) or "")
            for name in ("statement", "criterion")
        )

    def save(self, commit: bool = True) -> Requirement:
        """Hand the note about the change to the requirement, whose ``save`` writes the version."""
        self.instance.change_note = ChangeNote(
            self.cleaned_data.get("effective_from"), self.cleaned_data.get("tell", "")
        )
        return super().save(commit)


class ConformityCheckForm(RecordForm):
    """A conformity check."""

    class Meta(RecordForm.Meta):
        model = ConformityCheck
        fields = (
            "requirement",
            "checked_on",
            "method",
            "result",
            "measured",
            "sample_size",
            "criterion",
            "checker",
            "evidence",
            "site",
            "external_id",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _suggest(self, person="checker", day="checked_on")

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("What was checked"), "requirement", Row(Column("checked_on"), Column("checker"), Column("method"))
            ),
            Fieldset(
                _("What was found"),
                Row(Column("result"), Column("measured"), Column("sample_size")),
                "criterion",
                "evidence",
            ),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class WatchEntryForm(RecordForm):
    """A look at the source of a requirement."""

    class Meta(RecordForm.Meta):
        model = WatchEntry
        fields = (
            "requirement",
            "looked_on",
            "looked_by",
            "changed",
            "impact",
            "impact_due_on",
            "impact_closed_on",
            "site",
            "external_id",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _suggest(self, person="looked_by", day="looked_on")

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("The look"), "requirement", Row(Column("looked_on"), Column("looked_by")), "changed"),
            Fieldset(_("If it has changed"), "impact", Row(Column("impact_due_on"), Column("impact_closed_on"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class RequirementReviewForm(ScopedForm):
    """The review of a requirement before commitment."""

    class Meta(ScopedForm.Meta):
        model = RequirementReview
        fields = (
            "reviewed_on",
            "reviewer",
            "stated",
            "unstated",
            "own",
            "legal",
            "differing",
            "differences",
            "resolved",
            "result",
            "note",
        )

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("Review"), Row(Column("reviewed_on"), Column("reviewer"))),
            Fieldset(_("Looked at"), "stated", "unstated", "own", "legal", "differing"),
            Fieldset(_("Outcome"), "differences", "resolved", "result", "note"),
        ]

    def save(self, commit: bool = True) -> RequirementReview:
        review: RequirementReview = super().save(commit=False)
        return services.record_review(review) if commit else review


class AcknowledgeForm(ScopedForm):
    """What a person understands a requirement to ask for."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta(ScopedForm.Meta):
        model = Acknowledgement
        fields = ("words",)
        labels: ClassVar[dict[str, Any]] = {"words": gettext_lazy("In your own words")}

    def layout(self) -> list[Any]:
        return [HTML("{% include 'requirements_registry/partials/what_it_says.html' %}"), "words", "version"]


def _suggest(form: RecordForm, *, person: str, day: str) -> None:
    """Fill in that who writes a new row is the one who looked, and today."""
    if form.instance.pk is not None:
        return
    form.initial.setdefault(day, current_organization().today())
    if (writer := actor()) is not None:
        form.initial.setdefault(person, writer.pk)
