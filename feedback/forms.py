"""Forms of sub-clause c."""

from __future__ import annotations

from typing import Any

from crispy_forms.layout import Column, Fieldset, Row
from django.utils.translation import gettext as _

from feedback.models import Complaint, Enhancement, FeedbackItem, SatisfactionMethod, SurveyWave
from registers.forms import RecordForm


class FeedbackForm(RecordForm):
    """One answer or remark."""

    class Meta(RecordForm.Meta):
        model = FeedbackItem
        fields = (
            "source", "collected_at", "customer", "respondent", "wave", "product", "question", "is_recommendation",
            "score", "scale_min", "scale_max", "higher_is_better", "text", "themes", "language", "channel", "place", "source_status",
            "shared_on", "shared_with", "source_data", "site", "external_id",
        )  # fmt: skip

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("Who and when"),
                Row(Column("source"), Column("collected_at")),
                Row(Column("customer"), Column("respondent")),
                "wave",
            ),
            Fieldset(
                _("What was said"),
                "text",
                Row(Column("product"), Column("themes")),
                Row(Column("language"), Column("channel"), Column("place")),
            ),
            Fieldset(
                _("Score"),
                "question",
                "is_recommendation",
                Row(Column("score"), Column("scale_min"), Column("scale_max")),
                "higher_is_better",
            ),
            Fieldset(_("Praise passed on"), Row(Column("shared_on", css_class="col-md-4"), Column("shared_with"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"), Column("source_status")), "source_data"),
            *self.closing(),
        ]


class ComplaintForm(RecordForm):
    """A complaint and the steps of its handling."""

    class Meta(RecordForm.Meta):
        model = Complaint
        fields = (
            "title", "text", "customer", "complainant", "product", "channel", "owner", "received_at",
            "acknowledged_at", "assessed_at", "severity", "safety", "complexity", "impact", "urgency",
            "investigated_at", "findings", "nonconformity", "requirements", "responded_at", "closed_at",
            "remedy_sought", "remedy_given", "outcome_told", "outcome_told_at", "view", "site", "external_id",
        )  # fmt: skip

    def layout(self) -> list[Any]:
        levels = [Column(name) for name in ("severity", "safety", "complexity", "impact", "urgency")]
        return [
            Fieldset(
                _("Complaint"),
                "title",
                "text",
                Row(Column("customer"), Column("complainant")),
                Row(Column("product"), Column("channel"), Column("owner")),
                "remedy_sought",
            ),
            Fieldset(
                _("Steps"),
                Row(Column("received_at"), Column("acknowledged_at"), Column("assessed_at")),
                Row(Column("investigated_at"), Column("responded_at"), Column("closed_at")),
            ),
            Fieldset(_("Assessment"), Row(*levels)),
            Fieldset(_("Investigation"), "findings", Row(Column("nonconformity"), Column("requirements"))),
            Fieldset(_("Outcome"), "remedy_given", "outcome_told", Row(Column("outcome_told_at"), Column("view"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class EnhancementForm(RecordForm):
    """Something done to enhance satisfaction."""

    class Meta(RecordForm.Meta):
        model = Enhancement
        fields = (
            "title", "description", "customer", "segment", "owner", "done_on", "cost", "currency", "reaction",
            "expected_effect", "measure_due_on", "measured_effect", "measured_on", "feedback", "site", "external_id",
        )  # fmt: skip

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("What and for whom"), "title", "description", Row(Column("customer"), Column("segment")), "feedback"
            ),
            Fieldset(
                _("Who, when, at what cost"),
                Row(Column("owner"), Column("done_on")),
                Row(Column("cost"), Column("currency")),
            ),
            Fieldset(_("Effect"), "reaction", "expected_effect", "measure_due_on", "measured_effect", "measured_on"),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class MethodForm(RecordForm):
    """How a segment is listened to."""

    class Meta(RecordForm.Meta):
        model = SatisfactionMethod
        fields = (
            "segment",
            "method",
            "population_size",
            "frequency_days",
            "owner",
            "last_used_on",
            "site",
            "external_id",
        )

    def layout(self) -> list[Any]:
        return [
            Fieldset(
                _("Whom and how"),
                Row(Column("segment"), Column("method")),
                Row(Column("population_size", css_class="col-md-6")),
            ),
            Fieldset(_("Who and when"), Row(Column("owner"), Column("frequency_days"), Column("last_used_on"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]


class WaveForm(RecordForm):
    """A survey sent at one time."""

    class Meta(RecordForm.Meta):
        model = SurveyWave
        fields = ("title", "segment", "channel", "asked", "sent_on", "closed_on", "owner", "site", "external_id")

    def layout(self) -> list[Any]:
        return [
            Fieldset(_("Whom and how"), "title", Row(Column("segment"), Column("channel"), Column("asked"))),
            Fieldset(_("When and who"), Row(Column("sent_on"), Column("closed_on"), Column("owner"))),
            Fieldset(_("Filing"), Row(Column("site"), Column("external_id"))),
            *self.closing(),
        ]
