"""Proofs for many leaves and heads in one pass, against the proofs of a tree that is at hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from packs import verify
from trail.sealing.multiproof import Multiproof
from trail.sealing.tree import Tree, leaf_hash, root, verify_consistency

LEAVES = [leaf_hash(b"%d" % number) for number in range(300)]

sizes = st.integers(1, 300)
subsets = sizes.flatmap(lambda size: st.tuples(st.just(size), st.sets(st.integers(0, size - 1))))


def proof(size: int, included: set[int]) -> tuple[Multiproof, list[bytes]]:
    made = Multiproof(bytearray(index in included for index in range(size)), [size])
    return made, list(made.siblings(LEAVES[:size]))


def combined(size: int, included: set[int], siblings: list[bytes]) -> bytes:
    return verify.combined(iter([(index, LEAVES[index]) for index in sorted(included)]), size, iter(siblings))


@given(subsets)
def test_some_leaves_and_the_proof_lead_to_the_root(drawn: tuple[int, set[int]]) -> None:
    size, included = drawn
    made, siblings = proof(size, included)
    assert made.root == root(LEAVES[:size])
    assert not included or combined(size, included, siblings) == made.root


@given(subsets)
def test_the_proof_never_holds_more_than_the_leaves_left_out(drawn: tuple[int, set[int]]) -> None:
    size, included = drawn
    _made, siblings = proof(size, included)
    assert len(siblings) <= size - len(included)


@given(sizes.flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size - 1))))
def test_for_one_leaf_the_proof_has_the_hashes_of_an_inclusion_proof(drawn: tuple[int, int]) -> None:
    size, index = drawn
    assert proof(size, {index})[1] == Tree(LEAVES[:size]).inclusion_proof(index)


@given(subsets, st.data())
def test_a_proof_that_was_changed_leads_elsewhere(drawn: tuple[int, set[int]], data: st.DataObject) -> None:
    size, included = drawn
    made, siblings = proof(size, included)
    if not included:
        return
    changes = [[*siblings, LEAVES[0]]]
    if siblings:
        at = data.draw(st.integers(0, len(siblings) - 1))
        changes += [siblings[:at] + siblings[at + 1 :], [*siblings[:at], LEAVES[299][::-1], *siblings[at + 1 :]]]
    for changed in changes:
        assert combined(size, included, changed) != made.root


@given(st.sets(st.integers(0, 300), min_size=1, max_size=8))
def test_each_head_is_proved_to_continue_the_one_before(drawn: set[int]) -> None:
    chain = sorted(drawn)
    made = Multiproof(bytearray(chain[-1]), chain)
    list(made.siblings(LEAVES[: chain[-1]]))
    for old, new, path in zip(chain, chain[1:], made.consistency(), strict=False):
        if not old:
            assert path == []
            continue
        assert path == Tree(LEAVES[:new]).consistency_proof(old)
        ends = root(LEAVES[:old]), root(LEAVES[:new])
        assert verify_consistency(old, ends[0], new, ends[1], path)
        assert verify.consistent(old, ends[0], new, ends[1], path)
        assert not verify.consistent(old, ends[1], new, ends[0], path)
