"""A small organization's contents for pack tests: every kind of column, every result, and awkward texts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from packs.chunks import cut
from packs.contents import (
    Assertion,
    AttachedFile,
    Contents,
    Evaluation,
    PackColumn,
    PackInfo,
    PackOrganization,
    Reason,
    RegisterRows,
    Result,
)
from packs.signing.certificate import Certificate, _made
from tests.packs import papers, trails
from trail.sealing.canonical import as_json, canonical_bytes

AS_OF = datetime(2026, 10, 9, 12, 2, 33, tzinfo=UTC)
AWKWARD = [
    "Ελληνικά: η αντλία λειτουργεί",
    "Größe, Maß und Überprüfung",
    "Les exigences ont été reçues – déjà vérifiées, œuvre n° 5",
    "客户要求在签订合同之前审查",
    "thumbs up \U0001f44d and family \U0001f468\u200d\U0001f469\u200d\U0001f467",
    '#import "x": *',
    "$x$ and *b* and _i_ and `raw` and <label> @ref",
    "=1+1",
    "+49 30 1234567",
    "@SUM(A1:A9)",
    "-2+3",
    '=HYPERLINK("http://example.org","click")',
    "<script>alert(1)</script> & </w:t>",
    "NUL \x00 and escape \x1b[31m",
    "override \u202egnp.exe and isolate \u2066x\u2069",
    "noncharacters \ufffe \uffff and mark \ufeff",
    "_x0041_ is not A",
    "two\nlines and a\ttab",
    "https://example.org/" + "averylongaddress" * 12,
    "'; DROP TABLE requirements; --",
    "/etc/passwd ../../secret %s {0} ${HOME} $(id)",
]
COLUMNS = (
    PackColumn("reference", "Reference", "reference"),
    PackColumn("statement", "Statement"),
    PackColumn("kind", "Kind", "choice", (("customer", "Customer"), ("statutory", "Statutory"))),
    PackColumn("owner", "Owner"),
    PackColumn("effective_date", "Effective", "date"),
    PackColumn("rate", "Conformity", "number"),
    PackColumn("critical", "Critical", "boolean"),
    PackColumn("changed_at", "Changed", "datetime"),
    PackColumn("linked", "Linked risks", "reference"),
)


def requirement(number: int, statement: str | None = None) -> dict[str, Any]:
    """A row of the register of requirements."""
    usual = f"The pump delivers at least {number + 5} l/min at 3 bar over its whole life, measured at the outlet."
    return {
        "reference": f"REQ-{number:04}",
        "statement": usual if statement is None else statement,
        "kind": ("customer", "statutory", "regulatory")[number % 3],
        "owner": ("Mara Lindqvist", "Ιωάννης Παππάς", "王小明", None)[number % 4],
        "effective_date": date(2024, 1, 1) + timedelta(days=number % 900),
        "rate": f"{90 + number % 10}.50",
        "critical": number % 5 == 0,
        "changed_at": AS_OF - timedelta(hours=number),
        "linked": [f"RSK-{number % 7:04}"] if number % 2 else [],
    }


def risk(number: int) -> dict[str, Any]:
    """A row of the register of risks: that of the requirement with its number."""
    return {
        "reference": f"RSK-{number:04}",
        "statement": "Seal wears early",
        "requirement": f"REQ-{number + 1:04}",
    }


def digest(file: Path) -> str:
    """A file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def write_rows(to: Path, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write rows as canonical JSON lines and return how many."""
    count = 0
    with to.open("wb") as file:
        for row in rows:
            file.write(canonical_bytes(as_json(row)) + b"\n")
            count += 1
    return count


RISKS = (*COLUMNS[:2], PackColumn("requirement", "Requirement", "reference"))


def register(
    folder: Path,
    rows: Iterable[Mapping[str, Any]],
    slug: str = "requirements",
    letter: str = "a",
    columns: tuple[PackColumn, ...] = COLUMNS,
) -> RegisterRows:
    """A register with these rows, written under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{slug}.jsonl"
    count = write_rows(file, rows)
    with file.open("rb") as lines:
        return RegisterRows(slug, slug.capitalize(), letter, columns, file, count, tuple(cut(lines)))


def attached(folder: Path, name: str, content: bytes, *references: str) -> AttachedFile:
    """An evidence file with this content, stored under `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(content).hexdigest()
    (folder / digest).write_bytes(content)
    return AttachedFile(digest, len(content), name, "application/octet-stream", folder / digest, references)


def assertion(
    code: str,
    verb: str,
    result: Result,
    share: tuple[int, int] | None = None,
    exceptions: Iterable[str] = (),
    **other: Any,
) -> Assertion:
    """A statement of the clause with its result."""
    numerator, denominator = share or (None, None)
    references = list(exceptions)
    base: Assertion = {
        "code": code,
        "sub_clause": code[0],
        "verb": verb,
        "title": f"Statement {code} about what is {verb}",
        "statement": "Every active requirement names its source, kind, owner, effective date and interested party.",
        "clauses": ["5.1.2 " + code[0], "8.2.3"],
        "result": result,
        "numerator": numerator,
        "denominator": denominator,
        "value": f"{100 * numerator / denominator:.1f} %" if numerator is not None and denominator else "–",
        "detail": "",
        "threshold": "no exception",
        "data_date": as_json(AS_OF),
        "register": "requirements",
        "exceptions": {"count": len(references), "references": references, "reasons": because(references)},
    }
    return base | other  # type: ignore[return-value]


def because(references: list[str]) -> list[Reason]:
    """One reason for all of them, if there are any."""
    reason: Reason = {"name": "no-source", "text": "No source is named", "references": references}
    return [reason] if references else []


def trend(first: int, last: int, points: int = 9) -> list[dict[str, Any]]:
    """A trend from one per cent to another, month by month."""
    return [
        {
            "date": f"2026-{month + 1:02}-28",
            "numerator": first + (last - first) * month // (points - 1),
            "denominator": 100,
            "result": "met",
        }
        for month in range(points)
    ]


def evaluation(assertions: Iterable[Assertion]) -> Evaluation:
    """An evaluation of these statements."""
    return {
        "format": "customerfocus-evaluation/1",
        "organization": "acme",
        "edition": "ISO 9001:2015/Amd 1:2024",
        "period": {"from": "2026-07-01", "to": "2026-09-30"},
        "moment": as_json(AS_OF),
        "basis": {
            "day": "2026-09-30",
            "since": "2020-01-01",
            "until": "2026-09-30T22:00:00.000000Z",
            "starts": "2026-06-30T22:00:00.000000Z",
            "ends": "2026-09-30T22:00:00.000000Z",
            "judged_at": "2026-09-30T22:00:00.000000Z",
            "targets": {
                "review_days": 365,
                "assessment_days": 365,
                "conformity_target": "95.00",
                "minimum_answers": 30,
            },
        },
        "assertions": list(assertions),
    }


def statements() -> list[Assertion]:
    """Statements of all three sub-clauses, with every result once at least."""
    many = [f"REQ-{number:04}" for number in range(1, 41)]
    return [
        assertion("a1", "Determined", "met", (60, 60), trend=trend(80, 100)),
        assertion("a2", "Determined", "gap", (20, 60), many, detail="40 reviews are late.", trend=trend(95, 33)),
        assertion("a8", "Understood", "attention", (60, 60), trend=trend(90, 96)),
        assertion("a12", "Consistently met", "no evidence"),
        assertion("b2", "Determined", "met", (12, 12)),
        assertion("b8", "Addressed", "not applicable", detail="Switched off: no risk above appetite is accepted here."),
        assertion("c2", "Maintained: listening", "gap", (11, 14), many[3:6]),
        assertion("c5", "Maintained: responding", "met", (47, 47), trend=trend(70, 97)),
    ]


@cache
def certificate(name: str = "Acme Pumps GmbH") -> Certificate:
    """A certificate that vouches for itself, made once."""
    content = _made(name, AS_OF)
    key = load_pem_private_key(content, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return Certificate(key, x509.load_pem_x509_certificate(content))


def info(**other: Any) -> PackInfo:
    """A request by Acme Pumps for the third quarter of 2026."""
    organization = PackOrganization(
        "Acme Pumps GmbH",
        "acme",
        "Design, manufacture and service of pumps in Graz and Lyon.",
        "ISO 9001:2015 with Amendment 1:2024",
    )
    base: dict[str, Any] = {
        "reference": "EP-0017",
        "organization": organization,
        "period_from": date(2026, 7, 1),
        "period_to": date(2026, 9, 30),
        "as_of": AS_OF,
        "sub_clauses": ("a", "b", "c"),
        "sites": (),
        "language": "en",
        "time_zone": "Europe/Vienna",
        "software": "Customer Focus 0.1.0",
        "asked_at": AS_OF + timedelta(minutes=5),
        "signer": certificate().signer,
    }
    return PackInfo(**(base | other))


def contents(folder: Path, rows: int = 60, **other: Any) -> Contents:
    """Contents with `rows` requirements, the first of them with awkward texts, two more registers and two files."""
    texts = dict(enumerate(AWKWARD, start=1))
    requirements = register(folder, (requirement(n, texts.get(n)) for n in range(1, rows + 1)))
    threats = (risk(number) for number in range(7))
    risks = register(folder, threats, "risks", "b", RISKS)
    feedback = register(folder, (), "feedback", "c")
    registers = (requirements, risks, feedback)
    files = (
        attached(folder / "files", "Prüfprotokoll.pdf", b"%PDF-1.7 measured", "REQ-0001", "REQ-0002"),
        attached(folder / "files", "../../etc/passwd\u202e.txt", b"", "RSK-0001"),
    )
    documents, leaves = papers.documents()
    proofs = trails.proofs(folder, registers, documents=leaves)
    return Contents(info(**other), evaluation(statements()), registers, files, proofs, documents)
