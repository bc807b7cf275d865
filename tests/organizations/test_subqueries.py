"""Subqueries, counts and values of rows that are written once: in every organization, and wherever they are put, they find what others find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.test.utils import CaptureQueriesContext

from actions.models import Action
from organizations import clock
from organizations.models import Organization, Site
from organizations.scope import NoOrganization, in_organization
from organizations.subqueries import KeptCounts, KeptExists, KeptRows, KeptSubquery
from tests.organizations.conftest import Rows

ACTIONS = Action.objects.filter(site=OuterRef("pk")).order_by("pk")
KEPT = Site.objects.annotate(used=KeptExists(ACTIONS), title=KeptSubquery(ACTIONS.values("title")[:1]))
WRITTEN_ANEW = Site.objects.annotate(used=Exists(ACTIONS), title=Subquery(ACTIONS.values("title")[:1]))

Ask = Callable[[QuerySet], Any]


def test_each_organization_finds_its_own_rows(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    for _ in range(2):
        for organization, rows in ((acme, ours), (other, theirs)):
            with in_organization(organization):
                (site,) = KEPT.all()
                assert (site.pk, site.used, site.title) == (rows.site.pk, True, rows.action.title)


def test_what_is_written_is_confined_by_itself(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    """Not by the rows it stands beside: each subquery names the organization that is asked."""
    for organization in (other, acme):
        with in_organization(organization), CaptureQueriesContext(connection) as captured:
            list(KEPT.all())
        (asked,) = captured
        assert asked["sql"].count(f'"organization_id" = ({organization.pk})') == 3


def test_outside_of_any_organization_it_raises(acme: Organization, ours: Rows) -> None:
    with in_organization(acme):
        list(KEPT.all())
    with pytest.raises(NoOrganization):
        list(KEPT.all())


@pytest.mark.parametrize(
    "ask",
    [
        lambda sites: list(sites.values_list("pk", "used", "title")),
        lambda sites: list(sites.filter(used=True).order_by("-title").values_list("title")),
        lambda sites: sites.filter(title__startswith="Calibrate").count(),
        lambda sites: list(Action.objects.filter(site__in=sites.filter(used=True).values("pk")).values_list("pk")),
        lambda sites: list(Site.objects.filter(pk__in=sites.filter(title__contains="Acme")).values_list("pk")),
        lambda sites: list(sites.order_by().values("used").union(sites.order_by().values("used"), all=True)),
        lambda sites: list(sites.exclude(used=True)),
        lambda sites: list(sites.none()),
    ],
)
def test_in_every_place_it_finds_what_one_written_anew_finds(
    acme: Organization, ours: Rows, theirs: Rows, ask: Ask
) -> None:
    with in_organization(acme):
        list(KEPT.all())
        Site.objects.create(code="S", name="Unused")
        assert ask(KEPT.all()) == ask(WRITTEN_ANEW.all())
        assert ask(KEPT.all()) == ask(WRITTEN_ANEW.all())


def test_one_that_can_find_nothing_finds_nothing(acme: Organization, ours: Rows) -> None:
    nothing = Site.objects.annotate(used=KeptExists(ACTIONS.filter(pk__in=[])))
    with in_organization(acme):
        assert [[site.used for site in nothing.all()] for _ in range(2)] == [[False], [False]]


def test_it_is_written_once(acme: Organization, ours: Rows, monkeypatch: pytest.MonkeyPatch) -> None:
    sites = Site.objects.annotate(used=KeptExists(ACTIONS))
    with in_organization(acme):
        list(sites.all())
        monkeypatch.setattr(Subquery, "as_sql", lambda *_args, **_extra: pytest.fail("It was written again."))
        assert [site.used for site in sites.all()] == [True]


COUNTED = (
    Action.objects.all(),
    Action.objects.filter(title__contains="Acme", created_at__gt=clock.present() - timedelta(days=3)),
    Action.objects.filter(site__in=Site.objects.filter(code="N").values("pk")).order_by("-title"),
    Action.objects.filter(Q(site__code="N") | Q(site__name__contains="%")).distinct(),
    Site.objects.filter(Exists(ACTIONS)),
    Site.objects.alias(title=Subquery(ACTIONS.values("title")[:1])).exclude(title=None),
    Action.objects.none(),
    Action.objects.filter(pk__in=[]),
)


def test_counts_are_those_of_the_organization_that_asks(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    with in_organization(other):
        kept = KeptCounts(*COUNTED)
        Action(title="100 % more", site=theirs.site).save()
    for organization in (acme, other, acme):
        with in_organization(organization):
            assert kept.of_current_organization() == tuple(rows.count() for rows in COUNTED)
    with in_organization(acme):
        assert kept.of_current_organization() == (1, 1, 1, 1, 1, 1, 0, 0)


def test_counts_are_asked_in_one_statement_that_names_the_organization(acme: Organization, ours: Rows) -> None:
    with in_organization(acme):
        kept = KeptCounts(Action.objects.all(), Site.objects.all())
        with CaptureQueriesContext(connection) as captured:
            assert kept.of_current_organization() == (1, 1)
    (asked,) = captured
    assert asked["sql"].count(f'"organization_id" = ({acme.pk})') == 2


def test_outside_of_any_organization_counting_raises(acme: Organization, ours: Rows) -> None:
    with in_organization(acme):
        kept = KeptCounts(Action.objects.all())
    with pytest.raises(NoOrganization):
        kept.of_current_organization()


def test_values_are_those_of_the_organization_that_asks(
    acme: Organization, other: Organization, ours: Rows, theirs: Rows
) -> None:
    with in_organization(other):
        kept = [KeptRows(rows.values_list("pk")) for rows in COUNTED]
        names = KeptRows(Site.objects.values_list("pk", "name"))
    for organization in (acme, other, acme):
        with in_organization(organization), CaptureQueriesContext(connection) as captured:
            found = [sorted(each.of_current_organization()) for each in kept]
        assert len(captured) == len([each for each in kept if each.sql]) == len(kept) - 2
        with in_organization(organization):
            assert found == [sorted(rows.values_list("pk")) for rows in COUNTED]
            assert sorted(names.of_current_organization()) == sorted(Site.objects.values_list("pk", "name"))
    with pytest.raises(NoOrganization):
        kept[0].of_current_organization()
