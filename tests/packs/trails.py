"""A small organization's trail for pack tests, without a database: leaves of rows among others, heads, and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from packs.contents import RegisterRows, read_rows
from packs.proofs.contents import PackProofs, ProvedColumn, ProvedRows, SealKey, leaf_line, write_proofs
from trail.sealing import keys, signed_notes
from trail.sealing.canonical import as_json, canonical_bytes
from trail.sealing.signed_notes import Head
from trail.sealing.tree import leaf_hash, root

ORIGIN = "quality.example/o/acme"
WRITTEN = datetime(2026, 10, 9, 11, tzinfo=UTC)
OLD, NEW = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
#: How columns of the samples follow from their leaves; what isn't named is a value.
COLUMNS = {
    "owner": ProvedColumn("owner", "nothing", why="person"),
    "linked": ProvedColumn("linked", "nothing", why="links"),
    "requirement": ProvedColumn("requirement", "row", "requirement_id", of="requirements"),
}


def proofs(
    folder: Path, registers: Sequence[RegisterRows] = (), *, before: str = "earlier", documents: Sequence[bytes] = ()
) -> PackProofs:
    """Proofs of these registers' rows, whose leaves stand among others of the trail.

    Args:
        folder: where the files go.
        registers: the rows.
        documents: the leaves of documents.
        before: what the trail begins with; another text makes another history.
    """
    home = folder / "proofs"
    home.mkdir(parents=True, exist_ok=True)
    leaves, included = [f"{before} {number}".encode() for number in range(5)], bytearray(5)
    rows = []
    for register in registers:
        with (home / f"{register.slug}.leaves").open("wb") as out:
            for number, row in enumerate(read_rows(register.rows), start=1):
                data = version(register.slug, number, row)
                out.write(leaf_line(len(leaves), data))
                leaves += [data, b"an event"] if number % 3 else [data]
                included += b"\1\0" if number % 3 else b"\1"
        rows.append(ProvedRows(register.slug, f"acme_{register.slug}", tuple(columns(register))))
    (home / "documents.leaves").write_bytes(b"".join(leaf_line(len(leaves) + n, d) for n, d in enumerate(documents)))
    leaves, included = [*leaves, *documents], included + b"\1" * len(documents)
    chain = heads([leaf_hash(data) for data in leaves])
    made = PackProofs(home, tuple(chain), (seal_key(OLD), seal_key(NEW)), tuple(rows))
    write_proofs(made, map(leaf_hash, leaves), included)
    return made


def version(slug: str, number: int, row: Any) -> bytes:
    """The bytes of a leaf: the row's last version."""
    said = dict(row) | {"id": number, "history_type": "~", "history_date": as_json(WRITTEN), "requirement_id": number}
    return canonical_bytes({"row": as_json(said), "table": f"acme_{slug}"})


def columns(register: RegisterRows) -> Iterator[ProvedColumn]:
    """How the columns of a register follow from its leaves."""
    for column in register.columns:
        yield COLUMNS.get(column.name, ProvedColumn(column.name, "value", column.name))


def heads(hashes: Sequence[bytes]) -> list[str]:
    """Signed heads: of five leaves by the key of then, of half of all, and of all."""
    found, previous = [], (0, root(()))
    for number, size in enumerate(sorted({5, max(5, len(hashes) // 2), len(hashes)}), start=1):
        head = Head(ORIGIN, size, root(hashes[:size]), number, WRITTEN + timedelta(minutes=number), *previous, "pack")
        found.append(signed_notes.sign(head, OLD if size == 5 and len(hashes) > 5 else NEW))
        previous = (head.size, head.root)
    return found


def first_head(before: str = "earlier") -> str:
    """The head of five leaves, with which every trail of ours begins."""
    return heads([*(leaf_hash(f"{before} {number}".encode()) for number in range(5)), leaf_hash(b"another")])[0]


def seal_key(private: Ed25519PrivateKey) -> SealKey:
    """A key as packs carry it."""
    public = private.public_key()
    return SealKey(signed_notes.verifier(ORIGIN, public), keys.fingerprint(public))
