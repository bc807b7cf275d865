"""The base of every register's filterset, and the filters of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django_filters.constants import EMPTY_VALUES
from django_filters.fields import DateRangeField, RangeField
from django_filters.widgets import DateRangeWidget

from organizations.members import members
from organizations.models import Site, User
from registers.custom_fields.models import DIGITS, PLACES, CustomField, definitions, fields_of
from registers.custom_fields.querysets import with_custom_fields
from registers.form_fields import RecordField
from registers.forms import FIRST_DAY, LAST_DAY
from registers.models import Record
from registers.reach import reached
from registers.tags import tagged


class RecordFilter(django_filters.Filter):
    """A filter of the rows that point to one record, given by reference or name."""

    field_class = RecordField

    def __init__(self, model: type[Record], **options: Any) -> None:
        super().__init__(model=model, **options)


#: Days that are moments in every time zone: the calendar's first and last aren't.
_DAYS = (MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY))


class DayRange(RangeField):
    """From and to as days.

    Not as moments: midnight in the organization's zone is another day elsewhere.
    """

    widget = DateRangeWidget(attrs={"type": "date"})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__((forms.DateField(validators=_DAYS), forms.DateField(validators=_DAYS)), *args, **options)


class MomentRange(DateRangeField):
    """From and to as days, of moments: from the beginning of the one to the end of the other."""

    widget = DateRangeWidget(attrs={"type": "date"})

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for end in self.fields:
            end.validators += _DAYS


class MomentRangeFilter(django_filters.RangeFilter):
    """A filter of the rows whose moment lies in some days."""

    field_class = MomentRange


class DayRangeFilter(django_filters.RangeFilter):
    """A filter of the rows whose date lies between two."""

    field_class = DayRange


class NumberRange(RangeField):
    """From and to, each of no more digits than a custom number has."""

    def __init__(self, *args: Any, **options: Any) -> None:
        ends = tuple(forms.DecimalField(max_digits=DIGITS, decimal_places=PLACES) for _end in range(2))
        super().__init__(ends, *args, **options)


class NumberRangeFilter(django_filters.RangeFilter):
    """A filter of the rows whose custom number lies between two."""

    field_class = NumberRange


#: Parameters that ask for a selection which says itself what counts of the rows archived by now.
selecting: set[str] = set()


class RegisterFilterSet(django_filters.FilterSet):
    """The filters of a register.

    There are those of ``Meta.fields``, the site, a tag, whether archived rows are shown, and the custom fields'.

    Args:
        data: the query string's ``QueryDict``, or None.
        said_only: make the filters only that ``data`` names, for who doesn't show the others: most lists have none.
    """

    site = django_filters.ModelChoiceFilter(label=_("Site"), queryset=lambda _request: Site.objects.all())
    archived = django_filters.ChoiceFilter(
        label=_("Archive"),
        choices=[("yes", _("Archived only")), ("all", _("With archived"))],
        method="filter_archived",
        empty_label=_("Current only"),
    )

    tag = django_filters.CharFilter(label=_("Tag"), method="filter_tag")

    base_filters: dict[str, Any]

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

    def __init__(self, data: Any = None, *args: Any, said_only: bool = False, **options: Any) -> None:
        if said_only:
            self.base_filters = {name: each for name, each in self.base_filters.items() if _is_said(name, data)}
        super().__init__(data, *args, **options)
        for definition in definitions(self.register_slug):
            if _is_said(definition.key, data) or not (said_only or definition.is_retired):
                custom: Any = _custom_filter(definition)
                # As FilterSet does for the filters that it knows; these come after it is made.
                custom.parent, custom.model = self, self._meta.model  # type: ignore[attr-defined]
                self.filters[definition.key] = custom

    @property
    def register_slug(self) -> str:
        """The register whose rows are filtered."""
        return str(self._meta.model.register_slug)  # type: ignore[attr-defined]

    @classmethod
    def filter_for_field(cls, field: models.Field, field_name: str, lookup_expr: Any = None) -> Any:
        related = field.related_model if isinstance(field, models.ForeignKey | models.ManyToManyField) else None
        if related is User:
            return django_filters.ModelChoiceFilter(field_name=field_name, label=field.verbose_name, queryset=members())
        if isinstance(related, type) and issubclass(related, Record):
            return RecordFilter(related, field_name=field_name, label=field.verbose_name)
        if isinstance(field, models.DateTimeField):
            return MomentRangeFilter(field_name=field_name, label=field.verbose_name)
        if isinstance(field, models.DateField):
            return DayRangeFilter(field_name=field_name, label=field.verbose_name)
        return super().filter_for_field(field, field_name, lookup_expr)

    def filter_archived(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return queryset  # decided in filter_queryset, where "not given" counts as well

    def filter_queryset(self, queryset: models.QuerySet) -> models.QuerySet:
        shown = self.form.cleaned_data.get("archived")
        # The rows behind a past number are those that counted then: some may have been archived since.
        if shown != "all" and (shown or not any(self.data.get(name) for name in selecting)):
            queryset = queryset.exclude(archived_at=None) if shown == "yes" else queryset.filter(archived_at=None)
        found = super().filter_queryset(with_custom_fields(self.register_slug, queryset))
        said = (name for name, value in self.form.cleaned_data.items() if value not in EMPTY_VALUES)
        paths = (path for name in said if "__" in (path := self.filters[name].field_name))
        return found.filter(*(reached(found.model, path) for path in paths))

    def filter_tag(self, queryset: models.QuerySet, name: str, value: str) -> models.QuerySet:
        return tagged(queryset, " ".join(value.split()))


def parameters_of(name: str, field: forms.Field) -> list[str]:
    """Return the parameters by which an address says a filter.

    That is its name, or its name with each end of a range.
    """
    widget: Any = field.widget
    return [widget.suffixed(name, suffix) for suffix in getattr(widget, "suffixes", ())] or [name]


def _is_said(name: str, data: Mapping[str, Any]) -> bool:
    """Return whether some data say a filter, or one end of a range."""
    return any(key == name or key.startswith(f"{name}_") for key in data or ())


@dataclass(frozen=True)
class Offered:
    """A filter that a list offers: its name, its label, and the parameters that say it."""

    name: str
    label: str
    parameters: tuple[str, ...]


def offered(filterset: type[RegisterFilterSet], register: str) -> list[Offered]:
    """Return what a register's list can be narrowed by.

    The declared filters come first, then the organization's own.
    """
    custom = [_offered(definition.key, _custom_filter(definition)) for definition in fields_of(register)]
    return [*_declared(filterset, get_language()), *custom]


@cache
def _declared(filterset: type[RegisterFilterSet], _language: str | None) -> list[Offered]:
    """Return the declared filters, which change with nothing but the language."""
    whole = filterset(None)
    return [_offered(name, whole.filters[name]) for name in whole.base_filters]


def _offered(name: str, each: django_filters.Filter) -> Offered:
    return Offered(name, str(capfirst(each.label or name)), tuple(parameters_of(name, each.field)))


class PersonFilter(django_filters.ModelChoiceFilter):
    """A filter of the rows whose custom field names a person."""

    def filter(self, qs: models.QuerySet, value: Any) -> models.QuerySet:
        return super().filter(qs, value and value.pk)


def _custom_filter(definition: CustomField) -> django_filters.Filter:
    """Return the filter of a custom field.

    Of a retired one it finds nothing: never more rows than were asked for.
    """
    found = _filter_of(definition)
    if definition.is_retired:
        found.field.clean = _refuse_retired
    return found


def _refuse_retired(value: object) -> None:
    raise ValidationError(_("This field was retired: take the filter away, or the field into use again."))


def _filter_of(definition: CustomField) -> django_filters.Filter:
    """Return the filter that a declared field of its kind has."""
    named: dict[str, Any] = {"field_name": definition.key, "label": definition.label}
    match definition.kind:
        case CustomField.Kind.NUMBER:
            return NumberRangeFilter(**named)
        case CustomField.Kind.PERSON:
            return PersonFilter(queryset=members(), **named)
        case CustomField.Kind.CHOICE:
            return django_filters.ChoiceFilter(choices=list(definition.words.items()), **named)
        case CustomField.Kind.DATE:
            return RegisterFilterSet.filter_for_field(definition.field, definition.key)
    return django_filters.CharFilter(lookup_expr="icontains", **named)
