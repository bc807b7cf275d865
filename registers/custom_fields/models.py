"""The definition of a custom field, and how its values are kept, read and said."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.db import models
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from organizations.members import members
from organizations.models import User
from organizations.scope import ScopedManager, cached_in_scope, invalidate, is_entered
from registers.formatting import shortest, text_of
from trail.history import TrackedQuerySet
from trail.models import Tracked

#: Begins every key, so that no field of a model is ever called like a custom one.
PREFIX = "custom_"
#: The heading that custom fields stand under in forms and on a record's page.
FURTHER = _("Further facts")
#: Of a number: digits in all, which is as many as spreadsheets keep exactly, and behind the point.
DIGITS, PLACES = 15, 4
TEXT_LENGTH = 1000


class CustomFieldQuerySet(TrackedQuerySet):
    """Definitions of custom fields."""

    def of(self, register: str) -> CustomFieldQuerySet:
        """Narrow to a register's, in their order."""
        return self.filter(register=register)


class CustomField(Tracked):
    """A column that an organization adds to a register.

    Its key never changes; retired, it is gone and its values stay.
    """

    class Kind(models.TextChoices):
        """The kind of a field's values."""

        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        PERSON = "person", _("Person")

    register = models.CharField(max_length=40, editable=False)
    key = models.CharField(max_length=60, editable=False)
    label = models.CharField(_("name"), max_length=60, help_text=_("The heading in lists, forms and exports."))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.TEXT)
    help_text = models.CharField(
        _("explanation"), max_length=200, blank=True, help_text=_("A sentence under the field in forms.")
    )
    shown = models.BooleanField(
        _("column in lists"), default=True, help_text=_("Exports and the record's page show it always.")
    )
    #: Of a choice: ``{"code", "label", "retired"}`` in their order.
    choices = models.JSONField(default=list, editable=False)
    position = models.PositiveIntegerField(default=0, editable=False)
    retired_at = models.DateTimeField(_("retired"), null=True, editable=False)

    #: The column of a record's leaf that holds the values of its custom fields by their keys.
    LEAF: ClassVar[str] = "custom"

    objects: ClassVar[Any] = ScopedManager.from_queryset(CustomFieldQuerySet)()

    class Meta(Tracked.Meta):
        ordering = ("register", "position", "pk")
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        constraints = (
            models.UniqueConstraint(fields=("organization", "register", "key"), name="custom_field_key_once"),
        )

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        invalidate(CustomField)

    @property
    def is_retired(self) -> bool:
        """Whether it is no longer filled in, shown or exported."""
        return self.retired_at is not None

    @property
    def words(self) -> dict[str, str]:
        """Every choice it ever had: codes and labels."""
        return {choice["code"]: choice["label"] for choice in self.choices}

    @property
    def offered(self) -> dict[str, str]:
        """The choices that can be chosen: codes and labels."""
        return {choice["code"]: choice["label"] for choice in self.choices if not choice["retired"]}

    @property
    def retired(self) -> dict[str, str]:
        """The choices that only stand where they were chosen earlier: codes and labels."""
        return {choice["code"]: choice["label"] for choice in self.choices if choice["retired"]}

    @cached_property
    def field(self) -> models.Field[Any, Any]:
        """A model field like it, of no model.

        Forms, filters and imports take it for one that the register declares.
        """
        named: dict[str, Any] = {"verbose_name": self.label, "help_text": self.help_text, "blank": True}
        match self.kind:
            case self.Kind.NUMBER:
                field: Any = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True, **named)
            case self.Kind.DATE:
                field = models.DateField(null=True, **named)
            case self.Kind.CHOICE:
                field = models.CharField(max_length=40, choices=list(self.words.items()), **named)
            case self.Kind.PERSON:
                key: dict[str, Any] = {"null": True, "on_delete": models.PROTECT, "related_name": "+"}
                field = models.ForeignKey(User, **key, **named)
            case _:
                field = models.CharField(max_length=TEXT_LENGTH, **named)
        field.set_attributes_from_name(self.key)
        field.attname = self.key  # of a person too: it holds the key itself
        return field  # type: ignore[no-any-return]

    def expressions(self) -> dict[str, Any]:
        """Return what a queryset of the register is annotated with: the value by the field's key.

        The value has a type that sorts and compares. What sorts stands beside it (:attr:`sort`): of a person the name,
        of a choice its place.
        """
        text = Cast(KeyTextTransform(self.key, "custom"), models.TextField())  # as text it has the lookups of text
        match self.kind:
            case self.Kind.NUMBER:
                number: Any = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
                return {self.key: Cast(text, number)}
            case self.Kind.DATE:
                return {self.key: Cast(text, models.DateField())}
            case self.Kind.PERSON:
                person = Cast(text, models.BigIntegerField())
                name = User.objects.filter(pk=models.OuterRef(self.key)).values("name")
                return {self.key: person, self.sort: models.Subquery(name)}
            case self.Kind.CHOICE:
                places = [models.When(**{self.key: code}, then=place) for place, code in enumerate(self.words)]
                return {self.key: text, self.sort: models.Case(*places, output_field=models.IntegerField())}
        return {self.key: text}

    @property
    def sort(self) -> str:
        """The annotation that sorts by it; no field's key begins like its name."""
        return f"order_of_{self.key}" if self.kind in (self.Kind.PERSON, self.Kind.CHOICE) else self.key

    def value_of(self, custom: Mapping[str, Any]) -> Any:
        """Return a record's value as Python has it; None where there is none.

        That is text, Decimal, date, a choice's code, or a person.
        """
        kept = custom.get(self.key)
        if kept is None:
            return None
        match self.kind:
            case self.Kind.NUMBER:
                return Decimal(kept)
            case self.Kind.DATE:
                return date.fromisoformat(kept)
            case self.Kind.PERSON:
                return people().get(kept)
        return kept

    def said(self, custom: Mapping[str, Any]) -> str:
        """Return a record's value in words."""
        value = self.value_of(custom)
        return self.words.get(value, value) if self.kind == self.Kind.CHOICE and value else text_of(value)

    def kept(self, value: object) -> Any:
        """Return a value as records keep it; None for nothing.

        Numbers and dates are text, people their keys.
        """
        match value:
            case None | "":
                return None
            case Decimal():
                # As text: seals and packs hold canonical JSON, which has no floats.
                return format(shortest(value), "f")
            case date():
                return value.isoformat()
            case User():
                return value.pk
        return value

    def exported(self, value: Any, *, words: bool) -> Any:
        """Return the value that a query gave for it as exports have it.

        People are given by mail address, choices in words if asked for.
        """
        match self.kind:
            case self.Kind.NUMBER:
                return value if value is None else shortest(value)
            case self.Kind.PERSON:
                person = people().get(value)
                return person.email if person else None
            case self.Kind.CHOICE if words:
                return self.words.get(value, value)
        return value


def definitions(register: str) -> tuple[CustomField, ...]:
    """Return the custom fields of a register, retired ones too, in their order.

    It takes one query for all registers of the organization. Where no organization was entered there are none: only
    what a register declares is everybody's.
    """
    return cached_in_scope(CustomField, _all).get(register, ()) if is_entered() else ()


def fields_of(register: str) -> tuple[CustomField, ...]:
    """Return the custom fields of a register that are in use."""
    return tuple(definition for definition in definitions(register) if not definition.is_retired)


def people() -> dict[int, User]:
    """Return whom the organization's fields can name, by key: one query."""
    return cached_in_scope(User, lambda: {person.pk: person for person in members()})


def merged(custom: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a record keeps when some of its fields get new values.

    The values are as :meth:`CustomField.kept` gives them; nothing leaves no trace.
    """
    return {key: value for key, value in {**custom, **values}.items() if value is not None}


def _all() -> dict[str, tuple[CustomField, ...]]:
    found: dict[str, tuple[CustomField, ...]] = {}
    for definition in CustomField.objects.all():
        found[definition.register] = (*found.get(definition.register, ()), definition)
    return found
