"""The columns of a register: what is declared of them, and what follows from fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.functional import Promise

from organizations.models import User
from registers.custom_fields.models import CustomField
from registers.models import Record
from registers.tags import TagsField

Text = str | Promise


@dataclass(frozen=True)
class Numbers:
    """The numbers that a file holds in the columns a question is about, and what is said of its rows already.

    Attributes:
        headers: what the file calls the columns.
        low: the lowest number.
        high: the highest.
        mean: their mean.
        said: field → the value that every row gets, as said or proposed.
        beside: what the file says beside its table, as in titles.
    """

    headers: tuple[str, ...]
    low: Decimal
    high: Decimal
    mean: Decimal
    said: Mapping[str, str]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """How an import asks for what its numbers mean: nothing is guessed.

    Attributes:
        proposes: an answer to the numbers there; empty for none.
        words: what is asked, where it isn't on which scale numbers are.
        answers: of a yes or no, what each answer says.
        comes_to: what numbers come to by an answer, in words.
    """

    proposes: Callable[[Numbers], str]
    words: Text = ""
    answers: Mapping[str, Text] = field(default_factory=dict)
    comes_to: Callable[[Numbers, str], str] | None = None


@dataclass(frozen=True)
class Column:
    """One property of a record: a column of lists, exports and packs.

    It is also a fact on the record's page and a target of imports.

    Attributes:
        name: the model field (or annotation of the model's queryset) it shows.
        label: heading; a field's verbose name unless given.
        shown: whether lists show it before the reader chooses; exports hold every column.
        group: heading it stands under on the record's page; empty: not there.
        words: headings under which spreadsheets carry it, besides name and label; any case, English or German.
        second_words: headings of another column, which it takes where that one has a likelier heading, or where every row
            needs this one and nothing else is there for it.
        tones: for choices shown as a badge, the tone of each value: met, attention, gap, none, info, neutral.
        path: ORM lookup that exports read; derived from the field unless given.
        sort: ORM lookup that sorts; ``path`` unless given, empty for columns that can't be sorted.
        kind: see :attr:`BoundColumn.kind`; follows from the field unless given.
        importable: whether imports may set it.
        asked_with: of a column that says how others are to be read, as the scale of ratings, those others: an import that
            fills one of them asks for it, and guesses nothing.
        numbers_of: the text under whose header words files may carry these numbers, as “Impact” 5.
        question: for ``asked_with``, how it is asked.
        of_any_register: whether its text names a row of any register, by reference or external id.
        creates: for links to records that a name alone can make: the values, besides the name, with which an import
            creates the ones that are missing; None where every record must exist.
    """

    name: str
    label: Text = ""
    shown: bool = True
    group: Text = ""
    words: tuple[str, ...] = ()
    second_words: tuple[str, ...] = ()
    tones: Mapping[str, str] | None = None
    path: str | None = None
    sort: str | None = None
    kind: str = ""
    importable: bool = True
    of_any_register: bool = False
    creates: Mapping[str, Any] | None = None
    asked_with: tuple[str, ...] = ()
    numbers_of: str = ""
    question: Question | None = None


@dataclass(frozen=True)
class BoundColumn:
    """A column together with the model field behind it.

    One that the organization added has its definition too.
    """

    column: Column
    field: models.Field | None
    custom: CustomField | None = None

    @property
    def name(self) -> str:
        return self.column.name

    @property
    def label(self) -> str:
        label = self.column.label or getattr(self.field, "verbose_name", "") or self.name.replace("_", " ")
        text = str(label)
        return text[:1].upper() + text[1:]

    @cached_property
    def kind(self) -> str:
        """The kind of its values, by which they are shown, edited and read.

        One of: text, longtext, number, date, datetime, badge, choice, reference, person, site, record, records, tags,
        or boolean, unless the column declares one of its own.
        """
        return self.column.kind or ("reference" if self.name == "reference" else _kind(self.field, self.column))

    @cached_property
    def path(self) -> str:
        """The ORM lookup whose value stands for the column in exports."""
        if self.column.path is not None:
            return self.column.path
        return self.name + {"person": "__email", "record": "__reference", "records": "", "site": "__code"}.get(
            self.kind, ""
        )

    @cached_property
    def sort(self) -> str:
        """The ORM lookup that sorts by the column; empty where it can't."""
        if self.column.sort is not None:
            return self.column.sort
        if self.kind in ("records", "longtext"):
            return ""
        return {"person": f"{self.name}__name", "reference": "id"}.get(self.kind, self.path)

    def value_of(self, record: Any) -> Any:
        """Return the record's value under the column."""
        return self.custom.value_of(record.custom) if self.custom else getattr(record, self.name, None)

    def words_of(self, record: Record) -> str:
        """Return what the record's choice is called."""
        if self.custom:
            return self.custom.said(record.custom)
        value = getattr(record, self.name)
        return str(self._words.get(value, value))

    @cached_property
    def _words(self) -> dict[Any, Any]:
        """The choices' words by code, lazily translated."""
        return dict(getattr(self.field, "flatchoices", ()))

    @property
    def is_importable(self) -> bool:
        """Whether an import may set the column: it is a field that forms may edit."""
        return (
            self.column.importable
            and self.field is not None
            and (getattr(self.field, "editable", False) or self.name == "external_id")
        )


def _kind(model_field: models.Field | None, column: Column) -> str:
    if model_field is None:
        return "text"
    if isinstance(model_field, models.ManyToManyField):
        return "records"
    if isinstance(model_field, models.ForeignKey):
        related = model_field.related_model
        if related is User:
            return "person"
        return "record" if isinstance(related, type) and issubclass(related, Record) else "site"
    if model_field.choices:
        return "badge" if column.tones is not None else "choice"
    for cls, kind in _KINDS:
        if isinstance(model_field, cls):
            return kind
    return "text"


# The first that fits counts: a DateTimeField is a DateField too.
_KINDS: tuple[tuple[type[models.Field], str], ...] = (
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.DecimalField, "number"),
    (models.IntegerField, "number"),
    (models.TextField, "longtext"),
    (TagsField, "tags"),
)


def model_field(model: type[models.Model], name: str) -> models.Field | None:
    """Return the model's field of that name, or None for an annotation or property."""
    try:
        found = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return found if isinstance(found, models.Field) else None
