"""Making the tables of an app's first migration together.

For each model that is added, Django renders anew every model that is related to it, and here all of them are, which is
two thirds of what migrating an empty database takes. The models of a first migration need nothing of each other but to
be there, so they are added to the state first, and it is rendered once.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField, CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import ManyToManyField


class Together(Operation):
    """Operations that work on the state in which all of them have happened."""

    def __init__(self, operations: list[Operation]) -> None:
        self.operations = operations

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Add everything to a state whose models aren't rendered; they are when it is next asked for them."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Make all tables, in order; a field that is added finds its model only in the state that has them all."""
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, to_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Remove all tables, the last one first."""
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """All of them, as ``sqlmigrate`` shows them."""
        return "; ".join(operation.describe() for operation in self.operations)


def together(operations: Iterable[Operation]) -> list[Operation]:
    """The operations of a first migration, as ``makemigrations`` wrote them, with those that can be put together."""
    return [
        each
        for can_be, run in groupby(operations, _makes_a_table_or_nothing)
        for each in ([Together(list(run))] if can_be else run)
    ]


def _makes_a_table_or_nothing(operation: Operation) -> bool:
    """Whether the database gets a new table of it, or nothing, as of relations through a table that is made by itself."""
    if isinstance(operation, AddField):
        return isinstance(operation.field, ManyToManyField) and operation.field.remote_field.through is not None
    return isinstance(operation, CreateModel)
