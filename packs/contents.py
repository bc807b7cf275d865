"""The contents of an evidence pack: the contract between collecting and rendering.

Collecting reads the database. Everything here is frozen, and everything a pack shows comes from here: `render` and
`seal` read no database and no settings. Long lists stay on disk as canonical JSON lines and are streamed, so memory
does not grow with the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import orjson

from packs.chunks import Chunk
from packs.proofs.contents import PackProofs

PACK_FORMAT = "customerfocus-pack/2"
EVALUATION_FORMAT = "customerfocus-evaluation/1"

Kind = Literal["text", "number", "date", "datetime", "choice", "boolean", "reference"]
Result = Literal["met", "attention", "gap", "no evidence", "not applicable"]
Row = Mapping[str, Any]


class TrendPoint(TypedDict):
    """One past value of an assertion; the counts are null where it was not a share."""

    date: str
    numerator: int | None
    denominator: int | None
    result: Result


class Reason(TypedDict):
    """Why some rows break an assertion, in words, with their references."""

    name: str
    text: str
    references: Sequence[str]


class Exceptions(TypedDict):
    """The rows that break an assertion: `count` always equals the number of `references`.

    Each of them is named by a reason.
    """

    count: int
    references: Sequence[str]
    reasons: Sequence[Reason]


class RecordedAfter(TypedDict):
    """How many rows of how many rest on what was recorded after the period ended, and after how many days (the median)."""

    count: int
    of: int
    days: int | None


class Assertion(TypedDict):
    """One statement of the clause with its result.

    `register` is the slug of the register whose rows `exceptions` names.
    """

    code: str
    sub_clause: str
    verb: str
    title: str
    statement: str
    clauses: Sequence[str]
    result: Result
    numerator: int | None
    denominator: int | None
    value: str
    detail: str
    threshold: str
    data_date: str | None
    register: str
    exceptions: Exceptions
    recorded_after: NotRequired[RecordedAfter]
    trend: NotRequired[Sequence[TrendPoint]]


class Evaluation(TypedDict):
    """The evaluation as plain data.

    It is what `data/evaluation.json` holds, byte for byte, in canonical form.
    """

    format: str
    organization: str
    edition: str
    period: Mapping[str, str]
    judged_on: NotRequired[str]
    moment: str
    recorded_after: NotRequired[RecordedAfter]
    basis: Mapping[str, Any]
    assertions: Sequence[Assertion]


@dataclass(frozen=True)
class PackOrganization:
    """The organization whose evidence it is.

    `scope` is the scope statement (4.3), `edition` the label of the standard's edition.
    """

    name: str
    slug: str
    scope: str
    edition: str


@dataclass(frozen=True)
class PackSigner:
    """The certificate that signs a pack.

    Attributes:
        name: its subject (RFC 4514).
        fingerprint: its SHA-256 in hexadecimal.
        certificates: its PEM, followed by the certificates of those who vouch for it.
        valid_until: its last moment.
    """

    name: str
    fingerprint: str
    certificates: str
    valid_until: datetime

    @property
    def readable_fingerprint(self) -> str:
        """The fingerprint as people read it out to each other: `AB:CD:…`."""
        return ":".join(re.findall("..", self.fingerprint.upper()))


@dataclass(frozen=True)
class PackInfo:
    """The request that a pack answers.

    Attributes:
        as_of: the moment whose records are in it, with its zone.
        sub_clauses: letters in order.
        sites: names; none means all of them.
        language: a Django language code.
        time_zone: an IANA name.
        software: the version that collected the rows.
        asked_at: when it was asked for, which is also the time that signatures bear.
        signer: whose signatures they are.
        timestamped: whether an authority outside stamps the pack.
    """

    reference: str
    organization: PackOrganization
    period_from: date
    period_to: date
    as_of: datetime
    sub_clauses: tuple[str, ...]
    sites: tuple[str, ...]
    language: str
    time_zone: str
    software: str
    asked_at: datetime
    signer: PackSigner
    timestamped: bool = False

    def __post_init__(self) -> None:
        if self.as_of.utcoffset() is None or self.asked_at.utcoffset() is None:
            raise ValueError("The moments of a pack need a time zone.")


@dataclass(frozen=True)
class PackColumn:
    """A column of a register.

    `name` is the key in the rows, `label` its heading in the pack's language. `choices` gives the words for the codes
    of a `choice` column; codes without a word are shown as they are.
    """

    name: str
    label: str
    kind: Kind = "text"
    choices: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise ValueError(f"{self.name!r} can't be a column's name: use a-z, 0-9 and _.")


@dataclass(frozen=True)
class RegisterRows:
    """A register as it goes into the pack.

    `rows` is a file of `count` lines, each one row as canonical JSON (see `trail.sealing.canonical`) with the column names as
    keys and a unique `reference`; `chunks` say how it is cut for many workers, `counts` how many rows have which code of
    each choice column. `slug` names the files made of it.
    Columns come most telling first: the report prints only as many as fit a page.
    """

    slug: str
    title: str
    sub_clause: str
    columns: tuple[PackColumn, ...]
    rows: Path
    count: int
    chunks: tuple[Chunk, ...] = ()
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", self.slug):
            raise ValueError(f"{self.slug!r} can't be a register's slug: use a-z, 0-9, - and _.")

    @property
    def keys(self) -> Path:
        """The file beside the rows with their primary keys, in their order: eight bytes each."""
        return self.rows.with_suffix(".keys")


@dataclass(frozen=True)
class AttachedFile:
    """An evidence file, stored under its SHA-256.

    `attached_to` are the references of the rows it belongs to.
    """

    sha256: str
    size: int
    name: str
    media_type: str
    path: Path
    attached_to: tuple[str, ...]

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-f]{64}", self.sha256):
            raise ValueError(f"{self.sha256!r} is not a SHA-256 digest in lower-case hexadecimal.")


@dataclass(frozen=True)
class Document:
    """A document of its own, with the row that it is made of.

    It stands in `data/FOLDER/REFERENCE.json` (and `.pdf`).

    Attributes:
        folder: where it goes, `samples`, `sign-offs`, `decisions` or `appointments`.
        reference: its name.
        content: canonical JSON.
        model: the label of the row's model; its last version is proved with the rows.
        key: the row's primary key.
        notes: signed heads that it names, which the chain of heads must hold.
        pdf: the same on paper, where there is that.
    """

    folder: str
    reference: str
    content: bytes
    model: str
    key: int
    notes: tuple[str, ...] = ()
    pdf: bytes = b""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z-]+/[A-Z0-9-]+", self.path):
            raise ValueError(f"{self.path!r} can't be a document's name.")

    @property
    def path(self) -> str:
        """The document's name in the pack's data, without an ending."""
        return f"{self.folder}/{self.reference}"

    @property
    def files(self) -> dict[str, bytes]:
        """The document's files by their names in the pack's data."""
        return {f"{self.path}.json": self.content} | ({f"{self.path}.pdf": self.pdf} if self.pdf else {})


@dataclass(frozen=True)
class Contents:
    """Everything a pack is made of. The same contents give the same bytes."""

    info: PackInfo
    evaluation: Evaluation
    registers: tuple[RegisterRows, ...]
    attachments: tuple[AttachedFile, ...]
    proofs: PackProofs
    documents: tuple[Document, ...] = ()

    def __post_init__(self) -> None:
        for names in ([each.slug for each in self.registers], [each.sha256 for each in self.attachments]):
            if len(set(names)) != len(names):
                raise ValueError(f"A register or an evidence file is there twice: {sorted(names)}.")


def read_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a JSON lines file one at a time."""
    with path.open("rb") as lines:
        for line in lines:
            yield orjson.loads(line)
