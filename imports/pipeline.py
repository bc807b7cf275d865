"""The steps of every import in their order: read the file, look through it, write it.

Pages, workers and the command line all take them. Looking (:mod:`imports.examination`) writes nothing; writing
(:mod:`imports.writer`) counts whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from imports.drawn import drawn_from
from imports.examination import OUTCOMES, Examination, open_examination
from imports.mapping import ImportMapping
from imports.new_fields import make_fields
from imports.ready import Ready, made_ready
from imports.refused_rows import without_reasons
from imports.writer import write
from registers.parsing.targets import targets_of, vocabulary
from registers.register import Register, registry
from spreadsheets.reader import open_table
from spreadsheets.table import Limits, Table
from trail.actor import actor
from trail.history import refresh_statistics
from trail.models import Tracked, record_event
from trail.transaction_time import written_at

#: New rows of one import after which the database counts its tables again.
MANY = 1000


def read_table(path: Path, filename: str, register: Register, mapping: ImportMapping) -> Table:
    """Open a file as a table for a register; raises UnreadableFile, MappingError."""
    limits = Limits(file_bytes=settings.IMPORT_MAX_BYTES)
    # Rows that stand beside others are drawn out of the sheet as it was read for these.
    owner = registry.get(mapping.taken_from) if mapping.drawn else None
    words = vocabulary(targets_of(owner or register))
    leave = mapping.hidden_rows == "leave"
    table = without_reasons(
        open_table(path, filename=filename, vocabulary=words, limits=limits, leave_hidden=leave, **mapping.reading)
    )
    return drawn_from(table, register, mapping) if mapping.drawn else table


@contextmanager
def examination(register: Register, table: Table, mapping: ImportMapping) -> Iterator[Examination]:
    """Yield a look through a table, whose temporary file is gone afterwards.

    Raises MappingError.
    """
    opened = open_examination(register, table, mapping)
    try:
        yield opened
    finally:
        opened.close()


def ready_to_write(
    examined: Examination, *, filename: str, progress: Callable[[int], None] = lambda done: None
) -> AbstractContextManager[Ready]:
    """Give what a look through a file found good, ready to be written. Call it outside of the transaction that writes.

    Raises Overtaken.
    """
    return made_ready(examined, reason=_("import %(file)s") % {"file": filename}, progress=progress)


def write_all(ready: Ready, *, filename: str, sha256: str) -> datetime | None:
    """Write what was made ready, and the event that says so.

    Call it inside a transaction.

    Returns:
        The date of the rows that were written; None where none was.

    Raises:
        Overtaken: somebody changed one of the rows since.
    """
    examined = ready.examination
    if examined.has_changes:
        make_fields(examined.register, examined.mapping.new_fields, by=actor())
        write(ready)
    if examined.counts["created"] >= MANY:
        refresh_statistics(_tables_of(examined.register))
    record_event(
        "imported",
        examined.register.slug,
        file=filename,
        sha256=sha256,
        **{name: examined.counts[name] for name in OUTCOMES},
        **{f"left_for_{slug}": len(rows) for slug, rows in examined.left.items()},
    )
    return written_at() if examined.writes_rows else None


def _tables_of(register: Register) -> Iterator[type[models.Model]]:
    """Yield the models an import into a register writes to.

    They are its own, its links, and the rows that belong to its records.
    """
    yield register.model
    yield from (field.remote_field.through for field in register.model._meta.many_to_many if field.remote_field.through)
    yield from (
        relation.related_model
        for relation in register.model._meta.related_objects
        if issubclass(relation.related_model, Tracked)
    )
