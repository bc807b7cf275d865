"""The scope that can't be forgotten: no write reaches, moves or points to another organization's row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import Error, transaction

from actions.models import Action
from clauses.models import Snapshot
from organizations.models import Organization, Site
from organizations.scope import (
    ForeignOrganization,
    NoOrganization,
    ScopedQuerySet,
    in_organization,
)
from registers.models import ReferenceCounter
from tests.organizations.conftest import Rows
from trail import history
from trail.models import Event


def titles(organization: Organization) -> list[str]:
    """What the organization's actions are called now."""
    with in_organization(organization):
        return list(Action.objects.values_list("title", flat=True))


def test_a_new_row_is_filed_under_the_current_organization(in_acme: Organization) -> None:
    assert Site.objects.create(code="S", name="South").organization == in_acme


def test_a_row_cannot_be_saved_outside_of_any_organization(db: None) -> None:
    with pytest.raises(NoOrganization):
        Site(code="S", name="South").save()


def test_a_row_cannot_be_made_for_another_organization(in_acme: Organization, other: Organization) -> None:
    with pytest.raises(ForeignOrganization):
        Site.objects.create(code="S", name="South", organization=other)


def test_a_foreign_row_that_was_loaded_cannot_be_saved(acme: Organization, other: Organization, theirs: Rows) -> None:
    theirs.action.title = "Taken over"
    with in_organization(acme), pytest.raises(ForeignOrganization):
        theirs.action.save()
    assert titles(other) == ["Calibrate at Other Valves"]


def test_a_foreign_row_cannot_be_taken_by_changing_its_organization(
    acme: Organization, other: Organization, theirs: Rows
) -> None:
    theirs.action.organization = acme
    theirs.action.site = None
    with in_organization(acme), pytest.raises(Error), transaction.atomic():
        theirs.action.save()
    assert titles(other) == ["Calibrate at Other Valves"]


def test_a_foreign_row_that_was_loaded_cannot_be_deleted(acme: Organization, other: Organization, theirs: Rows) -> None:
    with in_organization(other):
        spare = Site.objects.create(code="S", name="Spare")
    with in_organization(acme), pytest.raises(ForeignOrganization):
        spare.delete()
    with in_organization(other):
        assert Site.objects.filter(code="S").exists()


# --- Pointing to another organization's row ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reference", [lambda site: {"site": site}, lambda site: {"site_id": site.pk}], ids=["by object", "by id"]
)
def test_a_row_cannot_point_to_a_foreign_row(
    reference: Callable[[Site], dict[str, Any]], acme: Organization, theirs: Rows
) -> None:
    with in_organization(acme), pytest.raises(ForeignOrganization):
        Action(title="Borrowed", **reference(theirs.site)).save()


@pytest.mark.parametrize("value", [lambda site: site, lambda site: site.pk], ids=["by object", "by id"])
def test_an_update_cannot_point_rows_to_a_foreign_row(
    value: Callable[[Site], Any], acme: Organization, ours: Rows, theirs: Rows
) -> None:
    with in_organization(acme), pytest.raises(ForeignOrganization):
        ScopedQuerySet.update(
            Action.objects.all(), site=value(theirs.site)
        )  # a record's own queryset refuses updates at all


def test_a_row_cannot_point_to_a_row_that_is_not_there(in_acme: Organization) -> None:
    with pytest.raises(ForeignOrganization):
        Action(title="Lost", site_id=987_654).save()


# --- Many rows at once ------------------------------------------------------------------------------------------------


def test_bulk_create_files_rows_under_the_current_organization(in_acme: Organization) -> None:
    Site.objects.bulk_create([Site(code="A", name="A"), Site(code="B", name="B")])
    assert Site.objects.filter(organization=in_acme).count() == 2


def test_bulk_create_refuses_rows_of_another_organization(in_acme: Organization, other: Organization) -> None:
    with pytest.raises(ForeignOrganization):
        Site.objects.bulk_create([Site(code="A", name="A"), Site(code="B", name="B", organization=other)])
    assert not Site.objects.exists()


def test_bulk_create_refuses_references_to_foreign_rows(acme: Organization, theirs: Rows) -> None:
    with in_organization(acme), pytest.raises(ForeignOrganization):
        history.bulk_create(Action, [Action(reference="ACT-0009", title="Borrowed", site_id=theirs.site.pk)])


def test_bulk_create_cannot_overwrite_a_foreign_row_on_conflict(
    acme: Organization, other: Organization, theirs: Rows
) -> None:
    row = Site(pk=theirs.site.pk, code="X", name="Overwritten")
    with in_organization(acme), pytest.raises(ForeignOrganization):
        Site.objects.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["name"])
    with in_organization(other):
        assert Site.objects.get().name == "Other Valves North"


def test_bulk_update_refuses_foreign_rows(acme: Organization, theirs: Rows) -> None:
    with in_organization(acme), pytest.raises(ForeignOrganization):
        Site.objects.bulk_update([theirs.site], ["name"])


def test_bulk_update_with_history_refuses_foreign_rows_and_writes_no_version(
    acme: Organization, other: Organization, theirs: Rows
) -> None:
    theirs.action.title = "Taken over"
    with in_organization(acme), pytest.raises(ForeignOrganization):
        history.bulk_update(Action, [theirs.action], ["title"])
    with in_organization(other):
        assert [version.title for version in Action.history.all()] == ["Calibrate at Other Valves"]


@pytest.mark.parametrize("name", ["organization", "organization_id"])
def test_an_update_cannot_move_rows_to_another_organization(
    name: str, in_acme: Organization, other: Organization
) -> None:
    Snapshot.objects.create(day=date(2026, 7, 1), evaluation={})
    with pytest.raises(ForeignOrganization):
        Snapshot.objects.update(**{name: other.pk})


def test_get_or_create_makes_the_row_in_the_current_organization(acme: Organization, other: Organization) -> None:
    for organization in (acme, other):
        with in_organization(organization):
            counter, made = ReferenceCounter.objects.get_or_create(prefix="ACT")
        assert (counter.organization, made) == (organization, True)


def test_references_are_counted_in_each_organization_by_itself(ours: Rows, theirs: Rows) -> None:
    assert (ours.action.reference, theirs.action.reference) == ("ACT-0001", "ACT-0001")


# --- History ----------------------------------------------------------------------------------------------------------


def test_a_version_cannot_be_written_for_a_foreign_row(acme: Organization, other: Organization, theirs: Rows) -> None:
    with in_organization(other):
        version = theirs.action.history.get()
    version.pk, version.title = None, "Forged"
    with in_organization(acme), pytest.raises(ForeignOrganization):
        version.save()


def test_an_event_is_filed_under_the_current_organization(in_acme: Organization, other: Organization) -> None:
    with pytest.raises(ForeignOrganization):
        Event.objects.create(verb="exported", organization=other)


def test_sql_by_hand_is_refused_on_scoped_models(in_acme: Organization) -> None:
    with pytest.raises(TypeError, match="isn't confined"):
        Action.objects.raw("SELECT * FROM actions_action")
