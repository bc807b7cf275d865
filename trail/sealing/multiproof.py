"""Proofs for many leaves and many heads at once.

They are made in one pass over a tree that needn't fit in memory. A multi-proof holds for its leaves what an inclusion
proof (RFC 6962, 2.1.1) holds for one, without saying anything twice. Its order: where two nodes meet of which only
one has leaves that are to be proved, the other's hash is written; left subtrees come before right ones, and what is
inside a subtree before what stands beside it. So a verifier that goes down from the root takes the hashes as it comes
back up, and both sides remember no more than one hash for each height.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from trail.sealing.tree import EMPTY, consistency_ranges, folded, node_hash, perfect


class _Node(NamedTuple):
    height: int
    hash: bytes
    #: Whether it has leaves that are to be proved.
    holds: bool


class Multiproof:
    """The proof of some of a tree's leaves, and that earlier trees are its beginning.

    Args:
        included: one byte a leaf of the tree: 1 where it is to be proved, 0 elsewhere.
        sizes: of earlier trees, rising; the last is the tree itself.
    """

    def __init__(self, included: bytearray, sizes: Sequence[int]) -> None:
        self.root = EMPTY
        self._included = included
        self._ranges = [consistency_ranges(old, new) if old else [] for old, new in pairwise(sizes)]
        self._kept: dict[tuple[int, int], bytes] = {
            node: b"" for ranges in self._ranges for first, last in ranges for node in perfect(first, last)
        }

    def siblings(self, hashes: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the hashes that lead from the included leaves to the root.

        They come in the order that the module describes.

        Args:
            hashes: of all leaves, in their order; gone through once.
        """
        stack: list[_Node] = []
        for index, hash in enumerate(hashes):
            node = _Node(0, hash, bool(self._included[index]))
            self._keep(node, index)
            while stack and stack[-1].height == node.height:
                left = stack.pop()
                yield from _beside(left, node)
                node = _met(left, node)
                self._keep(node, index)
            stack.append(node)
        while len(stack) > 1:  # the right edge of a tree whose size is no power of two
            right, left = stack.pop(), stack.pop()
            yield from _beside(left, right)
            stack.append(_met(left, right))
        self.root = stack[0].hash if stack else EMPTY

    def consistency(self) -> list[list[bytes]]:
        """Return for each earlier tree the proof that the next one begins with it.

        Call it after `siblings` has been gone through. There is nothing to prove of a tree without leaves.
        """
        return [
            [folded([self._kept[node] for node in perfect(first, last)]) for first, last in ranges]
            for ranges in self._ranges
        ]

    def _keep(self, node: _Node, last: int) -> None:
        """Remember a node that the proofs need; ``last`` is the last of its leaves."""
        key = (node.height, last >> node.height)
        if key in self._kept:
            self._kept[key] = node.hash


def _beside(left: _Node, right: _Node) -> Iterator[bytes]:
    if left.holds != right.holds:
        yield right.hash if left.holds else left.hash


def _met(left: _Node, right: _Node) -> _Node:
    return _Node(left.height + 1, node_hash(left.hash, right.hash), left.holds or right.holds)
