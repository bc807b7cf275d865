"""Hash trees over SHA-256, as RFC 6962, section 2.1, describes them.

A tree is known by its size and its root. Its *frontier*, the roots of the perfect subtrees it consists of, is all
that appending to it needs; whoever holds every leaf's hash can prove that one is in it (`Tree.inclusion_proof`) and
that an earlier tree is its beginning (`Tree.consistency_proof`). What has no proof to make needs only the
``verify_…`` functions. Everything here is pure: bytes in, bytes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

#: Bytes of a hash.
WIDTH = 32
#: The root of a tree without leaves.
EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf; its prefix keeps leaves and nodes apart (RFC 6962, 2.1)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node with two children."""
    return sha256(b"\x01" + left + right).digest()


def root(hashes: Iterable[bytes]) -> bytes:
    """Return the root of the tree over leaves with these hashes."""
    return Frontier().extend(hashes).root


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree's size and the roots of its perfect subtrees, largest first.

    There is one for each bit that is set in the size.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> Frontier:
        """Return the frontier with one leaf more."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> Frontier:
        """Return the frontier with more leaves, given by their hashes.

        Each costs one node's hash on average.
        """
        size, nodes = self.size, list(self.hashes)
        for node in leaves:
            above = size
            while above & 1:
                # node_hash() written out, here and in Tree: calling it takes a third longer.
                node = sha256(b"\x01" + nodes.pop() + node).digest()
                above >>= 1
            nodes.append(node)
            size += 1
        return Frontier(size, tuple(nodes))

    @property
    def root(self) -> bytes:
        """The tree's root."""
        if not self.hashes:
            return EMPTY
        return folded(self.hashes)

    def __str__(self) -> str:
        return " ".join([str(self.size), *(node.hex() for node in self.hashes)])

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what ``str(frontier)`` wrote.

        Raises:
            ValueError: it isn't that.
        """
        size, *nodes = text.split(" ")
        frontier = cls(int(size), tuple(map(bytes.fromhex, nodes)))
        if str(frontier) != text or len(nodes) != frontier.size.bit_count() or any(len(node) != 64 for node in nodes):
            raise ValueError("Not the frontier of a tree.")
        return frontier


class Tree:
    """A tree whose nodes are at hand, so that proofs are cheap to make.

    With ``before`` only the leaves behind that frontier are given, and proofs can be made for these: what one seal added
    is enough to prove it. Keeps 64 bytes a leaf.
    """

    def __init__(self, hashes: Iterable[bytes], before: Frontier | None = None) -> None:
        before = before or Frontier()
        pieces, level, start = list(before.hashes), b"".join(hashes), before.size
        self.first = before.size
        self.size = before.size + len(level) // WIDTH
        #: For each height, the number of the first node at hand, and the nodes' hashes one behind the other.
        self._levels: list[tuple[int, bytes]] = []
        while True:
            if start & 1:
                level, start = pieces.pop() + level, start - 1
            self._levels.append((start, level))
            if start + len(level) // WIDTH <= 1:
                break
            pairs = range(0, len(level) - WIDTH, 2 * WIDTH)
            level = b"".join(sha256(b"\x01" + level[at : at + 2 * WIDTH]).digest() for at in pairs)
            start >>= 1

    @property
    def root(self) -> bytes:
        """The tree's root."""
        return self._range(0, self.size) if self.size else EMPTY

    def leaf(self, index: int) -> bytes:
        """Return the hash of a leaf."""
        return self._node(0, index)

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Return the hashes that lead from a leaf to the root, from below (RFC 6962, 2.1.1).

        Raises:
            IndexError: the leaf isn't in the tree, or before what it was given.
        """
        if not self.first <= index < self.size:
            raise IndexError(f"There is no leaf {index} to prove in a tree of {self.size}.")
        path, height = [], 0
        while 1 << height < self.size:
            beside = index >> height ^ 1
            if beside << height < self.size:
                path.append(self._range(beside << height, min(beside + 1 << height, self.size)))
            height += 1
        return path

    def consistency_proof(self, old_size: int) -> list[bytes]:
        """Return the hashes that show that this tree begins with an earlier one (RFC 6962, 2.1.2).

        Args:
            old_size: the number of the earlier tree's leaves.

        Raises:
            IndexError: there is no such beginning.
        """
        if not 0 < old_size <= self.size:
            raise IndexError(f"A tree of {self.size} leaves has no beginning of {old_size}.")
        return [self._range(first, last) for first, last in consistency_ranges(old_size, self.size)]

    def _range(self, first: int, last: int) -> bytes:
        """Return the root over leaves ``first`` to before ``last``, which are a node's."""
        return folded([self._node(height, number) for height, number in perfect(first, last)])

    def _node(self, height: int, number: int) -> bytes:
        start, level = self._levels[height]
        at = (number - start) * WIDTH
        return level[at : at + WIDTH]


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """Return the nodes of a consistency proof, in its order (RFC 6962, 2.1.2).

    Returns:
        Of each node its first leaf, and the one behind its last.
    """
    found: list[tuple[int, int]] = []
    first, last, whole = 0, size, True
    while old_size < last:
        middle = first + _split(last - first)
        if old_size <= middle:
            found.append((middle, last))
            last = middle
        else:
            found.append((first, middle))
            first, whole = middle, False
    return ([] if whole else [(first, last)]) + found[::-1]


def perfect(first: int, last: int) -> list[tuple[int, int]]:
    """Return the perfect subtrees, largest first, that a node over these leaves consists of.

    Returns:
        Of each its height, and its number at that height.
    """
    found = []
    while first < last:
        height = (last - first).bit_length() - 1
        found.append((height, first >> height))
        first += 1 << height
    return found


def folded(nodes: Sequence[bytes]) -> bytes:
    """Return the hash over perfect subtrees that follow each other, largest first."""
    *left, found = nodes
    for node in reversed(left):
        found = node_hash(node, found)
    return found


def inclusion_proof(hashes: Iterable[bytes], index: int) -> list[bytes]:
    """Return the proof for one leaf of the tree over these hashes; for many, keep a `Tree`."""
    return Tree(hashes).inclusion_proof(index)


def path_length(index: int, size: int) -> int:
    """Return how many hashes lead from a leaf to the root of a tree of ``size`` leaves."""
    heights = range((size - 1).bit_length())
    return sum((index >> height ^ 1) << height < size for height in heights)


def consistency_proof(hashes: Iterable[bytes], old_size: int) -> list[bytes]:
    """Return the proof that the tree of the first ``old_size`` leaves begins the whole one."""
    return Tree(hashes).consistency_proof(old_size)


def root_from_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root that a proof leads to, beginning at a leaf's hash (RFC 9162, 2.1.3.2).

    Args:
        leaf: the leaf's hash.
        index: the leaf's.
        size: the number of the tree's leaves.
        path: the proof.

    Raises:
        ValueError: no tree of that size has such a proof for that leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"There is no leaf {index} in a tree of {size}.")
    number, last, found = index, size - 1, leaf
    for node in path:
        if not last:
            raise ValueError("The proof is too long.")
        if number & 1 or number == last:
            found = node_hash(node, found)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            found = node_hash(found, node)
        number, last = number >> 1, last >> 1
    if last:
        raise ValueError("The proof is too short.")
    return found


def verify_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Return whether a proof shows that a leaf stands at an index of a tree.

    Args:
        leaf: the leaf's hash.
        index: where it stands.
        size: the number of the tree's leaves.
        path: the proof.
        expected: the tree's root.
    """
    try:
        return root_from_inclusion(leaf, index, size, path) == expected
    except ValueError:
        return False


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether a proof shows that one tree begins another (RFC 9162, 2.1.4.2)."""
    if old_size == new_size:
        return old_root == new_root and not proof
    if not 0 < old_size < new_size or not proof:
        return False
    # A size that is a power of two is one perfect tree: its root is a node of the new one, so the proof leaves it out.
    nodes = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    number, last = old_size - 1, new_size - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = nodes[0]
    for node in nodes[1:]:
        if not last:
            return False
        if number & 1 or number == last:
            old, new = node_hash(node, old), node_hash(node, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, node)
        number, last = number >> 1, last >> 1
    return not last and old == old_root and new == new_root


def _split(count: int) -> int:
    """Return how many leaves are left of the middle: the largest power of two below ``count``."""
    return 1 << (count - 1).bit_length() - 1
