"""The index of searched texts proposes every row that a search would find by looking at each, and the search finds no other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actions.models import Action
from feedback.models import Complaint
from organizations import clock
from organizations.models import Organization
from organizations.scope import in_organization
from registers.lists import pagination
from registers.lists import search as search_module
from registers.lists.pagination import counted
from registers.lists.search import SearchResult, _columns, make_indexes, proposed, search
from registers.register import Register, registry
from requirements_registry.models import InterestedParty
from tests.people import make_organization, make_people
from tests.support.factories import make
from trail.history import bulk_create, bulk_update
from trail.time_travel.travel import time_travel

pytestmark = pytest.mark.django_db

TEXTS = (
    "Überdruckprüfung der Pumpe",
    "überdruck PUMPE pumpe",
    "100 % tight_fit",
    "100x tightxfit",
    'It\'s "so" \\ and so*',
    "Straße STRASSE NEAR(pump) AND OR NOT",
    "ΣΊΣΥΦΟΣ σίσυφος İstanbul ı",
    "日本語のテキスト 漢字",
    "a-b-c a.b.c -- ; DROP TABLE",
    "tab\tand\nline breaks",
    "",
)
PIECES = ("pump", "PUMPE", "über", "Über", "100", "%", "%%%", "t_f", "tight_fit", "'s", '"so"', "\\", "so*", "straße", "strasse",
          "NEAR(pump)", "AND", "OR", "σίσ", "ΣΊΣ", "istanbul", "İst", "本語の", "漢字", "a-b", "b.c", "--", "Harbour", "harb", "ACT-0", "nothing")  # fmt: skip


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Iterator[Organization]:
    """Complaints with awkward texts, two of them of a customer by whose name they are found too."""
    organization, other = make_organization("acme", "Acme Pumps"), make_organization("other", "Other Valves")
    make_people(organization, other)
    for each in (organization, other):
        with in_organization(each):
            customer = make(InterestedParty, name="Harbour_Water 100 %", kind="customer")
            for number, text in enumerate(TEXTS):
                title = TEXTS[number - 3] or "Title"
                make(Complaint, number, text=text or "-", title=title, customer=customer if number % 5 == 0 else None)
    with in_organization(organization):
        yield organization


complaints: Register = registry["complaints"]


def looked_at_each(text: str) -> set[int]:
    """What a search finds without an index."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "proposed", lambda register, words: None)
        return keys(search(complaints, Complaint.objects.all(), text))


def keys(found: SearchResult) -> set[int]:
    return set(found.rows.values_list("pk", flat=True))


@pytest.mark.parametrize("most", [1, 200])
@given(
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(min_size=1, max_size=5)), min_size=1, max_size=3).map(" ".join)
)
@example("100 % tight_fit")
@example("Harbour pump")
@example("Harbour_Water tight")
@example('"')
@settings(max_examples=75)
def test_a_search_finds_what_looking_at_each_row_finds(acme: Organization, most: int, text: str) -> None:
    text = text.replace("\0", "")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_module, "MOST", most)
        found = search(complaints, Complaint.objects.all(), text)
        assert keys(found) == looked_at_each(text)
        assert found.sample is None or keys(SearchResult(found.sample)) <= keys(found)


def index(register: Register, word: str) -> list[int]:
    """The rows that the index proposes, all of them."""
    found = proposed(register, [word])
    assert found is not None and found.is_all
    return found.keys


def test_the_index_proposes_few_rows_and_none_of_another_organization(acme: Organization) -> None:
    found = index(complaints, "pumpe")
    assert set(found) == looked_at_each("pumpe")
    assert 0 < len(found) < len(TEXTS)


def test_a_changed_text_is_found_and_the_old_one_is_not(acme: Organization) -> None:
    row = make(Action, 1, title="Calibrate the manometer")
    assert index(registry["actions"], "manometer") == [row.pk]
    row.title = "Calibrate the thermometer"
    row.save()
    assert index(registry["actions"], "manometer") == []
    assert index(registry["actions"], "THERMOmeter") == [row.pk]


def test_rows_written_together_are_found(acme: Organization) -> None:
    rows = bulk_create(Action, [Action(reference=f"ACT-9{n:03d}", title=f"Weld seam {n}") for n in range(3)])
    assert index(registry["actions"], "seam") == [row.pk for row in rows]
    for row in rows:
        row.title = "Grind"
    bulk_update(Action, rows, ["title"])
    assert index(registry["actions"], "seam") == []
    assert index(registry["actions"], "grind") == [row.pk for row in rows]


def test_short_words_and_the_past_are_left_to_looking(acme: Organization) -> None:
    assert proposed(complaints, ["pu", "%"]) is None
    with time_travel(clock.now()):
        assert proposed(complaints, ["pumpe"]) is None
        assert keys(search(complaints, Complaint.objects.all(), "pumpe"))


def test_of_very_many_rows_some_are_enough_to_count(acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "MOST", 3)
    monkeypatch.setattr(pagination, "CAP", 2)
    found = search(complaints, Complaint.objects.all(), "pumpe")
    assert found.sample is not None
    with CaptureQueriesContext(connection) as captured:
        assert (counted(*found).number, counted(*found).is_capped) == (2, True)
    assert len(captured) == 2
    few = SearchResult(found.rows, found.sample.filter(pk__in=[min(keys(found))]))
    assert counted(*few) == counted(found.rows)


@pytest.mark.parametrize("register", list(registry), ids=lambda register: register.slug)
def test_every_register_is_indexed(acme: Organization, register: Register) -> None:
    assert index(register, "nothing holds this") == []
    assert {"reference", "external_id"} < set(_columns(register))


def test_an_index_of_other_columns_is_made_anew(acme: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    row = make(Action, 1, title="Manometer", external_id="MEND-7")
    with transaction.atomic():
        monkeypatch.setattr(search_module, "_columns", lambda register: ["reference", "external_id"])
        make_indexes(apps.get_app_config("registers"), using="default")
        assert index(registry["actions"], "manometer") == []
        assert index(registry["actions"], "mend-7") == [row.pk]
        transaction.set_rollback(True)


def test_a_database_that_has_no_such_index_is_searched_by_looking_and_the_log_says_so(
    acme: Organization, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refused(register: Any) -> list[str]:
        raise DatabaseError("permission denied to create extension")

    monkeypatch.setattr(search_module, "_is_kept", lambda register: False)
    monkeypatch.setattr(search_module, "_statements", refused)
    make_indexes(apps.get_app_config("registers"), using="default")
    assert "Searches are slow" in caplog.text
    monkeypatch.setattr(search_module, "_is_there", lambda name: False)
    assert proposed(complaints, ["pumpe"]) is None
    assert connection.is_usable()
