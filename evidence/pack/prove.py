"""Collecting the proofs of a pack: which leaves its rows are, and the chain of heads up to the pack's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.models import Max, Q

from evidence.models import EvidencePack
from evidence.pack.contents import Document, RegisterRows, read_rows
from evidence.pack.proofs import PackProofs, ProvedColumn, ProvedRows, SealKey, leaf_line, write_proofs
from registers.export import exported
from registers.register import BoundColumn, model_field, registry
from trail import keys, notes
from trail.leaves import source_of
from trail.models import Leaf, Seal
from trail.seals import hashes

#: Rows looked up at once.
BATCH = 2000
#: The last part of a child row's reference is its number in the database, see `evidence.pack.collect`.
OWN_NUMBER = ProvedColumn("reference", "number", "id")


class Unsealed(RuntimeError):
    """A row of the pack is not under the pack's head: it was committed while the pack was asked for."""


def prove(
    pack: EvidencePack, registers: Sequence[RegisterRows], documents: Sequence[Document], folder: Path
) -> PackProofs:
    """Write the proofs of collected rows, as of the moment in which it is called.

    Args:
        pack: the request, with its seal.
        registers: the rows as they were written.
        documents: what else is in the pack.
        folder: where the rows are; the proofs go into a folder beside them.

    Raises:
        Unsealed: a row has no leaf under the pack's head.
    """
    seal = pack.seal
    if seal is None:
        raise Unsealed(f"{pack.reference} has no seal yet.")
    home = folder / "proofs"
    home.mkdir()
    included = bytearray(seal.size)
    rows = tuple(_proved(register, home, included) for register in registers)
    leaves = _of_documents(documents, home, included)
    chain = _chain(seal, documents)
    siblings, count, seals = write_proofs(home, hashes(0, seal.size), included, chain)
    return PackProofs(seal.note, _keys(chain), rows, leaves, siblings, count, seals, len(chain))


def _proved(rows: RegisterRows, folder: Path, included: bytearray) -> ProvedRows:
    """Write the leaves of a register's rows, line by line as its records are."""
    model, columns = _described(rows.slug)
    history: Any = model.history.model
    file = folder / f"{rows.slug}.leaves"
    with file.open("wb") as out:
        for references in _batches(rows.rows):
            for index, data in _leaves(history, _keys_of(model, references), len(included)):
                included[index] = 1
                out.write(leaf_line(index, data))
    return ProvedRows(rows.slug, history._meta.db_table, columns, file)


def _of_documents(documents: Sequence[Document], folder: Path, included: bytearray) -> Path:
    """Write the leaves of documents, line by line."""
    file = folder / "documents.leaves"
    with file.open("wb") as out:
        for document in documents:
            history: Any = apps.get_model(document.model).history.model  # type: ignore[attr-defined]
            for index, data in _leaves(history, [document.key], len(included)):
                included[index] = 1
                out.write(leaf_line(index, data))
    return file


def _batches(file: Path) -> Iterator[list[str]]:
    rows = read_rows(file)
    while batch := [str(row["reference"]) for row in islice(rows, BATCH)]:
        yield batch


def _keys_of(model: Any, references: list[str]) -> list[int]:
    """The primary keys of rows, in the order of their references."""
    if not hasattr(model, "prefix"):
        return [int(reference.rpartition(".")[2]) for reference in references]
    found = dict(model.objects.filter(reference__in=references).values_list("reference", "pk"))
    return [found[reference] for reference in references]


def _leaves(history: Any, rows: list[int], size: int) -> Iterator[tuple[int, bytes]]:
    """Of each row, the leaf of its last version in a tree of that size: index and bytes."""
    last = dict(history.objects.filter(id__in=rows).order_by().values_list("id").annotate(Max("history_id")))
    source = source_of(history)
    indexes = dict(Leaf.objects.filter(source=source.table, key__in=last.values()).values_list("key", "index"))
    marks = ", ".join(["%s"] * len(last))
    condition = f"source.{connection.ops.quote_name(source.key)} IN ({marks})"
    data = dict(source.rows(condition, list(last.values())))
    for row in rows:
        version = last[row]
        if indexes.get(version, size) >= size:
            raise Unsealed(f"Version {version} of {source.table} isn't under the pack's head.")
        yield indexes[version], data[version]


def _described(slug: str) -> tuple[Any, tuple[ProvedColumn, ...]]:
    """The model whose rows a list of a pack holds, and how its columns follow from their leaves."""
    if register := registry.get(slug):
        return register.model, tuple(map(_column, exported(register)))
    register, child = next(
        (register, child) for register in registry for child in register.children
        if slug == f"{register.slug}-{child.name}"
    )  # fmt: skip
    model: Any = register.model._meta.get_field(child.related_name).related_model
    shown = [BoundColumn(column, model_field(model, column.name)) for column in child.columns]
    parent = ProvedColumn(child.parent_field, "row", f"{child.parent_field}_id", of=register.slug)
    return model, (OWN_NUMBER, parent, *(_column(column) for column in shown if column.field is not None))


def _column(column: BoundColumn) -> ProvedColumn:
    field, name = column.field, column.name
    if column.custom and column.kind != "person":
        return ProvedColumn(name, "member", column.custom.LEAF)
    match column.kind:
        case "person" | "site" as why:
            return ProvedColumn(name, "nothing", why=why)
        case "records":
            return ProvedColumn(name, "nothing", why="links")
        case "record" if field is not None and column.path == f"{field.name}__reference":
            related: Any = field.related_model
            return ProvedColumn(name, "row", field.attname, of=registry.of(related).slug)
    if field is not None and column.path == field.name and not isinstance(field, models.ForeignKey):
        return ProvedColumn(name, "value", field.attname)
    return ProvedColumn(name, "nothing", why="computed")


def _chain(seal: Seal, documents: Sequence[Document] = ()) -> list[str]:
    """Heads that left the house up to a seal, oldest first, and the seal's own."""
    packed = Q(pk__in=EvidencePack.objects.exclude(seal=None).values("seal"))
    named = Q(number__in={notes.parse(note).number for document in documents for note in document.notes})
    left = ~Q(purpose=Seal.Purpose.SCHEDULE)
    found = Seal.objects.filter(left | packed | named, number__lt=seal.number).order_by("number")
    return [*found.values_list("note", flat=True), seal.note]


def _keys(chain: Sequence[str]) -> tuple[SealKey, ...]:
    """The public keys that signed the heads, in the order of their first use."""
    known, found = keys.public_keys(), {}
    for note in chain:
        for key in known:
            with suppress(notes.BadNote):
                verifier = notes.verifier(notes.verify(note, [key]).origin, key)
                found[verifier] = SealKey(verifier, keys.fingerprint(key))
    return tuple(found.values())
