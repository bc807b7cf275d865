"""The base of every register's filterset: a query string becomes rows here and nowhere else."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import DateRangeWidget

from organizations.models import Site, User
from organizations.people import members
from registers.fields import RecordField
from registers.models import Record
from registers.register import Register


class RecordFilter(django_filters.Filter):
    """Narrows to the rows that point to one record, given by reference or name."""

    field_class = RecordField

    def __init__(self, model: type[Record], **options: Any) -> None:
        super().__init__(model=model, **options)


class RegisterFilterSet(django_filters.FilterSet):
    """Filters of a register: those of ``Meta.fields``, the site, and whether archived rows are shown."""

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=Site.objects.all())
    archived = django_filters.ChoiceFilter(
        label=_("Archive"),
        choices=[("yes", _("Archived only")), ("all", _("With archived"))],
        method="filter_archived",
        empty_label=_("Current only"),
    )

    class Meta:
        model: type[Record] = Record  # type: ignore[type-abstract]
        fields: tuple[str, ...] = ()
        filter_overrides = {
            models.CharField: {
                "filter_class": django_filters.CharFilter,
                "extra": lambda f: {"lookup_expr": "icontains"},
            },
            models.TextField: {
                "filter_class": django_filters.CharFilter,
                "extra": lambda f: {"lookup_expr": "icontains"},
            },
        }

    @classmethod
    def filter_for_field(cls, field: models.Field, field_name: str, lookup_expr: Any = None) -> Any:
        related = field.related_model if isinstance(field, models.ForeignKey | models.ManyToManyField) else None
        if related is User:
            return django_filters.ModelChoiceFilter(field_name=field_name, label=field.verbose_name, queryset=members())
        if isinstance(related, type) and issubclass(related, Record):
            return RecordFilter(related, field_name=field_name, label=field.verbose_name)
        if isinstance(field, models.DateField):
            return django_filters.DateFromToRangeFilter(
                field_name=field_name, label=field.verbose_name, widget=DateRangeWidget(attrs={"type": "date"})
            )
        return super().filter_for_field(field, field_name, lookup_expr)

    def filter_archived(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return queryset  # decided in filter_queryset, where "not given" counts as well

    def filter_queryset(self, queryset: models.QuerySet) -> models.QuerySet:
        shown = self.form.cleaned_data.get("archived")
        if shown != "all":
            queryset = queryset.exclude(archived_at=None) if shown == "yes" else queryset.filter(archived_at=None)
        return super().filter_queryset(queryset)


def search(register: Register, queryset: models.QuerySet, text: str) -> models.QuerySet:
    """Narrow to rows in which every word of ``text`` occurs, in whichever of the searched fields."""
    for word in text.split()[:8]:
        condition = Q(reference__icontains=word) | Q(external_id__iexact=word)
        for name in register.search:
            condition |= Q(**{f"{name}__icontains": word})
        queryset = queryset.filter(condition)
    return queryset
