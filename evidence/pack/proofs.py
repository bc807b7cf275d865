"""What a pack carries so that anybody can prove that its rows stand in the organization's sealed trail.

For each list of rows the leaves, in the order of the rows: a line is the leaf's index in the tree, a blank, and the exact
bytes that were hashed. One multi-proof leads from all of them to the root of the pack's head, and the chain of heads that
left the house before it is joined by consistency proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from trail.canonical import canonical_bytes
from trail.multiproof import Multiproof
from trail.notes import Head, parse

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
    """The leaves of a register's rows: a file with a line a row, and the table of versions they are of."""

    slug: str
    table: str
    columns: tuple[ProvedColumn, ...]
    leaves: Path


@dataclass(frozen=True)
class SealKey:
    """A public key that signed heads: as tools for signed notes write it, and the fingerprint by which people know it."""

    verifier: str
    fingerprint: str


@dataclass(frozen=True)
class PackProofs:
    """The proofs of a pack: its head as a signed note, the keys that signed the chain, and the files."""

    note: str
    keys: tuple[SealKey, ...]
    rows: tuple[ProvedRows, ...]
    documents: Path
    siblings: Path
    sibling_count: int
    seals: Path
    seal_count: int

    @property
    def head(self) -> Head:
        """What the note says."""
        return parse(self.note)

    @property
    def signed_by(self) -> SealKey:
        """The key that signed the pack's head: the last that came into use."""
        return self.keys[-1]


def leaf_line(index: int, data: bytes) -> bytes:
    """A line of a file of leaves. JSON has no line feed in it."""
    return b"%d %b\n" % (index, data)


def write_proofs(
    folder: Path, hashes: Iterable[bytes], included: bytearray, notes: Sequence[str]
) -> tuple[Path, int, Path]:
    """Write the multi-proof and the chain of heads, in one pass over the tree.

    Args:
        folder: where to; it must be there.
        hashes: of all leaves of the tree, in order.
        included: one byte a leaf, 1 where it is in the pack.
        notes: the signed heads of the chain, oldest first; the last is the pack's.

    Returns:
        the file of sibling hashes, how many they are, and the file of seals.

    Raises:
        ValueError: the leaves don't have the root that the last head signs.
    """
    heads = [parse(note) for note in notes]
    proof = Multiproof(included, [head.size for head in heads])
    siblings, seals, count = folder / "siblings.bin", folder / "seals.jsonl", 0
    with siblings.open("wb") as file:
        for count, hash in enumerate(proof.siblings(hashes), start=1):
            file.write(hash)
    if proof.root != heads[-1].root:
        raise ValueError(f"The leaves of the trail don't have the root that head {heads[-1].number} signs.")
    seals.write_bytes(b"".join(_seal_lines(notes, [[], *proof.consistency()])))
    return siblings, count, seals


def _seal_lines(notes: Sequence[str], proofs: Sequence[Sequence[bytes]]) -> Iterator[bytes]:
    """Each head with the proof that its tree begins with that of the head before it."""
    for note, proof in zip(notes, proofs, strict=True):
        yield canonical_bytes({"note": note, "proof": [hash.hex() for hash in proof]}) + b"\n"


def proof_files(proofs: PackProofs) -> list[Path]:
    """Every file of proofs, in the order of their names."""
    return sorted([proofs.documents, proofs.siblings, proofs.seals, *(rows.leaves for rows in proofs.rows)])


def described(proofs: PackProofs) -> dict[str, Any]:
    """The proofs as `pack.json` describes them; digests of the files come from whoever writes them."""
    head = proofs.head
    return {
        "head": {
            "origin": head.origin,
            "number": head.number,
            "size": head.size,
            "root": head.root.hex(),
            "time": head.time,
            "note": proofs.note,
        },
        "keys": [vars(key) for key in proofs.keys],
        "siblings": proofs.sibling_count,
        "seals": proofs.seal_count,
    }


def described_rows(rows: ProvedRows) -> dict[str, Any]:
    """How a register's records follow from their leaves, as `pack.json` describes it."""
    columns = ({"name": c.name, "as": c.how, "leaf": c.leaf, "of": c.of, "why": c.why} for c in rows.columns)
    return {"table": rows.table, "columns": [{k: v for k, v in column.items() if v} for column in columns]}
