"""Pages by cursor: walking them gives the sorted list, whatever it is sorted by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Upper
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actions.models import Action
from organizations import clock
from organizations.models import Organization, Site, User
from organizations.scope import in_organization
from registers.lists import pagination
from registers.lists.ordering import ordered
from registers.lists.pagination import counted, page_of
from registers.services import archive
from tests.people import make_organization, make_people
from tests.support.factories import build
from trail.history import bulk_create
from trail.time_travel.travel import time_travel

pytestmark = pytest.mark.django_db

#: Texts, choices, days and ids that may be missing, people by name, sites by code that may be missing, numbers.
SORTS = ("title", "status", "due_on", "owner__name", "site__code", "id", "changed_at", "revision", "external_id")
ROWS = 23


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Iterator[Organization]:
    """Actions with many alike, and many empty values, in an organization of this module."""
    organization = make_organization("acme", "Acme Pumps")
    people = make_people(organization, make_organization("other", "Other Valves"))
    with in_organization(organization):
        sites = [None, Site.objects.create(code="N", name="North"), Site.objects.create(code="S", name="South")]
        owners: list[User] = [people.contributor, people.quality_manager]
        rows = [
            build(
                Action,
                number,
                title=["Pump", "pump", "Überlauf", "100 % \"'"][number % 4],
                status=["planned", "under_way"][number % 2],
                due_on=[None, date(2026, 1, 1), date(2026, 2, 1)][number * 7 % 3],
                owner=owners[number * 5 % 2],
                site=sites[number * 11 % 3],
                external_id=f"A{number * 13 % ROWS}" if number % 3 else "",
            )
            for number in range(ROWS)
        ]
        for row, reference in zip(rows, references(), strict=False):
            row.reference = reference
        bulk_create(Action, rows)
        yield organization


def references() -> Iterator[str]:
    return (f"ACT-{number:04d}" for number in range(1, ROWS + 1))


def flat(pages: list[list[int]]) -> list[int]:
    return [key for page in pages for key in page]


def forwards(order: Sequence[str], size: int) -> list[list[int]]:
    """The keys of each page, from the first."""
    page = page_of(Action.objects.all(), order, size=size)
    pages: list[list[int]] = []
    while True:
        pages.append([row.pk for row in page.object_list])
        if page.next is None:
            return pages
        page = page_of(Action.objects.all(), order, page.next, size)


def backwards(order: Sequence[str], size: int) -> list[list[int]]:
    """The keys of each page, found from the last."""
    page = page_of(Action.objects.all(), order, "last", size)
    pages: list[list[int]] = []
    while True:
        pages.insert(0, [row.pk for row in page.object_list])
        if page.previous is None:
            return pages
        page = page_of(Action.objects.all(), order, page.previous, size)


orders = st.lists(
    st.tuples(st.sampled_from(["", "-"]), st.sampled_from(SORTS)).map("".join),
    max_size=4,
    unique_by=lambda o: o.strip("-"),
)


@given(order=orders, size=st.integers(1, ROWS + 2), capped=st.booleans())
@example(order=["due_on", "-site__code"], size=2, capped=True)
@example(order=["-due_on", "site__code"], size=2, capped=True)
@example(order=["-external_id"], size=2, capped=True)
@example(order=["site__code", "external_id"], size=2, capped=True)
@settings(max_examples=60)
def test_walking_the_pages_either_way_gives_the_sorted_list(
    acme: Organization, order: list[str], size: int, capped: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if capped:
            patch.setattr(pagination, "CAP", 5)
        whole = list(ordered(Action.objects.all(), order).values_list("pk", flat=True))
        there, back = forwards(order, size), backwards(order, size)
    assert flat(there) == flat(back) == whole
    assert [len(page) for page in there[:-1]] == [size] * (len(there) - 1)
    assert there == back or capped


def test_the_sorted_list_is_sorted_with_what_is_empty_last(acme: Organization) -> None:
    for sign in ("", "-"):
        days = [row.due_on for row in ordered(Action.objects.all(), [f"{sign}due_on"])]
        filled = [day for day in days if day]
        assert filled == sorted(filled, reverse=sign == "-")
        assert days[len(filled) :] == [None] * (len(days) - len(filled))
        assert days.count(None) > 1


def test_a_text_of_no_characters_is_empty(acme: Organization) -> None:
    for sign in ("", "-"):
        ids = [row.external_id for row in ordered(Action.objects.all(), [f"{sign}external_id"])]
        filled = [each for each in ids if each]
        assert filled == sorted(filled, reverse=sign == "-")
        assert ids[len(filled) :] == [""] * (ROWS - len(filled))


def test_rows_that_are_alike_turn_round_with_the_sort(acme: Organization) -> None:
    one_way = list(ordered(Action.objects.all(), ["status"]).values_list("pk", flat=True))
    assert list(ordered(Action.objects.all(), ["-status"]).values_list("pk", flat=True)) == one_way[::-1]


def test_a_page_says_which_rows_it_holds(acme: Organization) -> None:
    first = page_of(Action.objects.all(), ["-id"], size=10)
    second = page_of(Action.objects.all(), ["-id"], first.next or "", size=10)
    last = page_of(Action.objects.all(), ["-id"], "last", size=10)
    again = page_of(Action.objects.all(), ["-id"], last.previous or "", size=10)
    shown = [(page.first_number, page.last_number) for page in (first, second, last, again)]
    assert shown == [(1, 10), (11, 20), (21, 23), (11, 20)]


def test_rows_are_looked_up_where_the_page_is_told_to(acme: Organization) -> None:
    few = Action.objects.filter(title="pump")
    shown = Action.objects.annotate(shouted=Upper("title"))
    page = page_of(few, ["title"], size=5, shown=shown)
    assert [(row, row.shouted) for row in page.object_list] == [(row, "PUMP") for row in few.order_by("id")[:5]]


def test_the_last_page_of_a_list_too_long_to_count_has_no_numbers(
    acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagination, "CAP", 20)
    last = page_of(Action.objects.all(), ["-id"], "last", size=10)
    assert (last.first_number, len(last.object_list), str(last.count)) == (None, 10, "20+")


def test_counting_stops_at_the_cap(acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(counted(Action.objects.all())) == "23"
    monkeypatch.setattr(pagination, "CAP", 22)
    with CaptureQueriesContext(connection) as queries:
        assert str(counted(Action.objects.all())) == "22+"
    assert "LIMIT 23" in queries[0]["sql"]


@pytest.mark.parametrize("change", [lambda c: c[:-1], lambda c: f"x{c}", lambda c: c.partition(":")[0], lambda c: "2"])
def test_a_cursor_that_was_tampered_with_gives_the_first_page(acme: Organization, change: Any) -> None:
    first = page_of(Action.objects.all(), ["title"], size=5)
    found = page_of(Action.objects.all(), ["title"], change(first.next), size=5)
    assert found.object_list == first.object_list


def test_a_cursor_of_another_order_gives_the_first_page(acme: Organization) -> None:
    other = page_of(Action.objects.all(), ["-title"], size=5)
    first = page_of(Action.objects.all(), ["title"], size=5)
    assert page_of(Action.objects.all(), ["title"], other.next or "", 5).object_list == first.object_list


def test_a_page_whose_rows_are_gone_is_the_nearest_one(acme: Organization) -> None:
    rows = Action.objects.filter(archived_at=None)
    first = page_of(rows, ["id"], size=20)
    for row in Action.objects.order_by("-id")[:3]:
        archive(row, by=User.objects.get(email="quality.manager@acme.example"), reason="Twice")
    assert [row.pk for row in page_of(rows, ["id"], first.next or "", 20).object_list] == [
        row.pk for row in first.object_list
    ]


def test_rows_written_meanwhile_move_no_page(acme: Organization) -> None:
    first = page_of(Action.objects.all(), ["-id"], size=5)
    second = page_of(Action.objects.all(), ["-id"], first.next or "", 5)
    bulk_create(Action, [build(Action, 900, reference="ACT-0900", title="New", owner=User.objects.first())])
    assert page_of(Action.objects.all(), ["-id"], first.next or "", 5).object_list == second.object_list


@pytest.mark.parametrize("capped", [False, True])
def test_pages_of_the_past_are_walked_alike(acme: Organization, monkeypatch: pytest.MonkeyPatch, capped: bool) -> None:
    if capped:
        monkeypatch.setattr(pagination, "CAP", 5)
    with time_travel(clock.now()):
        whole = list(ordered(Action.objects.all(), ["-due_on"]).values_list("pk", flat=True))
        assert len(whole) == ROWS
        assert flat(forwards(["-due_on"], 4)) == flat(backwards(["-due_on"], 4)) == whole
