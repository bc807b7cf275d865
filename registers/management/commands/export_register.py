"""``export_register``: a register as CSV, workbook or JSON lines.

The filters of its list narrow it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import models
from django.http import QueryDict

from organizations.models import Organization
from organizations.scope import in_organization
from registers.columns import BoundColumn
from registers.export import exported, values, write_csv, write_xlsx
from registers.lists.search import search
from registers.lists.selections import selection_of, selections
from registers.register import Register, registry
from trail.management.as_of import add_as_of, as_of_moment
from trail.models import record_event
from trail.sealing.canonical import as_json, canonical_bytes

Writer = Callable[[Register, models.QuerySet, Sequence[BoundColumn]], IO[bytes]]


def write_jsonl(register: Register, queryset: models.QuerySet, columns: Sequence[BoundColumn]) -> IO[bytes]:
    """Write one canonical JSON object a line, by column name; choices as codes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    names = [column.name for column in columns]
    for row in values(queryset, columns, words=False):
        file.write(canonical_bytes(as_json(dict(zip(names, row, strict=True)))) + b"\n")
    file.seek(0)
    return file


WRITERS: dict[str, Writer] = {".csv": write_csv, ".xlsx": write_xlsx, ".jsonl": write_jsonl}


class Command(BaseCommand):
    """Export a register's rows, all columns."""

    help = "Exports a register to a file; the file's ending says how: .csv, .xlsx or .jsonl. Exit code 2: the request can't be understood."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", metavar="REGISTER", help=f"one of {', '.join(registry.slugs())}")
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--to", required=True, type=Path, metavar="FILE")
        parser.add_argument(
            "--filter",
            nargs="*",
            default=[],
            metavar="K=V",
            help="filters as in the address of the register's list: status=open q=pump",
        )
        add_as_of(parser, "the moment whose rows are wanted; now unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        register, path = registry.get(options["register"]), options["to"]
        if register is None:
            raise CommandError(
                f"There is no register {options['register']}. There are: {', '.join(registry.slugs())}.", returncode=2
            )
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.", returncode=2)
        write = WRITERS.get(path.suffix.lower())
        if write is None:
            raise CommandError(f"“{path.name}” doesn't say the format: end it in {', '.join(WRITERS)}.", returncode=2)
        with in_organization(organization), as_of_moment(options["as_of"]):
            query = _query(options["filter"])
            rows = _rows(register, query).order_by("id")
            with write(register, rows, exported(register)) as file, path.open("wb") as target:
                shutil.copyfileobj(file, target)
            record_event(
                "exported", register.slug, query=query.urlencode(), format=path.suffix.lower().removeprefix(".")
            )
            self.stdout.write(f"{rows.count()} rows in {path}")


def _query(filters: Sequence[str]) -> QueryDict:
    query = QueryDict(mutable=True)
    for text in filters:
        name, sign, value = text.partition("=")
        if not sign:
            raise CommandError(f"“{text}” isn't a filter: write NAME=VALUE.", returncode=2)
        query.appendlist(name, value)
    return query


def _rows(register: Register, query: QueryDict) -> models.QuerySet:
    """Return the rows that the register's list would show under the same query.

    Raises:
        CommandError: a filter that the register doesn't have, or one that isn't valid.
    """
    filterset = register.filterset(query, queryset=register.records())
    known = {*filterset.form.fields, "q", *selections}
    # The ends of a range are called after their filter: due_on_after.
    if unknown := [name for name in query if name not in known and name.rpartition("_")[0] not in known]:
        raise CommandError(
            f"There is no filter {', '.join(unknown)}. There are: {', '.join(sorted(known))}.", returncode=2
        )
    if not filterset.is_valid():
        problems = "; ".join(f"{name}: {' '.join(messages)}" for name, messages in filterset.form.errors.items())
        raise CommandError(f"A filter isn't valid: {problems}", returncode=2)
    rows = search(register, filterset.qs, query.get("q", "")).rows
    selection = selection_of(register, query)
    return selection.narrow(rows) if selection else rows
