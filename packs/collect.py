"""Collecting: the one step of a pack that reads records, as they stood at its moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import reduce
from itertools import groupby
from operator import attrgetter, or_
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import Q

from clauses.assertion import Period
from clauses.evaluation import as_json, ask, evaluate, exceptions_of
from clauses.trends import kept_days
from evidence.models import Attachment
from organizations.models import Edition
from organizations.scope import current_organization
from packs.basis import basis
from packs.chunks import Chunk, cut
from packs.contents import AttachedFile, Contents, PackColumn, PackInfo, PackOrganization, RegisterRows
from packs.documents import documents_of
from packs.models import EvidencePack
from packs.proofs.leaves import KEY_BYTES
from packs.proofs.prove import announced
from packs.signing import certificate
from registers.columns import BoundColumn, Column, model_field
from registers.export import CHUNK, packed, values
from registers.register import Child, Register, registry
from trail.sealing.canonical import as_json as plain_values
from trail.sealing.canonical import canonical_lines
from trail.time_travel.travel import time_travel

#: Told of each chunk of rows as soon as it is written, with the pack it is for.
Offer = Callable[[RegisterRows, Chunk, PackInfo], Any]
Written = Callable[[RegisterRows, Chunk], Any]

#: A column's kind here → what a pack calls it; the others are texts.
KINDS = {
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "badge": "choice",
    "choice": "choice",
    "boolean": "boolean",
    "reference": "reference",
}
#: The column by which leaves of rows are looked for; it goes before their other values, and not into the pack.
KEY = BoundColumn(Column("id", path="pk", kind="number"), None)
#: Days of trend that go in, at most.
TREND = 24


def collect(pack: EvidencePack, folder: Path, offer: Offer = lambda register, chunk, info: None) -> Contents:
    """Read everything a pack is made of.

    Args:
        pack: the request.
        folder: an empty folder for the rows, which are written as they are read: memory doesn't grow with them.
        offer: called with each chunk of a register's rows as soon as it is written, so that others can go on with it.

    Raises:
        Unsealed: the request has no seal yet.
    """
    with time_travel(pack.as_of):
        info = _info(pack)
        question = ask(Period(pack.period_from, pack.period_to), pack.as_of, tuple(pack.sites))
        evaluation = evaluate(question, pack.sub_clauses)
        registers = tuple(_registers(pack, folder, lambda register, chunk: offer(register, chunk, info)))
        documents = tuple(documents_of(pack))
        return Contents(
            info=info,
            evaluation=plain_values(
                _with_trend(as_json(evaluation, exceptions_of(evaluation, question)), pack) | {"basis": basis(question)}
            ),
            registers=registers,
            attachments=tuple(_attachments(pack)),
            proofs=announced(pack, registers, documents, folder),
            documents=documents,
        )


def _info(pack: EvidencePack) -> PackInfo:
    """Return what was asked for, in the words of the pack."""
    organization = current_organization()
    return PackInfo(
        reference=pack.reference,
        organization=PackOrganization(
            organization.name, organization.slug, organization.scope_statement, str(Edition(organization.edition).label)
        ),
        period_from=pack.period_from,
        period_to=pack.period_to,
        as_of=pack.as_of,
        sub_clauses=tuple(sorted(pack.sub_clauses)),
        sites=pack.site_names(),
        language=pack.language,
        time_zone=organization.time_zone,
        software=f"Customer Focus {settings.VERSION}",
        asked_at=pack.requested_at,
        signer=certificate.ours().signer,
        timestamped=bool(settings.TIMESTAMP_URL),
    )


def _with_trend(evaluation: dict[str, Any], pack: EvidencePack) -> dict[str, Any]:
    """Add to each assertion what it came to on the days that were kept up to the moment.

    A pack of some sites has no trend: the days were kept of all sites together.
    """
    day = min(pack.as_of.astimezone(current_organization().zone).date(), pack.period_to)  # as the evaluation is judged
    points: dict[str, list[dict[str, Any]]] = {}
    for snapshot in [] if pack.sites else kept_days(day, TREND):
        for entry in snapshot.evaluation["assertions"]:
            kept = {name: entry[name] for name in ("numerator", "denominator", "result")}
            points.setdefault(entry["code"], []).append({"date": f"{snapshot.day:%Y-%m-%d}", **kept})
    for entry in evaluation["assertions"]:
        entry["trend"] = points.get(entry["code"], [])
    return evaluation


def _registers(pack: EvidencePack, folder: Path, written: Written) -> Iterator[RegisterRows]:
    for register in registry:
        if register.sub_clause and register.sub_clause not in pack.sub_clauses:
            continue
        rows = register.annotated().order_by("pk")
        if pack.sites:
            rows = rows.filter(site__in=pack.sites)
        yield _write(*_records(register, rows), folder, written)
        for child in register.children:
            if not child.register:
                yield _write(*_children(register, child, rows), folder, written)


def _records(register: Register, rows: models.QuerySet) -> tuple[RegisterRows, Iterator[list[Any]]]:
    columns = packed(register)
    described = RegisterRows(
        register.slug, str(register.title), register.sub_clause, tuple(map(_column, columns)), Path(), 0
    )
    return described, values(rows, [KEY, *columns], words=False)


def _children(register: Register, child: Child, parents: models.QuerySet) -> tuple[RegisterRows, Iterator[list[Any]]]:
    """Return the rows that belong to a register's records.

    They are known by their record's reference and a number of their own.
    """
    model: Any = register.model._meta.get_field(child.related_name).related_model
    shown = [BoundColumn(column, model_field(model, column.name)) for column in child.columns]
    parent = BoundColumn(
        Column(child.parent_field, path=f"{child.parent_field}__reference", kind="reference"),
        model_field(model, child.parent_field),
    )
    columns = [parent, *(column for column in shown if column.field is not None)]
    rows = model.objects.filter(**{f"{child.parent_field}__in": parents.order_by().values("pk")}).order_by("pk")
    read = values(rows, [KEY, *columns], words=False)
    described = RegisterRows(
        f"{register.slug}-{child.name}",
        f"{register.title}: {child.title}",
        register.sub_clause,
        (PackColumn("reference", "Reference", "reference"), *map(_column, columns)),
        Path(),
        0,
    )
    return described, ([number, f"{record}.{child.name}.{number}", record, *rest] for number, record, *rest in read)


def _write(register: RegisterRows, rows: Iterable[list[Any]], folder: Path, written: Written) -> RegisterRows:
    """Write a register's rows, telling of each chunk."""
    register = replace(register, rows=folder / f"{register.slug}.jsonl")
    names, chunks = [column.name for column in register.columns], []
    counts: dict[str, Counter[Any]] = {column.name: Counter() for column in register.columns if column.choices}
    counters = [(names.index(name), counter) for name, counter in counts.items()]
    # Keys, counts and lines are written in one pass, row by row, so that memory doesn't grow with the rows.
    with register.rows.open("wb") as file, register.keys.open("wb") as keys:
        for chunk in cut(_written(file, canonical_lines(names, _counted(_keyed(rows, keys), counters)))):
            # Other workers read both files as soon as they are told of the chunk.
            file.flush()
            keys.flush()
            written(register, chunk)
            chunks.append(chunk)
    return replace(register, count=sum(chunk.count for chunk in chunks), chunks=tuple(chunks), counts=counts)


def _keyed(rows: Iterable[list[Any]], file: BinaryIO) -> Iterator[list[Any]]:
    """Write the first value of each row, its key, and yield the others."""
    for key, *row in rows:
        file.write(KEY_BYTES.pack(key))
        yield row


def _counted(rows: Iterable[list[Any]], counters: list[tuple[int, Counter[Any]]]) -> Iterator[list[Any]]:
    for row in rows:
        for place, counter in counters:
            counter[row[place]] += 1
        yield row


def _written(file: BinaryIO, lines: Iterable[bytes]) -> Iterator[bytes]:
    for line in lines:
        file.write(line)
        yield line


def _column(column: BoundColumn) -> PackColumn:
    choices = tuple((str(code), str(label)) for code, label in getattr(column.field, "flatchoices", ()) or ())
    return PackColumn(column.name, column.label, KINDS.get(column.kind, "text"), choices)  # type: ignore[arg-type]


def _attachments(pack: EvidencePack) -> Iterator[AttachedFile]:
    """Yield the evidence files of the rows in the pack.

    Each comes once, with all the rows it belongs to.
    """
    asked = [each for each in registry if not each.sub_clause or each.sub_clause in pack.sub_clauses]
    prefixes = {register.model.prefix for register in asked}
    found = Attachment.objects.filter(uploaded_at__lte=pack.as_of)
    if pack.sites:
        here = (each.model.objects.filter(site__in=pack.sites).order_by().values("reference") for each in asked)
        found = found.filter(reduce(or_, (Q(subject__in=rows) for rows in here)))
    files = found.order_by("sha256", "pk").iterator(CHUNK)
    inside = (file for file in files if file.subject.partition("-")[0] in prefixes)
    for digest, same in groupby(inside, key=attrgetter("sha256")):
        first, *rest = same
        path = Path(default_storage.path(first.path))
        subjects = {first.subject, *(each.subject for each in rest)}
        yield AttachedFile(digest, first.size, first.name, first.media_type, path, tuple(sorted(subjects)))
