"""The proofs that a pack carries: that its rows stand in the organization's sealed trail.

For each list of rows the leaves, in the order of the rows: a line is the leaf's index in the tree, a blank, and the exact
bytes that were hashed. One multi-proof leads from all of them to the root of the pack's head, and the chain of heads that
left the house before it is joined by consistency proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trail.sealing.canonical import canonical_bytes
from trail.sealing.multiproof import Multiproof
from trail.sealing.signed_notes import Head, parse

HASH_BYTES = 32  # of SHA-256

#: How a column of the records follows from its row's leaf: it is a value of it; a key in it leads to another row, whose
#: leaf has the reference; it is the member of its own name of an object in the leaf; the row's own number ends it; or it
#: doesn't follow at all.
As = Literal["value", "row", "member", "number", "nothing"]
#: Why a column doesn't follow from the leaf.
Why = Literal["", "person", "site", "links", "computed"]


@dataclass(frozen=True)
class ProvedColumn:
    """How a column of a register's records follows from a row's leaf.

    Attributes:
        name: the column of the records.
        how: see `As`.
        leaf: the leaf's column.
        of: for a key, the slug of the register whose row it leads to.
        why: for what doesn't follow.
    """

    name: str
    how: As
    leaf: str = ""
    of: str = ""
    why: Why = ""


@dataclass(frozen=True)
class ProvedRows:
    """How a register's records follow from their leaves, and these leaves' table of versions."""

    slug: str
    table: str
    columns: tuple[ProvedColumn, ...]


@dataclass(frozen=True)
class SealKey:
    """A public key that signed heads.

    `verifier` is the key as tools for signed notes write it, `fingerprint` that by which people know it.
    """

    verifier: str
    fingerprint: str


@dataclass(frozen=True)
class PackProofs:
    """The proofs of a pack.

    Attributes:
        folder: where its files are, once they are written.
        chain: the signed heads that left the house, oldest first; the last is the pack's.
        keys: those that signed them, as they came into use.
        rows: for each list of rows what its leaves are.
    """

    folder: Path
    chain: tuple[str, ...]
    keys: tuple[SealKey, ...]
    rows: tuple[ProvedRows, ...]

    @property
    def head(self) -> Head:
        """The pack's head, read."""
        return parse(self.chain[-1])

    @property
    def signed_by(self) -> SealKey:
        """The key that signed the pack's head: the last that came into use."""
        return self.keys[-1]

    @property
    def documents(self) -> Path:
        """The file of the documents' leaves."""
        return self.folder / "documents.leaves"

    @property
    def siblings(self) -> Path:
        """The file of the hashes that lead from all leaves to the head's root."""
        return self.folder / "siblings.bin"

    @property
    def seals(self) -> Path:
        """The file of the chain of heads, each with the proof that it follows from the one before.

        It follows where its tree begins with the tree before.
        """
        return self.folder / "seals.jsonl"

    def leaves(self, slug: str) -> Path:
        """Return the file of the leaves of a register's rows, in their order."""
        return self.folder / f"{slug}.leaves"

    @property
    def files(self) -> list[Path]:
        """Every file, in the order of their names."""
        return sorted([self.documents, self.siblings, self.seals, *(self.leaves(rows.slug) for rows in self.rows)])


def leaf_line(index: int, data: bytes) -> bytes:
    """Return a line of a file of leaves. Canonical JSON has no line feed in it."""
    return b"%d %b\n" % (index, data)


def write_proofs(proofs: PackProofs, hashes: Iterable[bytes], included: bytearray) -> None:
    """Write the multi-proof and the chain of heads, in one pass over the tree.

    Args:
        proofs: what they are of; their folder must be there.
        hashes: of all leaves of the tree, in order.
        included: one byte a leaf, 1 where it is in the pack.

    Raises:
        ValueError: the leaves don't have the root that the last head signs.
    """
    heads = [parse(note) for note in proofs.chain]
    proof = Multiproof(included, [head.size for head in heads])
    with proofs.siblings.open("wb") as file:
        file.writelines(proof.siblings(hashes))
    if proof.root != heads[-1].root:
        raise ValueError(f"The leaves of the trail don't have the root that head {heads[-1].number} signs.")
    proofs.seals.write_bytes(b"".join(_seal_lines(proofs.chain, [[], *proof.consistency()])))


def _seal_lines(notes: Sequence[str], proofs: Sequence[Sequence[bytes]]) -> Iterator[bytes]:
    """Yield each head with the proof that its tree begins with that of the head before it."""
    for note, proof in zip(notes, proofs, strict=True):
        yield canonical_bytes({"note": note, "proof": [hash.hex() for hash in proof]}) + b"\n"


def described(proofs: PackProofs) -> dict[str, Any]:
    """Return the proofs as `pack.json` describes them.

    Their files must be written; the digests of these come from whoever copies them.
    """
    head = proofs.head
    return {
        "head": {
            "origin": head.origin,
            "number": head.number,
            "size": head.size,
            "root": head.root.hex(),
            "time": head.time,
            "note": proofs.chain[-1],
        },
        "keys": [vars(key) for key in proofs.keys],
        "siblings": proofs.siblings.stat().st_size // HASH_BYTES,
        "seals": len(proofs.chain),
    }


def described_rows(rows: ProvedRows) -> dict[str, Any]:
    """Return how a register's records follow from their leaves, as `pack.json` describes it."""
    columns = ({"name": c.name, "as": c.how, "leaf": c.leaf, "of": c.of, "why": c.why} for c in rows.columns)
    return {"table": rows.table, "columns": [{k: v for k, v in column.items() if v} for column in columns]}
