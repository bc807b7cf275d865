"""What holds for every model, also for those that are still to be written."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils.functional import Promise

from organizations.rls import is_scoped
from organizations.scope import Scoped, ScopedManager, scoped_keys
from registers.models import Record
from registers.register import registry
from trail.models import Link, Tracked
from trail.time_travel.shadow_tables import tables

OURS = {
    "organizations",
    "trail",
    "registers",
    "imports",
    "comments",
    "clauses",
    "actions",
    "requirements_registry",
    "risks",
    "feedback",
    "reviews",
    "evidence",
    "audits",
    "packs",
}
MODELS = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in OURS]
SCOPED = [model for model in MODELS if issubclass(model, Scoped)]
#: Models whose rows aren't confined to an organization, each with the reason.
UNSCOPED = {
    "User": "a person may be a member of several organizations",
    "Organization": "is what rows are confined to",
    "Membership": "decides which organization may be entered, so it is read before one is",
    "Invitation": "is opened by somebody who isn't a member yet",
    "LogInAttempt": "is of somebody who isn't anywhere yet",
    "SecurityEvent": "tells of the whole installation, to who operates it",
    "Position": "is counted after the commit, when the scope may be over",
    "User_groups": "Django's own, not used",
    "User_user_permissions": "Django's own, not used",
    "HistoricalOrganization": "follows organizations",
    "HistoricalMembership": "follows memberships",
}
#: Scoped models whose versions aren't kept, each with the reason.
UNTRACKED = {
    "Site": "registered by the trail, to whose right it stands",
    "Targets": "registered by the trail, to whose right it stands",
    "Event": "is itself what happened",
    "Mail": "its sending is progress; what it tells has its history",
    "Leaf": "is written once, and every seal behind it signs it",
    "Seal": "is written once and signed",
    "ReferenceCounter": "the references it gave out are in the rows' own histories",
    "Mention": "whom a comment mentions is in the comment; that it was seen is progress",
    "Watch": "is a person's wish to get mails, no record",
    "WatchersTold": "is how far mails have been sent",
    "Snapshot": "is kept as it was and never changed",
    "EvidencePack": "its steps are progress; what people do to it are events",
    "PackPart": "is work under way, gone when its pack is there",
    "ImportJob": "its steps are progress; what it writes has its history",
    "BulkEdit": "its steps are progress; what it writes has its history",
    "SavedView": "is a way of looking at rows; who shares one leaves an event",
    "SavedMapping": "is a convenience: each import says which mapping it used",
}
#: Scoped models whose rows are today's whatever moment is looked at, each with the reason.
ALWAYS_PRESENT = {
    "ReferenceCounter": "is asked only when something is written",
    "EvidencePack": "packs are built and kept in the present; each says its own moment",
    "ImportJob": "imports are work of the present",
    "Mention": "waits for a person of the present",
    "Watch": "is about mails of the present",
    "WatchersTold": "is about mails of the present",
    "BulkEdit": "is work of the present",
    "SavedView": "is a way of looking at rows, of whatever moment",
    "SavedMapping": "serves imports, which are work of the present",
    "Leaf": "is a place in the tree that proves what it is about, whenever that is looked at",
    "Mail": "is sent in the present",
    "Seal": "proves what lies before it, whenever that is looked at",
    "PackPart": "is work of the present",
}
#: Fields of forms that take their names from the model when the form is made.
NAMED_WHEN_MADE = {"likelihood", "consequence"}
FORMS = [
    *(register.form for register in registry),
    *(child.form for register in registry for child in register.children if child.form),
]


def names(found: Any) -> set[str]:
    return {model.__name__ for model in found}


def test_every_model_is_confined_to_an_organization_or_says_why_not() -> None:
    assert names(model for model in MODELS if not is_scoped(model)) == UNSCOPED.keys()


def test_every_scoped_model_keeps_a_history_or_says_why_not() -> None:
    assert names(model for model in SCOPED if not issubclass(model, Tracked)) == UNTRACKED.keys()


def test_every_scoped_model_can_be_seen_as_of_a_moment_or_says_why_not() -> None:
    assert names(model for model in SCOPED if model._meta.db_table not in tables()) == ALWAYS_PRESENT.keys()


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_every_way_to_a_scoped_row_goes_through_a_confined_manager(model: Any) -> None:
    assert isinstance(model._base_manager, ScopedManager)
    assert isinstance(model._default_manager, ScopedManager)
    assert all(isinstance(manager, ScopedManager) for manager in model._meta.managers)


@pytest.mark.parametrize(
    "model",
    [model for model in MODELS if hasattr(model, "history") and is_scoped(model)],
    ids=lambda model: model.__name__,
)
def test_every_history_of_scoped_rows_is_confined(model: Any) -> None:
    assert is_scoped(model.history.model)
    assert isinstance(model.history.model._base_manager, ScopedManager)


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_no_row_that_is_not_confined_leads_to_scoped_rows(model: Any) -> None:
    """``user.requirement_set`` would be rows of every organization, and so would ``User.objects.filter(requirement__…)``."""
    keys = [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and not issubclass(field.related_model, Scoped)
    ]
    assert [field.name for field in keys if not field.remote_field.hidden] == []


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_removing_a_row_removes_no_other(model: Any) -> None:
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    assert [field.name for field in keys if field.remote_field.on_delete is not models.PROTECT] == []


@pytest.mark.parametrize("model", SCOPED, ids=lambda model: model.__name__)
def test_many_to_many_links_are_rows_with_a_history(model: Any) -> None:
    for field in model._meta.many_to_many:
        through = field.remote_field.through
        assert issubclass(through, Link), field
        ends = {key.name for key in scoped_keys(through)}
        assert len(ends) == 2, field
        assert any(
            ends <= set(constraint.fields)
            for constraint in through._meta.constraints
            if isinstance(constraint, models.UniqueConstraint)
        ), field


def test_every_record_is_in_a_register() -> None:
    assert {model for model in MODELS if issubclass(model, Record)} == {register.model for register in registry}


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_every_column_of_a_register_is_there(register: Any) -> None:
    for column in register.bound.values():
        assert column.field is not None or hasattr(register.model, column.name) or column.column.kind or column.path, (
            column.name
        )


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_field_of_a_form_has_a_name_that_can_be_translated(form: Any) -> None:
    fields = {
        name: field
        for name, field in form.base_fields.items()
        if not field.widget.is_hidden and name not in NAMED_WHEN_MADE
    }
    assert [name for name, field in fields.items() if not isinstance(field.label, Promise)] == []
    assert [
        name for name, field in fields.items() if field.help_text and not isinstance(field.help_text, Promise)
    ] == []


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_every_word_of_a_register_can_be_translated(register: Any) -> None:
    said = [register.title, register.singular, register.new_label, register.description]
    said += [text for child in register.children for text in (child.title, child.add_label, child.empty)]
    said += [text for column in register.bound.values() for text in (column.column.label, column.column.group) if text]
    said += [label for field in register.model._meta.concrete_fields for _value, label in field.flatchoices]
    assert [text for text in said if not isinstance(text, Promise)] == []


def test_every_change_of_a_model_has_its_migration() -> None:
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    assert detector.changes(graph=loader.graph) == {}
