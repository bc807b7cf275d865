"""The declaration of a register, and the registry of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import models
from django.forms import ModelForm
from django.urls import get_script_prefix
from django.views import View

from organizations.links import organization_url
from organizations.scope import cached_in_scope, is_entered
from registers.beside import Beside, FoundBeside
from registers.columns import BoundColumn, Column, Text, model_field
from registers.custom_fields.models import FURTHER, CustomField, fields_of
from registers.custom_fields.querysets import with_custom_fields
from registers.forms import RecordForm
from registers.indexes import indexes_of
from registers.lists.filters import RegisterFilterSet
from registers.models import Record
from registers.questionnaire import Questionnaire
from spreadsheets.table import Table

#: Stands for any reference.
_ANY = "REFERENCE"


@dataclass(frozen=True)
class Child:
    """Rows that belong to a record and are kept on its page.

    A risk's assessments, a requirement's checks.

    Attributes:
        name: last part of the address, ``assessments``.
        title: heading.
        related_name: the record's attribute that gives the rows, newest first.
        columns: what is shown of each.
        form: a ``ModelForm`` that adds one; None where the rows are a register of their own, see ``register``.
        parent_field: the row's foreign key to the record.
        register: slug of the register that holds the rows.
        add_label: words of the link that adds one.
        empty: what to say where there is none.
    """

    name: str
    title: Text
    related_name: str
    columns: tuple[Column, ...]
    parent_field: str
    add_label: Text
    empty: Text
    form: type[ModelForm] | None = None
    register: str = ""
    model: type[models.Model] | None = None


@dataclass(frozen=True)
class Register:
    """What makes a model a register: the declaration that lists, forms and exports read.

    Adding a register takes this declaration, a form and a filterset.

    Attributes:
        slug: its part of the address, and its name on the command line.
        sub_clause: ``a``, ``b``, ``c`` of clause 5.1.2, or empty for what serves all three.
        description: a sentence that says what belongs here and which verb of the clause it answers.
        columns: in the order of lists and exports.
        search: fields that the search box looks into.
        links: many-to-many fields shown as the record's trace.
        status: name of the choice column that is the record's status.
        file_words: what files of such rows are called, or a part of it.
        id_words: headings under which spreadsheets carry the ids of such rows, besides "id" and the like.
        views: own view classes in place of the shared ones, by name: list, create, edit, detail…
        beside: what its files may tell beside rows, as assessments.
        found_beside: how its rows stand beside those of other registers' sheets, if they do.
        recognises: finds columns of a table for fields by more than their names: field → header, empty where none shall fill it; told
            the fields of which somebody said what fills them.
        questionnaire: where it keeps answers, if its files may hold one row a person and one question a column.
        annotate: gives all its records with what columns need that the table doesn't hold as it is.
    """

    model: type[Record]
    form: type[RecordForm]
    filterset: type[RegisterFilterSet]
    slug: str
    title: Text
    singular: Text
    new_label: Text
    description: Text
    columns: tuple[Column, ...]
    sub_clause: str = ""
    ordering: str = "-id"
    search: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    status: str = ""
    file_words: tuple[str, ...] = ()
    id_words: tuple[str, ...] = ()
    views: Mapping[str, type[View]] = field(default_factory=dict)
    annotate: Callable[[], Any] | None = None
    beside: tuple[Beside, ...] = ()
    found_beside: FoundBeside | None = None
    recognises: Callable[[Table, Collection[str]], Mapping[str, str]] | None = None
    questionnaire: Questionnaire | None = None
    in_navigation: bool = True

    def __post_init__(self) -> None:
        self.model.register_slug, self.model.register = self.slug, self

    @property
    def bound(self) -> dict[str, BoundColumn]:
        """The columns by name, each with its field.

        The reference comes first; external id, site, tags and archive come last. Those that the current organization
        added stand behind the declared ones: one query until it is left.
        """
        return cached_in_scope((CustomField, self.slug), self._bound) if is_entered() else self._bound()

    def _bound(self) -> dict[str, BoundColumn]:
        custom = [_custom_column(definition) for definition in fields_of(self.slug)]
        return {column.name: column for column in (*self._declared, *custom, *self._tail)}

    @cached_property
    def _declared(self) -> tuple[BoundColumn, ...]:
        return self._bind(Column("reference", importable=False), *self.columns)

    @cached_property
    def _tail(self) -> tuple[BoundColumn, ...]:
        return self._bind(*_TAIL)

    def _bind(self, *columns: Column) -> tuple[BoundColumn, ...]:
        return tuple(BoundColumn(column, model_field(self.model, column.name)) for column in columns)

    @property
    def shown(self) -> list[BoundColumn]:
        """The columns that lists show."""
        return [column for column in self.bound.values() if column.column.shown]

    @property
    def sub_clauses(self) -> frozenset[str]:
        """The sub-clauses it serves; none: all three.

        Its own, and those whose statements look at its rows.
        """
        return frozenset(self.sub_clause) | registry.served(self.slug) if self.sub_clause else frozenset()

    def rows(self) -> Any:
        """Return the register's records that the access of whoever asks reaches."""
        return self.model.objects.visible()  # type: ignore[attr-defined]

    def records(self, columns: Iterable[BoundColumn] | None = None) -> Any:
        """Return the register's records (:meth:`rows`) with what columns show fetched along.

        It takes a number of queries that doesn't grow with the rows.

        Args:
            columns: those that will be looked at; all unless given.
        """
        shown = list(self.bound.values() if columns is None else columns)
        keys = [c.name for c in shown if c.kind in ("person", "record", "site") and not c.custom]
        links = [c.name for c in shown if c.kind == "records"]
        rows = self.annotated().visible().prefetch_related(*links)
        return rows.select_related(*keys) if keys else rows

    def annotated(self) -> Any:
        """Return all of the register's records, whoever asks, with what its columns need.

        That is what the table doesn't hold as it is: annotations of the register, values of custom fields.
        """
        return with_custom_fields(self.slug, self.annotate() if self.annotate else self.model.objects.all())

    def url(self, name: str, *args: str) -> str:
        """Return the address of one of the register's pages in the current organization."""
        return organization_url(f"{self.slug}-{name}", *args)

    def url_of(self, reference: str) -> str:
        """Return the address of a record's page.

        Only the first one is looked up; of all others only the reference differs.
        """
        # The prefix is part of the key: inside a look at the past, addresses begin with its moment.
        before, after = cached_in_scope(
            (Register, self.slug, get_script_prefix()), lambda: self.url("detail", _ANY).rsplit(_ANY, 1)
        )
        return f"{before}{reference}{after}"


_TAIL = (
    Column(
        "external_id",
        shown=False,
        group="",
        words=("id", "external id", "nr", "no", "number", "nummer", "ref", "key", "schlüssel", "kennung"),
    ),
    Column("site", shown=False, words=("standort", "werk", "location", "plant")),
    Column("tags", shown=False, words=("tag", "labels", "keywords", "schlagworte", "schlagwörter", "stichworte")),
    Column("archived_at", shown=False, importable=False),
    Column("archive_reason", shown=False, importable=False),
)


def _custom_column(definition: CustomField) -> BoundColumn:
    column = Column(
        definition.key,
        label=definition.label,
        shown=definition.shown,
        group=FURTHER,
        path=definition.key,
        sort=definition.sort,
    )
    return BoundColumn(column, definition.field, definition)


class Registry:
    """All registers, in the order in which they were added."""

    def __init__(self) -> None:
        self._registers: dict[str, Register] = {}
        self._served: dict[str, set[str]] = defaultdict(set)

    def add(self, register: Register) -> Register:
        """Add a register, and to its model the indexes that its lists need.

        Raises:
            ValueError: another one has its slug or its references' prefix.
        """
        if register.slug in self._registers or any(r.model.prefix == register.model.prefix for r in self):
            raise ValueError(f"A register with slug {register.slug} or prefix {register.model.prefix} exists.")
        self._registers[register.slug] = register
        options = register.model._meta
        named = (register.ordering.removeprefix("-"), register.model.title_field)
        # On the model's own options, so that migrations write these indexes like any other.
        options.indexes = [*options.indexes, *indexes_of(register.model, named, register.filterset.Meta.fields)]
        return register

    def serve(self, slug: str, letter: str) -> None:
        """Say that statements of a sub-clause look at rows of a register.

        The register need not have been added yet.
        """
        self._served[slug].add(letter)

    def served(self, slug: str) -> frozenset[str]:
        """Return the sub-clauses whose statements look at rows of a register."""
        return frozenset(self._served[slug])

    def __iter__(self) -> Iterator[Register]:
        return iter(self._registers.values())

    def __getitem__(self, slug: str) -> Register:
        return self._registers[slug]

    def get(self, slug: str) -> Register | None:
        """Return the register of a slug, or None."""
        return self._registers.get(slug)

    def of(self, model: type[models.Model]) -> Register:
        """Return the register that holds a model."""
        return next(register for register in self if register.model is model)

    def of_reference(self, reference: str) -> Register | None:
        """Return the register whose references begin like this one, or None."""
        prefix = reference.partition("-")[0].upper()
        return next((register for register in self if register.model.prefix == prefix), None)

    def find(self, reference: str) -> Record | None:
        """Return the visible record with a reference, whatever its register, or None."""
        register = self.of_reference(reference)
        return register.rows().filter(reference=reference.upper()).first() if register else None

    def slugs(self) -> Iterable[str]:
        """Return every register's slug."""
        return self._registers.keys()


registry = Registry()
