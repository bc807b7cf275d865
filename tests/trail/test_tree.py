"""The hash tree against the reference vectors of Certificate Transparency, and against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trail.sealing.tree import (
    EMPTY,
    Frontier,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    root_from_inclusion,
    verify_consistency,
    verify_inclusion,
)

#: The leaves of the reference tests, and the root over the first n of them.
LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (0, 1): [],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}

hashes = st.lists(st.integers(0, 255).map(lambda byte: leaf_hash(bytes([byte]))), min_size=1, max_size=70)


def by_definition(leaves: list[bytes]) -> bytes:
    """The Merkle Tree Hash word for word as RFC 6962, 2.1, defines it."""
    if not leaves:
        return EMPTY
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(by_definition(leaves[:half]), by_definition(leaves[half:]))


def hexadecimal(path: list[bytes]) -> list[str]:
    return [node.hex() for node in path]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_the_reference(size: int) -> None:
    assert root(HASHES[:size]).hex() == ROOTS[size]
    assert Tree(HASHES[:size]).root.hex() == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_of_the_reference(index: int, size: int) -> None:
    assert hexadecimal(inclusion_proof(HASHES[:size], index)) == INCLUSION[index, size]


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_of_the_reference(old: int, new: int) -> None:
    assert hexadecimal(consistency_proof(HASHES[:new], old)) == CONSISTENCY[old, new]


@given(hashes, st.data())
def test_any_split_of_appends_gives_the_root_by_definition(leaves: list[bytes], data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(leaves)))))
    frontier = Frontier()
    for first, last in zip([0, *cuts], [*cuts, len(leaves)], strict=True):
        frontier = Frontier.from_text(str(frontier.extend(leaves[first:last])))
    assert frontier.size == len(leaves)
    assert frontier.root == by_definition(leaves) == Tree(leaves).root


@given(hashes, st.data())
def test_every_inclusion_proof_verifies_and_a_changed_one_does_not(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    path, top, size = inclusion_proof(leaves, index), by_definition(leaves), len(leaves)
    assert verify_inclusion(leaves[index], index, size, path, top)
    assert not verify_inclusion(leaf_hash(b"another"), index, size, path, top)
    assert not verify_inclusion(leaves[index], index, size, [*path, top], top)
    assert not verify_inclusion(leaves[index], size, size, path, top)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not verify_inclusion(leaves[index], index, size, path[:at] + path[at + 1 :], top)
        changed = bytearray(path[at])
        changed[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
        assert not verify_inclusion(leaves[index], index, size, [*path[:at], bytes(changed), *path[at + 1 :]], top)


@given(hashes, st.data())
def test_what_was_added_to_a_frontier_is_enough_to_prove_it(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(0, len(leaves) - 1))
    tree = Tree(leaves[old:], before=Frontier().extend(leaves[:old]))
    assert tree.root == by_definition(leaves)
    for index in range(old, len(leaves)):
        assert tree.inclusion_proof(index) == inclusion_proof(leaves, index)
        assert root_from_inclusion(leaves[index], index, len(leaves), tree.inclusion_proof(index)) == tree.root


@given(hashes, st.data())
def test_every_consistency_proof_verifies_and_a_changed_one_does_not(leaves: list[bytes], data: st.DataObject) -> None:
    old = data.draw(st.integers(1, len(leaves)))
    proof, new = consistency_proof(leaves, old), len(leaves)
    old_root, new_root = by_definition(leaves[:old]), by_definition(leaves)
    assert verify_consistency(old, old_root, new, new_root, proof)
    assert not verify_consistency(old, leaf_hash(b"another"), new, new_root, proof)
    assert not verify_consistency(old, old_root, new, leaf_hash(b"another"), proof)
    assert not verify_consistency(old, old_root, new, new_root, [*proof, new_root])
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not verify_consistency(old, old_root, new, new_root, proof[:at] + proof[at + 1 :])
        changed = bytes([proof[at][0] ^ 1]) + proof[at][1:]
        assert not verify_consistency(old, old_root, new, new_root, [*proof[:at], changed, *proof[at + 1 :]])


@pytest.mark.parametrize("text", ["", "1", "x", "2 00", "1 " + "0" * 63, "-1", "0 ", "01 " + "0" * 64])
def test_what_is_no_frontier_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Frontier.from_text(text)


def test_a_leaf_that_is_not_there_has_no_proof() -> None:
    with pytest.raises(IndexError):
        inclusion_proof(HASHES, 8)
    with pytest.raises(IndexError):
        consistency_proof(HASHES, 9)
