"""Collecting: the only step of a pack that reads the database, all of it at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models

from clauses.assertion import Period, assertions
from clauses.evaluation import Evaluation, ask, evaluate, plain
from clauses.models import Snapshot
from evidence.models import Attachment, EvidencePack
from evidence.pack import certificate
from evidence.pack.basis import basis
from evidence.pack.contents import AttachedFile, Contents, PackColumn, PackInfo, PackOrganization, RegisterRows
from evidence.pack.prove import prove
from organizations.models import Edition, Organization
from organizations.scope import current_organization
from registers.export import exported, values
from registers.register import BoundColumn, Child, Column, Register, model_field, registry
from trail.canonical import canonical_bytes
from trail.canonical import plain as plain_values
from trail.timetravel import time_travel

#: What a column's kind is called in a pack.
KINDS = {
    "number": "number",
    "date": "date",
    "datetime": "datetime",
    "badge": "choice",
    "choice": "choice",
    "boolean": "boolean",
    "reference": "reference",
}
#: Days of trend that go in.
TREND = 24


def collect(pack: EvidencePack, folder: Path) -> Contents:
    """Read everything a pack is made of.

    Args:
        pack: the request.
        folder: an empty folder for the rows, which are written as they are read: memory doesn't grow with them.
    """
    with time_travel(pack.as_of):
        question = ask(Period(pack.period_from, pack.period_to), pack.as_of, tuple(pack.sites))
        evaluation = evaluate(question, pack.sub_clauses)
        registers = tuple(_registers(pack, folder))
        return Contents(
            info=_info(pack, current_organization()),
            evaluation=plain_values(
                _with_trend(plain(evaluation, _exceptions(evaluation, pack)), pack) | {"basis": basis(question)}
            ),
            registers=registers,
            attachments=tuple(_attachments(pack)),
            proofs=prove(pack, registers, folder),
        )


def _info(pack: EvidencePack, organization: Organization) -> PackInfo:
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


def _exceptions(evaluation: Evaluation, pack: EvidencePack) -> dict[str, list[str]]:
    """For each assertion that has exceptions, their references: the same rows as the number counts."""
    question = ask(evaluation.period, pack.as_of, tuple(pack.sites))
    found = {}
    for outcome in evaluation.outcomes:
        assertion = assertions.get(outcome.code)
        if outcome.exceptions and assertion is not None:
            found[outcome.code] = list(assertion.failing(question).order_by("pk").values_list("reference", flat=True))
    return found


def _with_trend(evaluation: dict[str, Any], pack: EvidencePack) -> dict[str, Any]:
    """Add to each assertion what it came to on the days that were kept up to the moment."""
    day = min(pack.as_of.astimezone(current_organization().zone).date(), pack.period_to)  # as the evaluation is judged
    snapshots = list(Snapshot.objects.filter(day__lte=day).order_by("-day")[:TREND])[::-1]
    points: dict[str, list[dict[str, Any]]] = {}
    for snapshot in snapshots:
        for entry in snapshot.evaluation["assertions"]:
            kept = {name: entry[name] for name in ("numerator", "denominator", "result")}
            points.setdefault(entry["code"], []).append({"date": f"{snapshot.day:%Y-%m-%d}", **kept})
    for entry in evaluation["assertions"]:
        entry["trend"] = points.get(entry["code"], [])
    return evaluation


def _registers(pack: EvidencePack, folder: Path) -> Iterator[RegisterRows]:
    for register in registry:
        if register.sub_clause and register.sub_clause not in pack.sub_clauses:
            continue
        rows = register.model.objects.order_by("pk")
        if register.annotate:
            rows = register.annotate(rows)
        if pack.sites:
            rows = rows.filter(site__in=pack.sites)
        yield _write(register.slug, str(register.title), register.sub_clause, exported(register), rows, folder)
        for child in register.children:
            if not child.register:
                yield _write_child(register, child, rows, folder)


def _write(
    slug: str, title: str, sub_clause: str, columns: list[BoundColumn], rows: models.QuerySet, folder: Path
) -> RegisterRows:
    names = [column.name for column in columns]
    lines = (dict(zip(names, row, strict=True)) for row in values(rows, columns, words=False))
    path = folder / f"{slug}.jsonl"
    return RegisterRows(slug, title, sub_clause, tuple(map(_column, columns)), path, _write_lines(path, lines))


def _write_child(register: Register, child: Child, parents: models.QuerySet, folder: Path) -> RegisterRows:
    """The rows that belong to a register's records: known by their record's reference and a number of their own."""
    model: Any = register.model._meta.get_field(child.related_name).related_model
    shown = [BoundColumn(column, model_field(model, column.name)) for column in child.columns]
    key = BoundColumn(Column("id", path="pk", kind="number"), None)
    parent = BoundColumn(
        Column(child.parent_field, path=f"{child.parent_field}__reference", kind="reference"),
        model_field(model, child.parent_field),
    )
    columns = [parent, *(column for column in shown if column.field is not None)]
    rows = model.objects.filter(**{f"{child.parent_field}__in": parents.order_by().values("pk")}).order_by("pk")
    names = [column.name for column in columns]
    read = values(rows, [key, *columns], words=False)
    lines = (
        {"reference": f"{record}.{child.name}.{number}", **dict(zip(names, (record, *rest), strict=True))}
        for number, record, *rest in read
    )
    slug, path = f"{register.slug}-{child.name}", folder / f"{register.slug}-{child.name}.jsonl"
    described = (PackColumn("reference", "Reference", "reference"), *map(_column, columns))
    return RegisterRows(
        slug, f"{register.title}: {child.title}", register.sub_clause, described, path, _write_lines(path, lines)
    )


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    with path.open("wb") as file:
        for count, row in enumerate(rows, start=1):
            file.write(canonical_bytes(plain_values(row)) + b"\n")
    return count


def _column(column: BoundColumn) -> PackColumn:
    choices = tuple((str(code), str(label)) for code, label in getattr(column.field, "flatchoices", ()) or ())
    return PackColumn(column.name, column.label, KINDS.get(column.kind, "text"), choices)  # type: ignore[arg-type]


def _attachments(pack: EvidencePack) -> Iterator[AttachedFile]:
    """The evidence files of the registers in the pack, each once, with all the rows it belongs to."""
    prefixes = {
        register.model.prefix
        for register in registry
        if not register.sub_clause or register.sub_clause in pack.sub_clauses
    }
    found: dict[str, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(uploaded_at__lte=pack.as_of).order_by("sha256", "pk"):
        if attachment.subject.partition("-")[0] in prefixes:
            found.setdefault(attachment.sha256, []).append(attachment)
    for digest, same in found.items():
        first = same[0]
        path = Path(default_storage.path(first.path))
        yield AttachedFile(
            digest, first.size, first.name, first.media_type, path, tuple(sorted({each.subject for each in same}))
        )
