"""A frozen sample and a sign-off for pack tests, with the leaves of the rows that they are made of."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from audits.sampling import Entry, digest, draw
from packs.contents import Document
from tests.packs import trails
from trail.sealing.canonical import as_json, canonical_bytes

ENTRIES = [Entry(f"REQ-{number:04}", "ABC"[number % 3], 1 + number % 7) for number in range(1, 61)]


def documents(before: str = "earlier") -> tuple[tuple[Document, ...], tuple[bytes, ...]]:
    """A sample and a sign-off that was withdrawn, and their leaves; ``before`` is what the trail begins with."""
    made = [_document("samples", sample(), _sample_row), _document("sign-offs", sign_off(before), _sign_off_row)]
    return tuple(document for document, _ in made), tuple(leaf for _, leaf in made)


def sample(method: Any = "stratified", size: int = 10) -> dict[str, Any]:
    """A sample as packs carry it."""
    drawn = draw(method, ENTRIES, size, "1984")
    rows = [
        {"position": at, "reference": row.reference, "stratum": row.stratum, "weight": row.weight}
        for at, row in enumerate(drawn, start=1)
    ]
    entries = [[entry.reference, entry.stratum, entry.weight] for entry in ENTRIES]
    population = {"count": 60, "digest": digest(ENTRIES), "rows": entries}
    told = {"reference": "SA-0001", "register": "requirements", "query": "", "method": method, "stratified_by": "kind"}
    return told | {"format": "customerfocus-sample/1", "size": size, "seed": "1984", "population": population, "rows": rows}  # fmt: skip


def sign_off(before: str = "earlier") -> dict[str, Any]:
    """A sign-off as packs carry it."""
    told = {"format": "customerfocus-signed/1", "reference": "SO-0001", "interim": False}
    period = {"from": "2026-04-01", "to": "2026-06-30"}
    changes = {"count": 2, "listed": 0, "facts": [], "results": ["a2"], "by_time": []}
    return (
        told | act(before) | {"period": period, "withdrawal": act(before) | {"reason": "Too early"}, "changes": changes}
    )


def act(before: str = "earlier") -> dict[str, Any]:
    """What somebody signed."""
    note, signer = trails.first_head(before), {"name": "Mara Lindqvist", "job_title": "Director"}
    statement = canonical_bytes({"signer": signer, "seal": {"note": note}, "meaning": "I reviewed it."})
    return {
        "signer": signer,
        "signed_at": as_json(trails.WRITTEN),
        "method": "passkey",
        "statement": statement.decode(),
        "sha256": sha256(statement).hexdigest(),
        "head": note,
    }


def _sample_row(value: dict[str, Any]) -> dict[str, Any]:
    population = value["population"]
    frozen = {"population": population["count"], "digest": population["digest"], "entries": population["rows"]}
    names = ("reference", "register", "query", "method", "stratified_by", "size", "seed")
    return {name: value[name] for name in names} | frozen


def _sign_off_row(value: dict[str, Any]) -> dict[str, Any]:
    return {
        "reference": value["reference"],
        "statement": value["statement"],
        "digest": value["sha256"],
        "seal_note": value["head"],
    }


def _document(folder: str, value: dict[str, Any], row: Any) -> tuple[Document, bytes]:
    pdf = b"%PDF-1.7 signed" if folder == "sign-offs" else b""
    leaf = canonical_bytes({"row": {"id": 1, **row(value)}, "table": folder})
    return Document(folder, value["reference"], canonical_bytes(value), folder, 1, pdf=pdf), leaf
