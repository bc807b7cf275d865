"""Rows that are collected in a temporary table and copied into their own by the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from actions.models import Action
from organizations.models import Organization, Site
from organizations.scope import ForeignOrganization, in_organization
from trail.history import HistoryBypassed, bulk_set
from trail.staging import Staged

pytestmark = pytest.mark.usefixtures("in_acme")
FIELDS = [field for field in Action._meta.concrete_fields if field.name not in ("id", "organization")]


def values(number: int, **given: Any) -> dict[str, Any]:
    row = Action(title=f"Action {number}", reference=f"ACT-9{number}", **given)
    return {field.attname: field.pre_save(row, add=True) for field in FIELDS}


@pytest.fixture
def staged() -> Iterator[Staged]:
    made = Staged(Action, FIELDS)
    yield made
    made.close()


def test_nothing_is_there_before_they_are_copied_and_then_all_with_a_version_each(staged: Staged) -> None:
    staged.add([(7, None, values(0)), (8, None, values(1))])
    staged.add([(9, None, values(2))])
    assert not Action.objects.exists()
    staged.give("title", "'Number ' || CAST(position AS varchar)")
    staged.insert(reason="Taken over")
    assert [row.title for row in Action.objects.order_by("pk")] == ["Number 1", "Number 2", "Number 3"]
    assert [(v.title, v.history_type, v.history_change_reason) for v in Action.history.order_by("history_id")] == [
        (f"Number {number}", "+", "Taken over") for number in (1, 2, 3)
    ]
    keys = staged.keys_of([7, 9])
    assert [Action.objects.get(pk=keys[number]).title for number in (7, 9)] == ["Number 1", "Number 3"]
    # The next row of all gets the next key.
    assert Action.objects.create(title="By hand").pk > max(keys.values())


def test_rows_that_are_there_get_values_and_those_left_out_stay(staged: Staged) -> None:
    rows = [Action(title=f"Old {number}") for number in range(3)]
    for row in rows:
        row.save()
    changed = Staged(Action, [Action._meta.get_field("title")])
    changed.add([(number, row.pk, {"title": f"New {number}"}) for number, row in enumerate(rows)])
    changed.drop([1])
    changed.update(reason="Changed")
    changed.close()
    assert [row.title for row in Action.objects.order_by("pk")] == ["New 0", "Old 1", "New 2"]
    assert [row.history.count() for row in Action.objects.order_by("pk")] == [2, 1, 2]


def test_a_row_that_is_not_there_is_refused(staged: Staged) -> None:
    changed = Staged(Action, [Action._meta.get_field("title")])
    changed.add([(1, 999_999, {"title": "New"})])
    with pytest.raises(HistoryBypassed, match="1 rows of Action aren't there"):
        changed.update(reason="Changed")
    with pytest.raises(HistoryBypassed):
        bulk_set(Action, [999_999], title="New")


def test_nothing_points_to_another_organization(staged: Staged, other: Organization) -> None:
    with in_organization(other):
        foreign = Site.objects.create(code="HH", name="Hamburg")
    staged.add([(1, None, values(0, site_id=foreign.pk))])
    with pytest.raises(ForeignOrganization, match=r"Action\.site"):
        staged.insert(reason="Taken over")
    assert not Action.objects.exists()


def test_rows_of_another_organization_are_out_of_reach(other: Organization) -> None:
    with in_organization(other):
        foreign = Action(title="Theirs")
        foreign.save()
    changed = Staged(Action, [Action._meta.get_field("title")])
    changed.add([(1, foreign.pk, {"title": "Ours"})])
    with pytest.raises(HistoryBypassed):
        changed.update(reason="Changed")
    with in_organization(other):
        assert Action.objects.get().title == "Theirs"


def test_what_stood_for_a_key_is_replaced_and_the_rest_stays(staged: Staged) -> None:
    site = Site.objects.create(code="HH", name="Hamburg")
    staged.add([(1, None, values(0, site_id=-1)), (2, None, values(1)), (3, None, values(2, site_id=site.pk))])
    staged.replace_keys(Action._meta.get_field("site"), {-1: site.pk})
    staged.insert(reason="Taken over")
    assert [row.site_id for row in Action.objects.order_by("pk")] == [site.pk, None, site.pk]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans by the schema alone")
def test_rows_that_come_into_a_table_believed_empty_are_found_by_their_keys(in_acme: Organization) -> None:
    """Without their index the database read all of them for each: with the number of rows, the time grew by its square."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE actions_action")
        cursor.execute("SET LOCAL statement_timeout = '60s'")
    fields: list[Any] = [Action._meta.get_field(name) for name in ("reference", "title", "status")]
    staged = Staged(Action, fields)
    rows = [(n, None, {"reference": f"ACT-{n}", "title": "Much", "status": "planned"}) for n in range(1, 3001)]
    staged.add(rows)
    staged._index_keys()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; EXPLAIN SELECT 1 FROM actions_action WHERE id IN (SELECT key FROM {staged.name})"
        )
        plan = " ".join(line for (line,) in cursor.fetchall())
    assert f"{staged.name}_by_key" in plan
    staged.close()
