"""``build_pack``: ask for a pack on the command line and wait for it."""

from __future__ import annotations

import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser

from organizations.models import Organization
from organizations.scope import in_organization
from packs.build import build
from packs.models import EvidencePack
from packs.services import request_pack
from packs.tasks import build_pack
from trail.management.as_of import add_as_of, moment_of

#: Seconds between two looks at the row.
LOOK = 0.5


class Command(BaseCommand):
    """Build an evidence pack: by a worker, or in this process with ``--inline``."""

    help = "Builds an evidence pack for a period and writes it to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organization", required=True, metavar="SLUG")
        parser.add_argument("--from", dest="first", required=True, type=date.fromisoformat, metavar="DATE")
        parser.add_argument("--to", dest="last", required=True, type=date.fromisoformat, metavar="DATE")
        add_as_of(parser, "the moment whose records go in; now unless given")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.zip")
        parser.add_argument("--inline", action="store_true", help="build in this process, without a worker")
        parser.add_argument("--wait", type=int, default=1800, metavar="SECONDS", help="how long to wait for the worker")

    def handle(self, *args: Any, **options: Any) -> None:
        organization = Organization.objects.filter(slug=options["organization"]).first()
        if organization is None:
            raise CommandError(f"There is no organization {options['organization']}.", returncode=2)
        if options["last"] < options["first"]:
            raise CommandError("The period ends before it begins: give --from a day no later than --to.", returncode=2)
        with in_organization(organization):
            pack = EvidencePack(
                period_from=options["first"],
                period_to=options["last"],
                sub_clauses="abc",
                language=organization.language,
            )
            as_of = moment_of(options["as_of"])
            request_pack(pack, by=None, as_of=as_of, start=None if options["inline"] else build_pack.delay)
            if options["inline"]:
                build(pack)
            self._await(pack, options["wait"])
            self._write(pack, options["out"])

    def _await(self, pack: EvidencePack, seconds: int) -> None:
        deadline, said = time.monotonic() + seconds, ""
        pack.refresh_from_db()
        while pack.is_pending:
            if pack.status != said:
                said = pack.status
                self.stdout.write(f"{pack.reference}: {pack.get_status_display()}")
            if time.monotonic() > deadline:
                raise CommandError(
                    f"{pack.reference} wasn't finished within {seconds} seconds. Is a worker running? It goes on; see the packs page."
                )
            time.sleep(LOOK)
            pack.refresh_from_db()
        if not pack.is_stored:
            raise CommandError(
                f"{pack.reference}: {pack.failure.get('what', pack.get_status_display())} {pack.failure.get('remedy', '')}".strip()
            )

    def _write(self, pack: EvidencePack, out: Path) -> None:
        with default_storage.open(pack.path) as source, out.open("wb") as target:
            shutil.copyfileobj(source, target)
        self.stdout.write(f"{pack.reference}: {out} ({pack.size:,} bytes, SHA-256 {pack.digest})")
