"""The proofs of a pack: which leaves its rows are, and the chain of heads up to the pack's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from django.db import models
from django.db.models import Q

from packs.contents import Contents, Document, PackInfo, RegisterRows
from packs.models import EvidencePack
from packs.proofs.contents import PackProofs, ProvedColumn, ProvedRows, SealKey, write_proofs
from packs.proofs.leaves import Unsealed, Versions, write_leaves
from registers.columns import BoundColumn, model_field
from registers.export import packed
from registers.register import registry
from trail.models import Seal
from trail.sealing import keys, signed_notes
from trail.sealing.seals import hashes

#: The last part of a child row's reference is its number in the database, see `packs.collect`.
OWN_NUMBER = ProvedColumn("reference", "number", "id")


def announced(
    pack: EvidencePack, registers: Sequence[RegisterRows], documents: Sequence[Document], folder: Path
) -> PackProofs:
    """Return what the proofs of collected rows will be; :func:`prove` writes them.

    Args:
        pack: the request, with its seal.
        registers: the rows as they were written.
        documents: what else is in the pack.
        folder: where the rows are; the proofs go into a folder beside them.

    Raises:
        Unsealed: the request has no seal yet.
    """
    if pack.seal is None:
        raise Unsealed(f"{pack.reference} has no seal yet.")
    chain = _chain(pack.seal, documents)
    return PackProofs(folder / "proofs", tuple(chain), _keys(chain), tuple(map(_proved, registers)))


def prove(contents: Contents, pieces: Path) -> None:
    """Write the proofs that were announced.

    Args:
        contents: what was collected.
        pieces: a folder where leaves of chunks of rows are; those that aren't there yet are looked up.

    Raises:
        Unsealed: a row has no leaf under the pack's head.
    """
    proofs = contents.proofs
    proofs.folder.mkdir()
    included = bytearray(proofs.head.size)
    for register in contents.registers:
        with proofs.leaves(register.slug).open("wb") as file:
            _note(file, _leaves(contents, register, pieces), included)
    with proofs.documents.open("wb") as file:
        _note(file, _leaves_of_documents(contents), included)
    write_proofs(proofs, hashes(0, len(included)), included)


def versions_of(register: RegisterRows, info: PackInfo, size: int) -> Versions:
    """Return the versions that a register's rows are in a pack whose head has `size` leaves."""
    return Versions(_described(register.slug)[0]._meta.label, info.as_of.isoformat(), size)


def _leaves(contents: Contents, register: RegisterRows, pieces: Path) -> Iterator[bytes]:
    versions = versions_of(register, contents.info, contents.proofs.head.size)
    for chunk in register.chunks:
        made = pieces / versions.name(chunk)
        write_leaves(versions, register.keys, chunk, made)
        with made.open("rb") as lines:
            yield from lines


def _leaves_of_documents(contents: Contents) -> Iterator[bytes]:
    for document in contents.documents:
        versions = Versions(document.model, contents.info.as_of.isoformat(), contents.proofs.head.size)
        yield from versions.lines([document.key])


def _note(file: BinaryIO, lines: Iterable[bytes], included: bytearray) -> None:
    """Write leaves, and note in `included` which they are."""
    for line in lines:
        included[int(line[: line.index(b" ")])] = 1
        file.write(line)


def _proved(rows: RegisterRows) -> ProvedRows:
    model, columns = _described(rows.slug)
    return ProvedRows(rows.slug, model.history.model._meta.db_table, columns)


def _described(slug: str) -> tuple[Any, tuple[ProvedColumn, ...]]:
    """Return the model of the rows of a list, and how its columns follow from their leaves."""
    if register := registry.get(slug):
        return register.model, tuple(map(_column, packed(register)))
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
    """Return the heads that left the house up to a seal, oldest first, and the seal's own.

    They are those made for sign-offs, packs and mail, those that packs took over, and those that the documents name.
    """
    packed = Q(pk__in=EvidencePack.objects.exclude(seal=None).values("seal"))
    named = Q(number__in={signed_notes.parse(note).number for document in documents for note in document.notes})
    left = ~Q(purpose=Seal.Purpose.SCHEDULE)
    found = Seal.objects.filter(left | packed | named, number__lt=seal.number).order_by("number")
    return [*found.values_list("note", flat=True), seal.note]


def _keys(chain: Sequence[str]) -> tuple[SealKey, ...]:
    """Return the public keys that signed the heads, in the order of their first use."""
    known, found = keys.public_keys(), {}
    for note in chain:
        for key in known:
            with suppress(signed_notes.BadNote):
                verifier = signed_notes.verifier(signed_notes.verify(note, [key]).origin, key)
                found[verifier] = SealKey(verifier, keys.fingerprint(key))
    return tuple(found.values())
