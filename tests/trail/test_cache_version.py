"""The position: what caches are kept against moves with every committed write, and with nothing else."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from django.db import connection, transaction

from actions.models import Action
from organizations.models import Membership, Organization, Site, Targets, User
from organizations.roles import Role
from organizations.scope import in_organization
from tests.people import make_organization
from trail.cache_version import position
from trail.models import record_event
from trail.time_travel.snapshots import one_moment

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> Organization:
    return make_organization("acme", "Acme Pumps")


def test_it_moves_once_for_each_transaction_that_wrote(house: Organization) -> None:
    with in_organization(house):
        before = position()
        with transaction.atomic():
            Action(title="One").save()
            Action(title="Two").save()
        record_event("exported")
        assert position() == before + 2


def test_a_transaction_that_is_undone_moves_nothing(house: Organization) -> None:
    with in_organization(house):
        before = position()
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Action(title="One").save()
            _ = 1 / 0
        assert position() == before


def test_reading_moves_nothing(house: Organization) -> None:
    with in_organization(house):
        before = position()
        list(Action.objects.all())
        assert position() == before


def test_writing_in_one_organization_moves_no_other(house: Organization) -> None:
    other = make_organization("other", "Other Valves")
    with in_organization(other):
        before = position()
    with in_organization(house):
        Action(title="One").save()
    with in_organization(other):
        assert position() == before


def test_what_others_commit_meanwhile_is_not_seen_in_one_moment(house: Organization) -> None:
    def write() -> None:
        with in_organization(house):
            Action(title="Meanwhile").save()
        connection.close()

    with in_organization(house), one_moment():
        before = Action.objects.count()
        thread = Thread(target=write)
        thread.start()
        thread.join()
        assert Action.objects.count() == before
    with in_organization(house):
        assert Action.objects.count() == before + 1


def test_one_moment_is_the_outermost_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic(), one_moment():
        pass


@pytest.mark.parametrize("what", ["targets", "site", "membership", "organization"])
def test_what_stands_below_the_trail_moves_it_too(house: Organization, what: str) -> None:
    """Else an evaluation would be shown for minutes that other targets, or another owner, have overtaken."""
    person = User.objects.create(email="ida@acme.example", name="Ida")
    with in_organization(house):
        before = position()
        rows = {
            "targets": lambda: Targets(effective_from=date(2026, 1, 2)),
            "site": lambda: Site(name="North", code="N"),
            "membership": lambda: Membership(
                organization=house, user=person, role=Role.CONTRIBUTOR, valid_from=date(2026, 1, 2)
            ),
            "organization": lambda: house,
        }
        rows[what]().save()
        assert position() == before + 1
