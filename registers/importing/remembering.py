"""Mappings that were used are remembered, and recognised when a file with the same headers comes again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from organizations.models import User
from registers.importing.headers import normalize_header
from registers.importing.mapping import ImportMapping, MappingError
from registers.importing.models import SavedMapping
from registers.importing.targets import targets_of
from registers.register import Register


def fingerprint(headers: Iterable[str]) -> str:
    """By what files of one kind are known: their headers, whatever their spelling and order."""
    words = "\x1f".join(sorted(map(normalize_header, headers)))
    return hashlib.sha256(words.encode("utf-8", "surrogatepass")).hexdigest()


def remember(
    register: Register, headers: Iterable[str], mapping: ImportMapping, *, filename: str, by: User | None
) -> None:
    """Keep how a file was understood, in place of what was kept for its headers. How it was read is its own affair."""
    kept: dict[str, Any] = {"mapping": replace(mapping, reading={}).plain(), "filename": filename, "saved_by": by}
    SavedMapping.objects.update_or_create(register=register.slug, fingerprint=fingerprint(headers), defaults=kept)


def recall(register: Register, headers: Iterable[str]) -> tuple[SavedMapping, ImportMapping] | None:
    """How the last file with these headers was understood; None where there was none, or the register has changed since."""
    saved = SavedMapping.objects.filter(register=register.slug, fingerprint=fingerprint(headers)).first()
    if saved is None:
        return None
    try:
        return saved, ImportMapping.read(saved.mapping, targets_of(register))
    except MappingError:
        return None


def forget(register: Register, headers: Iterable[str]) -> None:
    """Forget how files with these headers were understood."""
    SavedMapping.objects.filter(register=register.slug, fingerprint=fingerprint(headers)).delete()
