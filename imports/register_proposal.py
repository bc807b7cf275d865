"""Which register a file belongs to: proposed from its headers, its name, and the files that came before."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from imports.models import SavedMapping
from imports.proposals import Contents
from imports.refused_rows import without_reasons
from imports.saved_mappings import fingerprint
from registers.parsing.header_proposals import propose
from registers.parsing.targets import targets_of, vocabulary
from registers.register import Register, registry
from spreadsheets.errors import UnreadableFile
from spreadsheets.headers import normalize_header
from spreadsheets.reader import open_table
from spreadsheets.table import Limits, Table

#: So many columns count as much as that the file is called like the register, and that no needed field lacks a column.
_CALLED, _COMPLETE = 3, 2


def proposed_register(file: UploadedFile, *, most_bytes: int) -> Register:
    """Return the register that a file likeliest belongs to; the first one where nothing says more.

    Args:
        file: as it was sent.
        most_bytes: of a larger file only the name is looked at.
    """
    name = file.name or ""
    if (file.size or 0) > most_bytes:
        return _likeliest(name, None)
    with tempfile.NamedTemporaryFile() as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        file.seek(0)
        words = frozenset[str]().union(*(vocabulary(targets_of(register)) for register in registry))
        limits = Limits(file_bytes=settings.IMPORT_MAX_BYTES)
        try:
            table = without_reasons(open_table(Path(copy.name), filename=name, vocabulary=words, limits=limits))
        except UnreadableFile:
            return _likeliest(name, None)
        return _known_before(table) or _likeliest(name, table)


def _known_before(table: Table) -> Register | None:
    """Return the register into which the last file with the same headers went."""
    saved = SavedMapping.objects.filter(fingerprint=fingerprint(table.headers)).first()
    return registry.get(saved.register) if saved else None


def _likeliest(name: str, table: Table | None) -> Register:
    called = normalize_header(f"{Path(name).stem} {table.sheet if table else ''}")
    # Of equals the first counts.
    return max(registry, key=lambda register: _score(register, called, table))


def _score(register: Register, called: str, table: Table | None) -> int:
    """Return how much speaks for a register: columns that fill its fields, its name, and that nothing is missing."""
    score = _CALLED * any(normalize_header(word) in called for word in (str(register.title), *register.file_words))
    if table is None:
        return score
    targets = targets_of(register)
    found = propose(table.headers, targets, Contents(table, register.model.title_field).fit)
    complete = all(target.name in found for target in targets.values() if target.required)
    return score + len(found) + _COMPLETE * complete
