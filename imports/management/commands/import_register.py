"""``import_register``: the importer of the pages, on the command line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction
from django.utils import timezone

from imports.drafts import LEFT
from imports.drawn import BESIDE
from imports.examination import Examination, examine
from imports.known_ids import KnownIds
from imports.mapping import ImportMapping
from imports.pipeline import examination, read_table, ready_to_write, write_all
from imports.questions import asked_of
from imports.ready import Overtaken
from imports.refused_rows import refused_rows
from imports.report import Report, facts, hidden_rows_asked, summary
from imports.sources import MappingError
from imports.survey_columns import QUESTIONS
from organizations.models import Organization, User
from organizations.scope import in_organization
from registers.parsing.targets import targets_of
from registers.register import Register, registry
from spreadsheets.errors import UnreadableFile
from trail.actor import acting

#: Problems that are printed; all of them go into the report.
PRINTED = 10
SOME_REFUSED, UNREADABLE = 1, 2


class Command(BaseCommand):
    """The import of a table into a register: all rows or none, unless invalid ones are skipped."""

    help = (
        "Imports a CSV file or a workbook into a register. Exit code 0: every row is in, or left to the register to "
        "which it says that it belongs; 1: rows were refused; "
        "2: the file, the mapping or the register can't be used. The last line printed is a JSON summary."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("register", metavar="REGISTER", help=f"one of {', '.join(registry.slugs())}")
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument(
            "--mapping", type=Path, metavar="FILE", help="JSON that says which column fills which field"
        )
        parser.add_argument("--dry-run", action="store_true", help="look through the file, write nothing")
        parser.add_argument(
            "--report",
            type=Path,
            metavar="FILE",
            help="write the refused rows with reasons to this file, CSV or XLSX by its ending",
        )
        parser.add_argument(
            "--skip-invalid", action="store_true", help="import the rows that are sound and leave the others out"
        )
        parser.add_argument("--by", metavar="EMAIL", help="the person in whose name the rows are written")

    def handle(self, *args: Any, **options: Any) -> None:
        register = registry.get(options["register"])
        if register is None:
            raise CommandError(
                f"There is no register {options['register']}. There are: {', '.join(registry.slugs())}.",
                returncode=UNREADABLE,
            )
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.", returncode=UNREADABLE)
        with in_organization(organization), timezone.override(organization.zone), acting(self._person(options["by"])):
            try:
                refused = self._import(register, options)
            except (UnreadableFile, MappingError) as error:
                raise CommandError(str(error), returncode=UNREADABLE) from error
            except (Overtaken, IntegrityError) as error:
                raise CommandError(
                    f"{error} Nothing was written: run the import again.", returncode=UNREADABLE
                ) from error
        if refused:
            raise SystemExit(SOME_REFUSED)

    def _person(self, email: str | None) -> User | None:
        if email is None:
            return None
        person = User.objects.filter(email__iexact=email).first()
        if person is None:
            raise CommandError(f"Nobody has the mail address {email}.", returncode=UNREADABLE)
        return person

    def _import(self, register: Register, options: dict[str, Any]) -> int:
        path: Path = options["file"]
        mapping = self._mapping(options["mapping"], register)
        table = read_table(path, path.name, register, mapping)
        with examination(register, table, mapping) as examined, _opened(options["report"]) as report_file:
            if missing := [target.name for target in examined.converter.missing]:
                headers = ", ".join(table.headers)
                raise CommandError(
                    f"Nothing fills {', '.join(missing)}, which every row needs. Map a column ({headers}) or a value to it.",
                    returncode=UNREADABLE,
                )
            if asked := asked_of(examined):
                raise CommandError(" ".join(map(self._question, asked)), returncode=UNREADABLE)
            if (hidden := hidden_rows_asked(examined)) and not options["dry_run"]:
                raise CommandError(self._hidden(hidden), returncode=UNREADABLE)
            report_path = options["report"]
            as_text = report_path is not None and report_path.suffix.lower() != ".xlsx"
            with refused_rows(report_file, table, as_text=as_text) as refused:
                report = Report(examined, refused)
                examine(examined, on_drafts=report.see)
            if examined.known_ids.is_doubtful and not options["dry_run"]:
                raise CommandError(self._doubt(examined.known_ids), returncode=UNREADABLE)
            write = not options["dry_run"] and (options["skip_invalid"] or not report.counts["refused"])
            digest = _sha256(path)
            if write:
                with ready_to_write(examined, filename=path.name) as ready, transaction.atomic():
                    write_all(ready, filename=path.name, sha256=digest)
            self._tell(
                register,
                examined,
                report,
                {"file": path.name, "sha256": digest, "organization": options["organization"], "written": write},
            )
        return report.counts["refused"]

    def _hidden(self, count: int) -> str:
        """Return what has to be said where the sheet hides rows."""
        return (
            f"{count} rows are hidden in the sheet, by a filter or by hand. Say in a mapping what becomes of them: "
            '{"options": {"hidden_rows": "read"}} or {"options": {"hidden_rows": "leave"}}.'
        )

    def _doubt(self, ids: KnownIds) -> str:
        """Return what has to be said where another list may number its rows like one that is there."""
        return (
            f"{ids.known} of {ids.rows} rows have an id that the register knows; in {ids.other} of these nearly all else differs: is this another list? "
            'Say it in a mapping: {"options": {"source": "NAME OF THE LIST"}} puts its name before its ids, '
            '{"options": {"same_ids": true}} overwrites the rows. Nothing was written.'
        )

    def _question(self, asked: dict[str, Any]) -> str:
        """Return what has to be said in a mapping before anything can be read."""
        if asked["name"] == QUESTIONS:
            headers = [column["header"] for column in asked["columns"] if column["numbers"]]
            return (
                f"{', '.join(headers)} look like questions of a survey with one row a person. Say in a mapping what they are: "
                f'{{"questions": {{"{headers[0]}": {{"from": 1, "to": 5, "best": "highest"}}, …}}}} makes a row of each '
                '(“words”: true for answers in words), {"questions": {}} none.'
            )
        numbers = f" (numbers from {asked['low']} to {asked['high']})" if asked["low"] else ""
        columns, proposed = ", ".join(asked["columns"]), asked["proposed"] or next(iter(asked["choices"]), "1")
        about = f"On which scale {columns} are{numbers}"
        if words := asked["words"]:
            about = f"{words} of {columns}{numbers}"
        choices = "" if not asked["choices"] else f"; one of {', '.join(asked['choices'])}"
        if words and choices:
            choices = "; " + ", ".join(f"{code}: {answer}" for code, answer in asked["choices"].items())
        return (
            f'{about} stands nowhere in the file. Say it in a mapping: {{"{asked["name"]}": {{"value": "{proposed}"}}}}'
            f"{choices}."
        )

    def _mapping(self, path: Path | None, register: Register) -> ImportMapping:
        if path is None:
            return ImportMapping()
        try:
            plain = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError, RecursionError) as error:
            raise MappingError(f"The mapping {path} can't be read: {error}") from error
        return ImportMapping.read(plain, targets_of(register))

    def _tell(self, register: Register, examined: Examination, report: Report, about: dict[str, Any]) -> None:
        """Print what was found and done for people, then all of it as one line of JSON."""
        plain, found = report.as_json(), facts(examined.table, examined)
        for note in found["notes"]:
            self.stdout.write(note)
        for name, source in examined.mapping.fields.items():
            if source:
                self.stdout.write(
                    f"  {name}: "
                    + (f"always “{source.value}”" if source.value is not None else " + ".join(source.headers))
                )
        if plain["unmapped"]:
            self.stdout.write(
                f"{'Kept as text' if plain['kept_unmapped'] else 'Not imported'}: {', '.join(plain['unmapped'])}"
            )
        for sentence in plain["passed_over"]:
            self.stdout.write(sentence)
        for slug, left in plain[LEFT].items():
            belong = f"{left['count']} rows belong to the register {slug} (rows {left['rows']}) and are left to it"
            self.stdout.write(f"{belong}: import the file there as well.")
        for slug, beside in plain[BESIDE].items():
            said = json.dumps({"options": {"taken_from": register.slug, "drawn": beside["drawn"]}}, ensure_ascii=False)
            also = f"{beside['count']} rows also say what is to be done, and by when or by whom (rows {beside['rows']})"
            takes = f"import_register {slug} takes it from the same file with a mapping"
            self.stdout.write(f"{also}. Once they are in, {takes}: {said}")
        for problem in plain["problems"][:PRINTED]:
            place = (
                f"{problem['cell']} ({problem['column']}, “{problem['value']}”)"
                if problem["cell"]
                else problem["column"]
            )
            self.stdout.write(f"Row {problem['row']} {place}: {problem['reason']} {problem['remedy']}".rstrip())
        if plain["problems_total"] > PRINTED:
            self.stdout.write(f"… {plain['problems_total'] - PRINTED} problems more; --report FILE writes all of them.")
        self.stdout.write(f"{summary(report.counts)}{'' if about['written'] else '; nothing was written'}.")
        kept = {
            name: plain[name]
            for name in ("changed_fields", "added", "unmapped", "creates", "problems_total", "mapping")
        }
        line = {
            "register": register.slug,
            **about,
            "rows": found["rows"],
            **report.counts,
            **kept,
            LEFT: {slug: left["count"] for slug, left in plain[LEFT].items()},
            BESIDE: {slug: beside["count"] for slug, beside in plain[BESIDE].items()},
            "found": {name: found[name] for name in _FACTS},
        }
        self.stdout.write(json.dumps(line, ensure_ascii=False, sort_keys=True))


_FACTS = ("format", "encoding", "delimiter", "sheet", "header_row", "headers", "notes", "dates")


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    try:
        file = path.open("wb")
    except OSError as error:
        raise CommandError(f"The report can't be written: {error}", returncode=UNREADABLE) from error
    with file:
        yield file


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
