"""Where versions stand in the sealed trail, in words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from organizations.models import Organization
from organizations.scope import in_organization
from requirements_registry.models import Requirement
from tests.people import People
from tests.support.factories import make
from trail.models import Event, record_event
from trail.sealing import seals
from trail.sealing.leaf_labels import in_words
from trail.sealing.tree import Tree, leaf_hash, path_length


@given(st.integers(1, 70), st.data())
def test_a_path_has_as_many_hashes_as_its_proof(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    tree = Tree(leaf_hash(bytes([number])) for number in range(size))
    assert path_length(index, size) == len(tree.inclusion_proof(index))


@pytest.mark.django_db
def test_a_row_names_its_leaf_and_the_first_seal_that_covers_it(
    in_acme: Organization, django_assert_num_queries: Callable
) -> None:  # type: ignore[type-arg]
    with time_machine.travel("2026-11-24T09:05:00Z", tick=False):
        first = record_event("looked")
        sealed = seals.seal()
    record_event("looked again")
    seals.seal()
    waiting = record_event("and again")
    with django_assert_num_queries(2):
        words = in_words(Event, [first.pk, waiting.pk])
    proof = seals.proof(Event, first.pk)
    assert proof is not None
    assert words[first.pk].startswith(f"Leaf {proof.index} of the tree of {sealed.size} sealed 24 Nov 2026, ")
    assert f"(seal 1); {len(proof.path)} hash" in words[first.pk]
    assert words[waiting.pk] == "Not sealed yet: the next seal, within minutes, covers it."


@pytest.mark.django_db
def test_the_history_of_a_record_says_where_each_version_stands(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        requirement = make(Requirement)
        seals.seal()
        requirement.title = "Changed"
        requirement.save()
        page = f"{requirement.get_absolute_url()}history/"
    shown = client_of(people.quality_manager).get(page).content.decode()
    assert "hashes lead from it to the signed head." in shown
    assert shown.count("Not sealed yet") == 1
