"""The scope that can't be forgotten: reading, on whatever way, shows the current organization's rows only."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from threading import Thread
from typing import Any

import django_filters
import pytest
from django import forms
from django.db.models import Count, Exists, F, OuterRef
from django.db.models.deletion import ProtectedError

from actions.filters import ActionFilter
from actions.models import Action, EffectivenessCheck
from organizations.models import Organization, Site, Targets
from organizations.scope import NoOrganization, current_organization, in_organization, outside_of_organizations
from registers.querysets import RecordQuerySet
from tests.organizations.conftest import Rows
from trail.models import Event, record_event

BUILT_AT_IMPORT = Action.objects.filter(title__startswith="Calibrate")


class SiteForm(forms.Form):
    """Declared at import, as all forms are."""

    site = forms.ModelChoiceField(queryset=Site.objects.all())


class SiteFilter(django_filters.FilterSet):
    """Declared at import, as all filtersets are."""

    site = django_filters.ModelChoiceFilter(queryset=Site.objects.all())


# --- Reading ----------------------------------------------------------------------------------------------------------


def test_a_query_sees_the_current_organization_only(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        assert list(Action.objects.all()) == [ours.action]


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(Action.objects.all()),
        lambda: Action.objects.count(),
        lambda: Action.objects.filter(pk=1).exists(),
        lambda: Action.objects.aggregate(number=Count("pk")),
        lambda: Action.objects.in_bulk([1]),
        lambda: list(Action.objects.values_list("pk").iterator()),
        lambda: Action._base_manager.get(pk=1),
        lambda: list(Action.history.all()),
        lambda: list(Action.history.model._base_manager.all()),
        lambda: list(Event.objects.all()),
        lambda: Targets.objects.count(),
        lambda: list(SiteForm().fields["site"].queryset),
    ],
)
def test_a_query_outside_of_any_organization_raises(read: Callable[[], Any], ours: Rows) -> None:
    with pytest.raises(NoOrganization):
        read()


def test_a_queryset_built_at_import_is_confined_when_it_runs(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    with in_organization(acme):
        assert [row.pk for row in BUILT_AT_IMPORT.all()] == [ours.action.pk]
    with in_organization(other):
        assert [row.pk for row in BUILT_AT_IMPORT.all()] == [theirs.action.pk]


def test_a_queryset_built_inside_one_organization_is_confined_to_where_it_runs(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    with in_organization(acme):
        rows = Action.objects.order_by("pk")
    with in_organization(other):
        assert list(rows) == [theirs.action]


def test_what_is_made_outside_while_inside_can_read_no_organizations_row(acme: Organization, ours: Rows) -> None:
    with in_organization(acme):
        with outside_of_organizations():
            actions = Action.objects.all()
            with pytest.raises(NoOrganization):
                list(actions)
            with pytest.raises(NoOrganization):
                current_organization()
        assert list(actions) == [ours.action]


def test_a_queryset_built_inside_raises_where_it_runs_outside(acme: Organization, ours: Rows) -> None:
    with in_organization(acme):
        rows = Action.objects.all()
    with pytest.raises(NoOrganization):
        list(rows)


def test_combined_and_nested_queries_are_confined_in_every_part(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        union = Action.objects.values_list("title").union(Action.objects.values_list("title"), all=True)
        nested = Site.objects.annotate(used=Exists(Action.objects.filter(site=OuterRef("pk")))).filter(used=True)
        within = Action.objects.filter(site__in=Site.objects.all())
        assert (len(union), [site.pk for site in nested], within.count()) == (2, [ours.site.pk], 1)


def test_a_forward_key_to_another_organizations_row_finds_nothing(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme), pytest.raises(Site.DoesNotExist):
        Action(site_id=theirs.site.pk).site  # noqa: B018 - reading it is the point


def test_reloading_another_organizations_row_finds_nothing(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme), pytest.raises(Action.DoesNotExist):
        theirs.action.refresh_from_db()


def test_reloading_another_organizations_version_finds_nothing(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    with in_organization(other):
        version = theirs.action.history.get()
    with in_organization(acme), pytest.raises(Action.history.model.DoesNotExist):
        version.refresh_from_db()


def test_reverse_rows_of_another_organizations_row_are_not_shown(acme: Organization, theirs: Rows, people: Any) -> None:
    theirs.action.done_on = people.auditor.date_joined.date()
    with in_organization(theirs.action.organization):
        check = EffectivenessCheck(
            action=theirs.action,
            checked_on=theirs.action.done_on,
            verdict="effective",
            evidence="Log",
            checker=people.neighbour,
        )
        check.save()
        assert list(theirs.action.effectiveness_checks.all()) == [check]
    with in_organization(acme):
        assert list(theirs.action.effectiveness_checks.all()) == []


def test_history_of_a_row_is_confined(acme: Organization, other: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        assert [version.title for version in Action.history.all()] == [ours.action.title]
        assert list(theirs.action.history.all()) == []


def test_events_are_confined(acme: Organization, other: Organization) -> None:
    with in_organization(other):
        record_event("exported", "actions")
    with in_organization(acme):
        assert not Event.objects.exists()


def test_a_form_declared_at_import_offers_and_takes_own_rows_only(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        assert SiteForm({"site": ours.site.pk}).is_valid()
        assert not SiteForm({"site": theirs.site.pk}).is_valid()


def test_a_filterset_declared_at_import_offers_own_rows_only(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        assert list(SiteFilter({}, queryset=Action.objects.all()).form.fields["site"].queryset) == [ours.site]
        assert not ActionFilter({"site": theirs.site.pk}, queryset=Action.objects.all()).is_valid()


# --- Where the scope begins and ends ----------------------------------------------------------------------------------


def test_an_inner_scope_gives_the_outer_one_back(acme: Organization, other: Organization) -> None:
    with in_organization(acme):
        with in_organization(other):
            assert current_organization() == other
        assert current_organization() == acme


def test_an_exception_ends_the_scope(acme: Organization) -> None:
    with pytest.raises(ZeroDivisionError), in_organization(acme):
        _ = 1 / 0
    with pytest.raises(NoOrganization):
        current_organization()


def test_a_new_thread_is_in_no_organization(in_acme: Organization) -> None:
    seen: list[Any] = []

    def look() -> None:
        try:
            seen.append(current_organization())
        except NoOrganization as error:
            seen.append(error)

    thread = Thread(target=look)
    thread.start()
    thread.join()
    assert isinstance(seen[0], NoOrganization)


def test_a_thread_that_is_given_the_context_is_in_its_organization(in_acme: Organization) -> None:
    seen: list[Organization] = []
    thread = Thread(target=copy_context().run, args=(lambda: seen.append(current_organization()),))
    thread.start()
    thread.join()
    assert seen == [in_acme]


def test_rows_read_after_the_scope_ended_raise_instead_of_leaking(acme: Organization, ours: Rows) -> None:
    """What a streaming response does that reads while it is sent, after the middleware left the organization."""
    with in_organization(acme):
        stream = (row.title for row in Action.objects.iterator())
    with pytest.raises(NoOrganization):
        next(stream)


def test_deleting_is_confined(acme: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        assert Site.objects.filter(pk=theirs.site.pk).delete() == (0, {})
        with pytest.raises(ProtectedError):
            Site.objects.filter(pk=ours.site.pk).delete()


def test_updating_is_confined(acme: Organization, other: Organization, ours: Rows, theirs: Rows) -> None:
    with in_organization(acme):
        assert Site.objects.update(name=F("code")) == 1
    with in_organization(other):
        assert Site.objects.get().name == theirs.site.name


def test_every_question_of_a_register_is_asked_through_a_confined_manager(in_acme: Organization) -> None:
    assert isinstance(Action.objects.current(), RecordQuerySet)
    assert str(Action.objects.current().query).count("organization_id") >= 1
