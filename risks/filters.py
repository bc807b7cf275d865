"""Filters of issues, risks, opportunities and supplier reviews."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations.scope import current_organization
from registers.lists.filters import RegisterFilterSet
from risks.models import ContextIssue, Opportunity, Risk, RiskAssessment, SupplierReview
from risks.models.scale import scale_on


class IssueFilter(RegisterFilterSet):
    """Filters of the issues' list."""

    class Meta(RegisterFilterSet.Meta):
        model = ContextIssue
        fields = ("side", "category", "direction", "relevance", "owner", "reviewed_on", "site")


class AssessableFilter(RegisterFilterSet):
    """Filters that risks and opportunities share.

    Stage, likelihood and consequence together are a cell of the heat map.
    """

    level = django_filters.ChoiceFilter(label=_("Level"), choices=(), method="filter_level")
    stage = django_filters.ChoiceFilter(label=_("Stage"), choices=RiskAssessment.Stage, method="filter_grid")
    likelihood = django_filters.NumberFilter(label=_("Likelihood"), method="filter_grid")
    consequence = django_filters.NumberFilter(label=_("Consequence"), method="filter_grid")
    placed = django_filters.ChoiceFilter(
        label=_("On the heat map"), choices=[("yes", _("Yes")), ("no", _("No"))], method="filter_grid"
    )

    def get_form_class(self) -> Any:
        """Return the form, with the levels of the scale in force."""
        if "level" in self.filters:
            bands = self._meta.model.grid_of(scale_on(current_organization().today())).bands  # type: ignore[attr-defined]
            self.filters["level"].extra["choices"] = [
                *((band.name, band.name) for band in reversed(bands)),
                ("-", _("Not assessed")),
            ]
        return super().get_form_class()

    def filter_grid(self, queryset: models.QuerySet, name: str, value: object) -> Any:
        return queryset  # they decide together, in filter_queryset

    def filter_level(self, queryset: models.QuerySet, name: str, value: str) -> Any:
        return queryset.filter(level_name="" if value == "-" else value)

    def filter_queryset(self, queryset: models.QuerySet) -> Any:
        rows: Any = super().filter_queryset(queryset)
        chosen = {
            name: value
            for name in ("stage", "likelihood", "consequence", "placed")
            if (value := self.form.cleaned_data.get(name)) not in (None, "")
        }
        if not chosen:
            return rows
        stage, placed = chosen.pop("stage", "current"), chosen.pop("placed", "yes")
        return rows.assessed_at(stage, **chosen) if placed == "yes" else rows.not_assessed_at(stage)


class RiskFilter(AssessableFilter):
    """Filters of the risks' list."""

    appetite = django_filters.ChoiceFilter(
        label=_("Appetite"), choices=[("above", _("Above")), ("within", _("Within"))], method="filter_appetite"
    )

    class Meta(AssessableFilter.Meta):
        model = Risk
        fields = (
            "status",
            "level",
            "appetite",
            "response",
            "affects",
            "owner",
            "requirements",
            "issues",
            "parties",
            "assessed_on",
            "determined_on",
            "origin",
            "item",
            "site",
        )

    def filter_appetite(self, queryset: Any, name: str, value: str) -> Any:
        above = queryset.above_appetite(Risk.objects.axes_on(current_organization().today()))
        # What was never assessed is neither above the appetite nor within it.
        return above if value == "above" else queryset.exclude(scale=None).exclude(pk__in=above.order_by().values("pk"))


class OpportunityFilter(AssessableFilter):
    """Filters of the opportunities' list."""

    class Meta(AssessableFilter.Meta):
        model = Opportunity
        fields = (
            "status",
            "level",
            "response",
            "affects",
            "owner",
            "requirements",
            "issues",
            "parties",
            "assessed_on",
            "determined_on",
            "origin",
            "site",
        )


class SupplierReviewFilter(RegisterFilterSet):
    """Filters of the supplier reviews' list."""

    class Meta(RegisterFilterSet.Meta):
        model = SupplierReview
        fields = ("supplier", "is_key", "reviewed_on", "next_review_on", "reviewer", "site")
