"""The organization every query runs in.

A scoped model's manager adds ``organization_id = <current>`` when its SQL is compiled, so a query that was built
outside of any organization (a form field's queryset at import time) is still limited when it runs, and one that runs
where no organization was entered raises instead of returning everybody's rows. See ``docs/decisions/0001-scope.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from organizations.models import Organization

_current: ContextVar[Organization | None] = ContextVar("organization", default=None)
#: What was read once since the organization was entered; see :func:`cached_in_scope`.
_read: ContextVar[dict[Hashable, Any]] = ContextVar("read")

Value = TypeVar("Value")


class NoOrganization(ImproperlyConfigured):
    """A scoped query ran, or a scoped row was saved, where no organization had been entered."""


class ForeignOrganization(ValueError):
    """A row of one organization was written, or pointed to, from inside another."""


def current_organization() -> Organization:
    """Return the organization that was entered.

    Raises:
        NoOrganization: outside of :func:`in_organization`.
    """
    organization = _current.get()
    if organization is None:
        raise NoOrganization("No organization has been entered: use `with in_organization(organization):`.")
    return organization


def is_entered() -> bool:
    """Return whether an organization was entered."""
    return _current.get() is not None


@contextmanager
def in_organization(organization: Organization) -> Iterator[Organization]:
    """Limit every scoped query and write inside the block to one organization."""
    token, read = _current.set(organization), _read.set({})
    _tell_database()
    try:
        yield organization
    finally:
        _read.reset(read)
        _current.reset(token)
        _tell_database()


@contextmanager
def outside_of_organizations() -> Iterator[None]:
    """Confine the block to what belongs to none: what is made in it serves every organization, as reading a row of one raises."""
    token = _current.set(None)
    try:
        yield
    finally:
        _current.reset(token)


def cached_in_scope(key: Hashable, read: Callable[[], Value]) -> Value:
    """Return what ``read`` gives, called once inside the innermost :func:`in_organization`.

    That is once a request, a task or a look at the past. It is for settings of an organization that every page needs
    and hardly anybody changes. Whoever changes one calls :func:`invalidate`.

    Args:
        key: text, or a tuple that begins with the key of what it was made of.
        read: reads the value.

    Raises:
        NoOrganization: outside of any organization.
    """
    current_organization()
    kept = _read.get()
    if key not in kept:
        kept[key] = read()
    return kept[key]  # type: ignore[no-any-return]


def invalidate(key: Hashable) -> None:
    """Have :func:`cached_in_scope` read again.

    What was made of it is read again too: keys that are tuples beginning with this one.
    """
    kept = _read.get({})
    for each in [each for each in kept if each == key or (isinstance(each, tuple) and each[0] == key)]:
        del kept[each]


def _tell_database() -> None:
    """Set what PostgreSQL's row-level-security policies compare with."""
    # A connection that isn't open yet is told when it opens (organizations.rls.tell_new_connection).
    if connection.vendor != "postgresql" or connection.connection is None:
        return
    if connection.in_atomic_block and connection.needs_rollback:
        return  # nothing can run until the rollback, which also undoes the setting
    try:
        tell_connection(connection)
    except Error:
        # A transaction that failed undoes the setting by its rollback. Anything else leaves a connection that can't be
        # trusted to hold the right one.
        if not connection.in_atomic_block:
            connection.close()


def tell_connection(wrapper: BaseDatabaseWrapper) -> None:
    """Give a PostgreSQL session the current organization; without one it sees no scoped row."""
    organization = _current.get()
    # For the session (false), not one transaction: most of what runs in an organization is many of them.
    with wrapper.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('customerfocus.organization', %s, false)", [str(organization.pk) if organization else ""]
        )


class OrganizationKey(int):
    """The current organization's id as a parameter of SQL, known from other numbers by type."""


class CurrentOrganization(Expression):
    """The current organization's id, read when SQL is compiled, not when a query is built."""

    output_field: ClassVar[models.Field] = models.BigIntegerField()

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:  # type: ignore[override]
        return "%s", (OrganizationKey(current_organization().pk),)


class ScopedQuerySet(models.QuerySet):
    """A queryset of one organization's rows."""

    def update(self, **values: Any) -> int:
        """Update rows of the current organization.

        Raises:
            ForeignOrganization: it would move rows to another organization, or point them to its rows.
        """
        if {"organization", "organization_id"} & values.keys():
            raise ForeignOrganization(f"{self.model._meta.label}: a row stays in its organization.")
        check_values(self.model, values)
        return super().update(**values)

    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Insert rows, but refuse those of another organization.

        Django's ``bulk_create`` doesn't pass through ``save``, which refuses them otherwise.

        Raises:
            ForeignOrganization: a row is, or points to, another organization's.
        """
        if kwargs.get("update_conflicts") and "organization" not in kwargs.get("unique_fields", ()):
            raise ForeignOrganization(
                f"{self.model._meta.label}: rows to be updated on conflict are known by their organization too."
            )
        objs = list(objs)
        for row in objs:
            row.claim()
        check_references(self.model, objs)
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs: Any, *args: Any, **kwargs: Any) -> int:
        """Update rows, but refuse those of another organization, and references to its rows.

        Raises:
            ForeignOrganization: a row is, or points to, another organization's.
        """
        objs = list(objs)
        for row in objs:
            row.claim()
        check_references(self.model, objs)
        return super().bulk_update(objs, *args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Refuse: nothing limits SQL that is written by hand to the organization."""
        raise TypeError(f"{self.model.__name__}.objects.raw() isn't confined to the current organization.")


class ScopedManager(models.Manager.from_queryset(ScopedQuerySet)):  # type: ignore[misc]
    """The default *and* base manager of scoped models.

    As both, it limits forward keys and reloads as well.
    """

    use_in_migrations = False

    def get_queryset(self) -> models.QuerySet:
        return _confined(self._queryset_class, self.model, self._db).all()


@cache
def _confined(queryset: type[models.QuerySet], model: type[models.Model], using: str | None) -> models.QuerySet:
    """Return a model's rows of the current organization, whichever that is when they are read.

    Every query begins with a copy of it.
    """
    return queryset(model=model, using=using).filter(organization_id=CurrentOrganization())


class Scoped(models.Model):
    """A row that belongs to one organization.

    ``save`` files it under the current organization and refuses rows, and references to rows, of another one.
    """

    #: For rows that are never changed and have no history: the field that says when each came about, so that whoever looks
    #: at a past moment sees only those that were there (:mod:`trail.time_travel.travel`).
    as_of_field: ClassVar[str] = ""

    organization = models.ForeignKey(
        "organizations.Organization", on_delete=models.PROTECT, related_name="+", editable=False
    )

    objects = ScopedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def claim(self) -> None:
        """File the row under the current organization.

        Raises:
            NoOrganization: none was entered.
            ForeignOrganization: the row is another organization's.
        """
        current = current_organization()
        if self.organization_id is None:
            self.organization = current
        elif self.organization_id != current.pk:
            raise ForeignOrganization(
                f"{self._meta.label} {self.pk} belongs to another organization than the current one."
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.claim()
        check_references(type(self), [self])
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.claim()
        return super().delete(*args, **kwargs)


@cache
def scoped_keys(model: type[models.Model]) -> list[models.ForeignKey]:
    """Return the foreign keys of a model that point to scoped rows."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
        and isinstance(field.related_model, type)
        and issubclass(field.related_model, Scoped)
    ]


def check_references(model: type[models.Model], rows: list[Any]) -> None:
    """Refuse rows that point to rows of another organization.

    It costs one query a key, and none for loaded objects.

    Raises:
        ForeignOrganization: a key points to a row that isn't the current organization's.
    """
    for field in scoped_keys(model):
        targets = [field.get_cached_value(row, default=None) for row in rows]
        _check_loaded(field, targets)
        _check_keys(
            field, {getattr(row, field.attname) for row, target in zip(rows, targets, strict=True) if target is None}
        )


def check_values(model: type[models.Model], values: dict[str, Any]) -> None:
    """Refuse values of an update that point to rows of another organization.

    Expressions aren't looked into: they are the caller's to answer for.

    Raises:
        ForeignOrganization: see :func:`check_references`.
    """
    for field in scoped_keys(model):
        for value in (values[name] for name in (field.name, field.attname) if name in values):
            if isinstance(value, Scoped):
                _check_loaded(field, [value])
            elif not hasattr(value, "resolve_expression"):
                _check_keys(field, {value})


def _check_loaded(field: models.ForeignKey, targets: list[Any]) -> None:
    organization_id = current_organization().pk
    if any(target is not None and target.organization_id != organization_id for target in targets):
        raise ForeignOrganization(f"{field.model._meta.label}.{field.name} points to a row of another organization.")


def _check_keys(field: models.ForeignKey, keys: set[Any]) -> None:
    keys = keys - {None}
    if missing := keys - _existing(field.related_model, keys):
        raise ForeignOrganization(
            f"{field.model._meta.label}.{field.name} points to rows this organization doesn't have: {sorted(missing)[:5]}"
        )


def _existing(model: Any, keys: set[Any]) -> set[Any]:
    found: set[Any] = set()
    ordered = sorted(keys)
    for start in range(0, len(ordered), 500):  # some databases take no more than 999 values a statement
        found.update(model.objects.filter(pk__in=ordered[start : start + 500]).values_list("pk", flat=True))
    return found
