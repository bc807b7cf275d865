"""Sealing: what is sealed, by whom, and what can be proved of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from organizations.models import Organization
from organizations.scope import NoOrganization, in_organization
from requirements_registry.models import Requirement
from tests.people import People
from tests.support.factories import make
from tests.support.triggers import lifted
from trail.models import Event, Leaf, Seal, record_event
from trail.sealing import keys, seals, signed_notes
from trail.sealing.leaves import leaf_bytes, sources
from trail.sealing.tree import EMPTY, leaf_hash, root, verify_consistency, verify_inclusion

pytestmark = pytest.mark.django_db


def written() -> int:
    """Versions and events of the current organization."""
    return sum(1 for source in sources() for _row in source.rows())


def test_every_version_and_event_is_sealed(in_acme: Organization, people: People) -> None:
    requirement = make(Requirement)
    requirement.title = "Changed"
    requirement.save()
    record_event("looked")
    seal = seals.seal()
    assert seal.size == written() == Leaf.objects.count()
    assert {"trail_event", "requirements_registry_historicalrequirement", "trail_historicaltargets"} <= set(
        Leaf.objects.values_list("source", flat=True)
    )


def test_a_seal_says_the_root_of_its_leaves_and_is_signed(in_acme: Organization) -> None:
    first = seals.seal()
    record_event("looked")
    second = seals.seal(Seal.Purpose.PACK)
    second.refresh_from_db()
    head = signed_notes.verify(second.note, keys.public_keys())
    assert head.root == second.root == root(seals.hashes(0, second.size))
    assert (head.number, head.size, head.purpose) == (first.number + 1, first.size + 1, "pack")
    assert (head.previous_size, head.previous_root) == (first.size, first.root)
    assert head.time == second.sealed_at
    assert head.origin == "127.0.0.1:8000/o/acme"


def test_a_log_keeps_its_name_when_the_installation_moves(
    in_acme: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = signed_notes.parse(seals.seal().note)
    monkeypatch.setattr(django_settings, "BASE_URL", "https://elsewhere.example")
    record_event("looked")
    assert signed_notes.parse(seals.seal().note).origin == first.origin


def test_where_nothing_is_new_the_latest_seal_covers_everything(in_acme: Organization) -> None:
    assert seals.seal(Seal.Purpose.SIGN_OFF) == seals.seal(Seal.Purpose.SCHEDULE) == seals.latest_seal()
    assert Seal.objects.count() == 1


def test_an_organization_without_a_row_has_a_seal_of_nothing(db: None) -> None:
    empty = Organization(slug="empty", name="Empty")
    Organization.objects.bulk_create([empty])
    with in_organization(empty):
        seal = seals.seal()
    assert (seal.size, seal.root) == (0, EMPTY)


def test_a_row_with_an_earlier_key_that_came_late_is_sealed_too(in_acme: Organization) -> None:
    """Keys are given before the commit: a slow transaction's rows appear among those already sealed."""
    late, early = record_event("late"), record_event("early")
    with lifted():
        Leaf.objects.all().delete()
        Seal.objects.all().delete()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seals, "unsealed", lambda *given, real=seals.unsealed: (row for row in real(*given) if row[0] != late.pk or given[0].model is not Event))  # fmt: skip
        seals.seal()
    assert seals.proof(Event, late.pk) is None
    assert seals.seal().size == written()
    assert seals.proof(Event, late.pk) is not None
    assert seals.proof(Event, early.pk) is not None


def test_organizations_have_trees_of_their_own(acme: Organization, other: Organization) -> None:
    with in_organization(acme):
        record_event("looked")
        ours = seals.seal()
    with in_organization(other):
        theirs = seals.seal()
        assert Leaf.objects.count() == theirs.size == written()
    assert ours.number == theirs.number == 1
    assert ours.root != theirs.root


def test_more_than_one_seal_holds_are_sealed_in_several(in_acme: Organization, monkeypatch: Any) -> None:
    for number in range(7):
        record_event(f"looked {number}")
    monkeypatch.setattr(seals, "MOST", 3)
    monkeypatch.setattr(seals, "BATCH", 2)
    monkeypatch.setattr(seals, "ROWS", 1)
    latest = seals.seal()
    assert latest.size == written()
    assert latest.number == -(-latest.size // 3)
    assert latest.root == root(seals.hashes(0, latest.size))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5))
def test_whenever_it_is_sealed_every_row_has_its_proof(in_acme: Organization, counts: list[int]) -> None:
    with transaction.atomic():
        made: list[Seal] = []
        for count in counts:
            for _ in range(count):
                record_event("looked")
            made.append(seals.seal())
        latest = made[-1]
        tree = seals.tree(latest)
        for event in Event.objects.all():
            proof = seals.proof(Event, event.pk)
            assert proof is not None
            leaf = leaf_hash(leaf_bytes(Event, event.pk))
            head = signed_notes.verify(proof.note, keys.public_keys())
            assert verify_inclusion(leaf, proof.index, head.size, proof.path, head.root)
            assert verify_inclusion(leaf, proof.index, latest.size, tree.inclusion_proof(proof.index), latest.root)
        for earlier in made:
            proof_of = tree.consistency_proof(earlier.size)
            assert verify_consistency(earlier.size, earlier.root, latest.size, latest.root, proof_of)
        transaction.set_rollback(True)


def test_the_latest_head_stands_beside_the_key_once_it_is_committed(
    in_acme: Organization, django_capture_on_commit_callbacks: Any
) -> None:
    keys._replace(keys._head_path("acme"), b"earlier\n0\n")
    with django_capture_on_commit_callbacks(execute=True):
        seal = seals.seal()
        assert keys.kept_head("acme") == "earlier\n0\n"
    assert keys.kept_head("acme") == seal.note


def test_what_is_sealed_belongs_to_an_organization(db: None) -> None:
    with pytest.raises(NoOrganization):
        seals.seal()
