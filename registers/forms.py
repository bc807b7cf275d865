"""The base of every register's form."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields import BLANK_CHOICE_DASH
from django.utils.html import escape
from django.utils.translation import gettext_lazy as _

from organizations.members import members
from organizations.models import User
from organizations.scope import current_organization
from registers.custom_fields.models import FURTHER, CustomField, fields_of, merged
from registers.form_fields import RecordField, RecordsField, TagsInput
from registers.models import Record, SavedView
from registers.tags import TagsFormField

#: How a choice is shown that nobody has made.
NOT_CHOSEN = "–"


class LinesField(forms.CharField):
    """Text of several lines, with line breaks as rows hold them.

    Browsers send CR LF where the row holds LF; taken as they come, every saved text would count as changed.
    """

    def to_python(self, value: object) -> Any:
        text = super().to_python(value)
        return text.replace("\r\n", "\n") if text else text


#: Days in which every time of day is a moment in every time zone. Laws in force are older than 1900.
FIRST_DAY, LAST_DAY = date(1000, 1, 1), date(9998, 12, 31)


class MomentField(forms.DateTimeField):
    """A moment. The calendar's first and last days aren't moments in every time zone."""

    def to_python(self, value: Any) -> datetime | None:
        moment: datetime | None = super().to_python(value)
        if moment is not None and not FIRST_DAY.year <= moment.year <= LAST_DAY.year:
            raise ValidationError(_("Write a day between 1000 and 9998."))
        return moment


class MomentInput(forms.DateTimeInput):
    """A browser's picker of day and time.

    It shows minutes, and seconds where the moment has some: else saving would drop them.
    """

    def __init__(self) -> None:
        super().__init__(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def format_value(self, value: object) -> str | None:
        shown = super().format_value(value)
        return value.strftime("%Y-%m-%dT%H:%M:%S") if isinstance(value, datetime) and value.second else shown


def record_formfield(field: models.Field, **options: Any) -> forms.Field | None:
    """Return the form field of a model field.

    People are the organization's members, records are taken by reference.
    """
    related = field.related_model if isinstance(field, models.ForeignKey | models.ManyToManyField) else None
    # The revision tells whether somebody else saved: no second, hidden copy of fields whose default is worked out.
    options["show_hidden_initial"] = False
    if related is User:
        return field.formfield(queryset=members(), **options)
    if isinstance(related, type) and issubclass(related, Record):
        many = isinstance(field, models.ManyToManyField)
        return (RecordsField if many else RecordField)(
            related, required=not field.blank, label=field.verbose_name, help_text=field.help_text
        )
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return field.formfield(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)
    if isinstance(field, models.DateTimeField):
        return field.formfield(widget=MomentInput(), **{"form_class": MomentField} | options)
    if isinstance(field, models.TextField):
        options.setdefault("widget", forms.Textarea(attrs={"rows": 3}))
        options.setdefault("form_class", LinesField)
    if isinstance(field, models.URLField):
        options.setdefault("assume_scheme", "https")
    return field.formfield(**options)


def _mark_not_chosen(field: forms.Field) -> None:
    """Show the choice that nobody has made as everywhere else, not as Django's row of dashes."""
    dashes = BLANK_CHOICE_DASH[0][1]
    if isinstance(field, forms.ModelChoiceField):
        if field.empty_label == dashes:
            field.empty_label = NOT_CHOSEN
    elif isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        field.choices = [(value, NOT_CHOSEN if label == dashes else label) for value, label in choices]


def _custom_formfield(definition: CustomField, value: Any) -> forms.Field:
    """Return the form field of a custom field.

    A retired choice can only be kept where it stands.
    """
    field = record_formfield(definition.field)
    assert field is not None
    # Django and crispy print what explains a field as it is; this was written by people.
    field.help_text = escape(field.help_text)
    if isinstance(field, forms.TypedChoiceField):
        kept = {value: definition.words.get(value, value)} if value and value not in definition.offered else {}
        field.choices = [("", NOT_CHOSEN), *(definition.offered | kept).items()]
    return field


class ScopedForm(forms.ModelForm):
    """A form for one row of the current organization.

    Uniqueness within the organization is checked before saving.
    """

    class Meta:
        formfield_callback = record_formfield

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organization = current_organization()
        for field in self.fields.values():
            _mark_not_chosen(field)

    def _get_validation_exclusions(self) -> set[str]:
        # Django leaves out constraints over fields that the form doesn't show; the organization is in all of ours.
        return super()._get_validation_exclusions() - {"organization"}  # type: ignore[misc]

    def _post_clean(self) -> None:
        # What the browser can't show (fractions of a second) stays as it is where nobody touched the field.
        for name in self.cleaned_data.keys() - set(self.changed_data):
            if isinstance(self.fields[name], forms.DateTimeField) and self.instance.pk is not None:
                self.cleaned_data[name] = getattr(self.instance, name)
        super()._post_clean()  # type: ignore[misc]

    @property
    def helper(self) -> FormHelper:
        """Crispy's layout; the template brings the form tag and buttons."""
        helper = FormHelper(self)
        helper.form_tag = False
        if layout := self.layout():
            helper.layout = Layout(*layout)
        return helper

    def layout(self) -> list[Any]:
        """Return Crispy layout objects, in order; none: all fields one below the other."""
        return []


class RecordForm(ScopedForm):
    """The form of a register.

    It carries the revision it began from, so that a later save of somebody else is noticed.
    """

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    change_reason = forms.CharField(
        label=_("Reason for the change"),
        required=False,
        max_length=500,
        help_text=_("Kept in the history beside what changed."),
    )

    tags = TagsFormField(
        label=_("Tags"),
        required=False,
        max_length=None,
        help_text=_("Words to find it again by, separated by semicolons."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # What the address fills in stays.
        self.initial.setdefault("revision", self.instance.revision)
        self.initial.setdefault("tags", self.instance.tags)
        self.fields["tags"].widget = TagsInput(type(self.instance))
        self.custom = fields_of(self.instance.register_slug)
        for definition in self.custom:
            value = definition.value_of(self.instance.custom)
            self.initial.setdefault(definition.key, value)
            self.fields[definition.key] = _custom_formfield(definition, value)
        if self.instance.pk is None:
            del self.fields["change_reason"]

    def _post_clean(self) -> None:
        if "tags" in self.cleaned_data:
            self.instance.tags = self.cleaned_data["tags"]
        given = {
            definition.key: definition.kept(self.cleaned_data[definition.key])
            for definition in self.custom
            if definition.key in self.cleaned_data
        }
        self.instance.custom = merged(self.instance.custom, given)
        super()._post_clean()

    def further(self) -> list[Any]:
        """Return what every register's rows have: the organization's own fields, and tags."""
        columns = [
            Column(field.key, css_class="col-md-8" if field.kind == field.Kind.TEXT else "col-md-4")
            for field in self.custom
        ]
        return [*([Fieldset(str(FURTHER), Row(*columns))] if columns else []), "tags"]

    def closing(self) -> list[Any]:
        """Return what every layout ends with."""
        return [*self.further(), *(name for name in ("change_reason", "revision") if name in self.fields)]

    @property
    def changed_values(self) -> list[str]:
        """Names of the record's fields that the person changed."""
        return [name for name in self.changed_data if name not in ("revision", "change_reason")]

    def links(self) -> dict[str, list[Record]]:
        """Return the records chosen in each many-to-many field of the form."""
        names = {field.name for field in self._meta.model._meta.many_to_many}
        return {name: list(self.cleaned_data[name]) for name in names if name in self.cleaned_data}


class SavedViewForm(ScopedForm):
    """The name of a list that is kept, and whom it is for."""

    class Meta(ScopedForm.Meta):
        model = SavedView
        fields = ("name", "is_shared", "is_default")

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["is_shared"], self.fields["is_default"]

    def clean_name(self) -> str:
        """Refuse the name of another view of the person's where a view is renamed.

        A list kept anew takes the place of one of that name, as its page says; one that is renamed takes nobody's.
        """
        name: str = self.cleaned_data["name"]
        view: SavedView = self.instance
        if view.pk is not None:
            same = SavedView.objects.filter(register=view.register, owner_id=view.owner_id, name=name)
            if same.exclude(pk=view.pk).exists():
                raise ValidationError(
                    _("Another view of yours has this name: remove that one first, or choose another name.")
                )
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("is_default"):
            cleaned["is_shared"] = True  # what everybody's list opens with is everybody's
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        # A name that the person has used already, and a default that there is already, are replaced.
        return super()._get_validation_exclusions() | {"organization"}
