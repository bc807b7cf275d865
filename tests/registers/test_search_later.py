"""Rows that are written many at once are found at once, although SQLite's index takes them in afterwards."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from actions.models import Action
from organizations.models import Organization
from organizations.scope import in_organization
from registers.lists.search import index_name, search
from registers.lists.search_later import catch_up, catch_up_all, indexed_later
from registers.register import registry
from tests.people import make_organization
from trail.history import bulk_create, bulk_update

pytestmark = pytest.mark.django_db(transaction=True)
actions = registry["actions"]


def found(text: str) -> set[str]:
    return {row.title for row in search(actions, Action.objects.all(), text).rows}


def waiting() -> int:
    if connection.vendor != "sqlite":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {index_name(actions)}_later")
        return int(cursor.fetchone()[0])


@pytest.fixture
def house() -> Organization:
    return make_organization("acme", "Acme Pumps")


def test_they_are_found_before_and_after_the_index_took_them_in(house: Organization) -> None:
    with in_organization(house):
        Action(title="Calibrate the gauge").save()
        with transaction.atomic():
            with indexed_later(actions):
                made = bulk_create(Action, [Action(title=f"Order gauge {n}", reference=f"ACT-9{n}") for n in range(3)])
                made[0].title = "Order scale 0"
                bulk_update(Action, made[:1], ["title"])
            assert found("gauge") == {"Calibrate the gauge", "Order gauge 1", "Order gauge 2"}
            assert found("scale") == {"Order scale 0"}
            assert waiting() == (3 if connection.vendor == "sqlite" else 0)
        assert waiting() == 0
        assert found("gauge") == {"Calibrate the gauge", "Order gauge 1", "Order gauge 2"}
        assert found("scale") == {"Order scale 0"}


def test_what_a_killed_process_left_is_taken_in_by_the_next(
    house: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    with in_organization(house):
        monkeypatch.setattr("registers.lists.search_later.catch_up", lambda register: None)
        with transaction.atomic(), indexed_later(actions):
            bulk_create(Action, [Action(title="Order a gauge", reference="ACT-90")])
        monkeypatch.undo()
        assert found("gauge") == {"Order a gauge"}
        catch_up_all()
        assert waiting() == 0
        assert found("gauge") == {"Order a gauge"}


def test_what_is_rolled_back_leaves_nothing_behind(house: Organization) -> None:
    with in_organization(house):
        with pytest.raises(ZeroDivisionError), transaction.atomic(), indexed_later(actions):
            bulk_create(Action, [Action(title="Order a gauge", reference="ACT-90")])
            _ = 1 / 0
        assert waiting() == 0
        Action(title="Another gauge").save()
        assert waiting() == 0
        assert found("gauge") == {"Another gauge"}
        catch_up(actions)
