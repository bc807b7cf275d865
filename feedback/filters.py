"""Filters of sub-clause c."""

from __future__ import annotations

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from feedback.models import Complaint, Enhancement, FeedbackItem, SatisfactionMethod, SurveyWave
from feedback.respondents import RECOMMENDATION
from feedback.scale import scale_of_code
from organizations import clock
from registers.lists.filters import RegisterFilterSet


class FeedbackFilter(RegisterFilterSet):
    """Filters of the feedback list; the satisfaction page understands the same ones."""

    product = django_filters.CharFilter(label=_("Product or service"), lookup_expr="iexact")
    question = django_filters.CharFilter(label=_("Question"), lookup_expr="iexact")
    segment = django_filters.CharFilter(label=_("Segment"), field_name="customer__segment", lookup_expr="iexact")
    scale = django_filters.CharFilter(label=_("Scale"), method="filter_scale")
    themes = django_filters.CharFilter(label=_("Theme"), lookup_expr="icontains")
    scored = django_filters.ChoiceFilter(
        label=_("Score"),
        choices=[
            ("yes", _("With a score")),
            ("low", _("Below the middle")),
            ("nps", _("Counts for the net promoter score")),
            ("no", _("Without a score")),
        ],
        method="filter_scored",
    )

    class Meta(RegisterFilterSet.Meta):
        model = FeedbackItem
        fields = (
            "source",
            "wave",
            "collected_at",
            "customer",
            "segment",
            "scored",
            "question",
            "scale",
            "product",
            "themes",
            "language",
            "source_status",
            "site",
        )

    def filter_scale(self, queryset: Any, name: str, value: str) -> Any:
        """Return rows on a scale, given as :func:`feedback.scale.scale_code` writes it: worst and best end."""
        scale = scale_of_code(value)
        if scale is None:
            return queryset.none()
        lowest, highest, higher_is_better = scale
        return queryset.filter(scale_min=lowest, scale_max=highest, higher_is_better=higher_is_better)

    def filter_scored(self, queryset: Any, name: str, value: str) -> Any:
        """Return rows with a score, or without, or with a score of some kind."""
        if value == "no":
            return queryset.filter(normalized=None)
        if value == "nps":
            return queryset.scored().filter(RECOMMENDATION)
        return queryset.low() if value == "low" else queryset.scored()


class ComplaintFilter(RegisterFilterSet):
    """Filters of the complaints' list."""

    clock = django_filters.ChoiceFilter(
        label=_("Targets"),
        choices=[("late", _("A target missed")), ("open", _("Open")), ("untold", _("Closed, outcome not told"))],
        method="filter_clock",
    )

    class Meta(RegisterFilterSet.Meta):
        model = Complaint
        fields = (
            "status",
            "clock",
            "received_at",
            "customer",
            "owner",
            "product",
            "severity",
            "nonconformity",
            "view",
            "requirements",
            "site",
        )

    def filter_clock(self, queryset: Any, name: str, value: str) -> Any:
        if value == "late":
            return queryset.late(clock.now())
        return queryset.filter(closed_at=None) if value == "open" else queryset.outcome_untold()


class EnhancementFilter(RegisterFilterSet):
    """Filters of the enhancements' list."""

    measured = django_filters.BooleanFilter(
        label=_("Effect measured"), field_name="measured_on", lookup_expr="isnull", exclude=True
    )

    class Meta(RegisterFilterSet.Meta):
        model = Enhancement
        fields = ("done_on", "customer", "segment", "owner", "measured", "site")


class MethodFilter(RegisterFilterSet):
    """Filters of the monitoring methods' list."""

    class Meta(RegisterFilterSet.Meta):
        model = SatisfactionMethod
        fields = ("segment", "owner", "last_used_on", "site")


class WaveFilter(RegisterFilterSet):
    """Filters of the surveys' list."""

    segment = django_filters.CharFilter(label=_("Segment"), lookup_expr="iexact")

    class Meta(RegisterFilterSet.Meta):
        model = SurveyWave
        fields = ("segment", "sent_on", "closed_on", "owner", "site")
