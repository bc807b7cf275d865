"""What columns of a file can fill in a register: the other side of a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as of_dataclass
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import Site, User
from registers.columns import BoundColumn, Column, Question
from registers.custom_fields.models import CustomField, definitions
from registers.models import Record
from registers.parsing.choice_words import words_for
from registers.parsing.header_words import forms_of, same_as, split
from registers.register import Register
from spreadsheets.headers import normalize_header
from spreadsheets.values import ChoiceWords, choice_words

#: Fields that say which row of the register a row of the file is.
REFERENCE, EXTERNAL_ID = "reference", "external_id"
#: The text that keeps what no field takes, where a model has one.
SOURCE_DATA = "source_data"

#: What sources call their own numbers, besides the words of the column itself.
_ID_WORDS = split(
    "reference, referenz, ticket, ticket id, ticket no, ticket number, case, case id, case no, case number, issue key, ref id, ref no,"
    "record id, identifier, object identifier, item no, position, pos, vorgang, vorgangsnummer, aktenzeichen, lfd nr, laufende nummer,"
    "numéro, référence, identifiant, número, referencia, referência, identificador"
)

_KINDS: tuple[tuple[type[models.Field], str], ...] = (
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.TextField, "longtext"),
    (models.CharField, "text"),
)


@dataclass(frozen=True, eq=False)
class Target:
    """A field that a column of a file can fill.

    Attributes:
        name: the model field's.
        label: what pages call it.
        kind: text, longtext, id, reference, integer, decimal, date, datetime, boolean, choice, person, site, record, records or
            row, which is the reference of a row of any register.
        field: the model field.
        words: header words under which files carry it, normalized, the likeliest first.
        creates: for records, the values beside its name with which a missing one may be created; None where a name isn't enough.
        custom: the definition, where it is a custom field.
        creates_unasked: whether missing ones are created unless somebody says no.
        asked_with: fields that mean nothing without this one, see :class:`registers.columns.Column`.
        numbers_of: the text under whose header words files may carry these numbers.
        question: how it is asked for with these.
        second_words: words of other fields, which it takes where those are filled by another header.
        beside: whether it is kept beside the row, which has no such field.
        leads_to: by value the slug of the other register to which rows that hold it belong.
    """

    name: str
    label: str
    kind: str
    field: models.Field[Any, Any]
    words: tuple[str, ...] = ()
    creates: Mapping[str, Any] | None = None
    creates_unasked: bool = False
    custom: CustomField | None = None
    asked_with: tuple[str, ...] = ()
    numbers_of: str = ""
    question: Question | None = None
    second_words: tuple[str, ...] = ()
    beside: bool = False
    leads_to: Mapping[str, str] = of_dataclass(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The header words that an export may head its column with."""
        return tuple(dict.fromkeys(map(normalize_header, (self.name, self.label))))

    @property
    def required(self) -> bool:
        """Whether a row can't be without it."""
        return self.kind not in ("records", "reference") and not (
            self.field.blank or self.field.null or self.field.has_default()
        )

    @property
    def related(self) -> type[Record]:
        """The model that a record or records point to."""
        return self.field.related_model  # type: ignore[return-value]

    @property
    def sets_column(self) -> bool:
        """Whether it sets a column of the row itself.

        Links are rows of their own, and the reference only finds a row.
        """
        return self.kind not in ("records", "reference")

    @cached_property
    def choices(self) -> dict[str, str]:
        """Codes and labels of a choice; none where it is no choice."""
        return {str(code): str(label) for code, label in self.field.flatchoices if code not in ("", None)}  # type: ignore[attr-defined]

    def is_called(self, header: str) -> bool:
        """Return whether a header is one of its words."""
        return any(form in self.words for form in forms_of(header))

    def choice_words(self, also: Mapping[str, str]) -> ChoiceWords[str]:
        """Return every word by which a choice is known, with its code; ``also`` goes before all."""
        # What one choice is called in the register is no further word of another.
        known = {normalize_header(word) for pair in self.choices.items() for word in pair}
        further = [
            (code, word)
            for code, label in self.choices.items()
            for word in words_for(code, label)
            if normalize_header(word) not in known
        ]
        return choice_words(self.choices.items(), further, also=also)

    @property
    def expects(self) -> str:
        """In a few words, what a cell may hold."""
        if self.kind == "choice":
            return _("one of: %(labels)s") % {"labels": ", ".join(self.choices.values())}
        return str(_EXPECTS.get(self.kind, ""))


_EXPECTS = {
    "date": gettext_lazy("a date"),
    "datetime": gettext_lazy("a date, with or without a time"),
    "decimal": gettext_lazy("a number"),
    "integer": gettext_lazy("a whole number"),
    "boolean": gettext_lazy("yes or no"),
    "person": gettext_lazy("a member's mail address or name"),
    "site": gettext_lazy("a site's code or name"),
    "record": gettext_lazy("a reference, an id or the exact name"),
    "records": gettext_lazy("references or ids, separated by commas"),
    "row": gettext_lazy("the reference or the id of a row of any register"),
    "id": gettext_lazy("the row's id at its source"),
    "reference": gettext_lazy("as in an export of this register: updates that row"),
}


def targets_of(register: Register) -> dict[str, Target]:
    """Return all that an import can set in a register, by field, in the order of its columns."""
    columns = [column for column in register.bound.values() if column.is_importable and column.name != SOURCE_DATA]
    found = [target for column in columns if (target := _target(column, register))]
    found = list(_with_second_words(_with_synonyms(found), register))
    told = ((_target(BoundColumn(each.column, each.field), register), each.leads_to) for each in register.beside)
    found += [replace(target, beside=True, leads_to=leads_to) for target, leads_to in told if target]
    reference = register.bound[REFERENCE]
    assert reference.field is not None
    own = Target(REFERENCE, _("Reference in this register"), "reference", reference.field)
    return {target.name: target for target in (*found, own)}


def retired_targets(register: Register) -> dict[str, Target]:
    """Return the targets of custom fields that are retired.

    No import sets them any more, but earlier ones did.
    """
    retired = [definition for definition in definitions(register.slug) if definition.is_retired]
    return {each.key: target_of_custom(each) for each in retired}


def target_of_custom(definition: CustomField) -> Target:
    """Return the target of a custom field, whether it is in use or not."""
    kind = _kind(definition.key, definition.field) or "text"
    return Target(definition.key, definition.label, kind, definition.field, custom=definition)


def keeps_source_data(register: Register) -> bool:
    """Return whether the register's rows have a place for columns that no field takes."""
    return any(
        field.name == SOURCE_DATA and isinstance(field, models.TextField)
        for field in register.model._meta.concrete_fields
    )


def _with_synonyms(targets: Iterable[Target]) -> Iterator[Target]:
    """Yield the targets with words that mean the same as theirs, of which none is another's already."""
    found = list(targets)
    taken = {word for target in found for word in target.words}
    for target in found:
        further = tuple(word for word in dict.fromkeys(same_as(target.words)) if word not in taken)
        taken.update(further)
        yield replace(target, words=target.words + further) if further else target


def _with_second_words(targets: Iterable[Target], register: Register) -> Iterator[Target]:
    """Yield the targets with words of others that they take where these are filled by another header."""
    for target in targets:
        second = register.bound[target.name].column.second_words
        yield replace(target, second_words=tuple(map(normalize_header, second))) if second else target


def _target(column: BoundColumn, register: Register) -> Target | None:
    field = column.field
    assert field is not None
    kind = "row" if column.column.of_any_register else _kind(column.name, field)
    if kind is None:
        return None
    further = (*_ID_WORDS, *register.id_words) if column.name == EXTERNAL_ID else ()
    words = dict.fromkeys(
        normalize_header(word) for word in (column.name, column.label, *column.column.words, *further)
    )
    return Target(
        column.name,
        column.label,
        kind,
        field,
        tuple(words),
        _creates(column.column, kind, field),
        column.column.creates is not None,
        column.custom,
        column.column.asked_with,
        column.column.numbers_of,
        column.column.question,
    )


def _kind(name: str, field: models.Field[Any, Any]) -> str | None:
    if name == EXTERNAL_ID:
        return "id"
    if isinstance(field, models.ManyToManyField | models.ForeignKey):
        return _related_kind(field)
    if field.choices:
        return "choice"
    return next((kind for cls, kind in _KINDS if isinstance(field, cls)), None)


def _related_kind(field: models.Field[Any, Any]) -> str | None:
    related = field.related_model
    if not isinstance(related, type):
        return None
    if issubclass(related, Record):
        return "records" if isinstance(field, models.ManyToManyField) else "record"
    if isinstance(field, models.ManyToManyField):
        return None
    return {User: "person", Site: "site"}.get(related)


def _creates(column: Column, kind: str, field: models.Field[Any, Any]) -> Mapping[str, Any] | None:
    """Return values for missing records, where a name is all that such a record needs."""
    if kind not in ("record", "records"):
        return None
    related: Any = field.related_model
    values = column.creates or {}
    needed = {
        f.name
        for f in related._meta.concrete_fields
        if f.editable and not (f.blank or f.null or f.has_default() or f.primary_key)
    }
    return values if needed <= {related.title_field, *values} else None


def vocabulary(targets: Mapping[str, Target]) -> frozenset[str]:
    """Return every header word that some field is known by."""
    return frozenset(word for target in targets.values() for word in target.words)
