"""``verify_trail``: says whether everything still is what was recorded, sealed and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trail.management.organizations import add_organization, each_organization
from trail.sealing import keys
from trail.sealing.verify import verify


class Command(BaseCommand):
    """Verify the trail; exit code 1 where something doesn't fit."""

    help = "Works every hash, root and signature of the trail out again, and holds each row against its history."

    def add_arguments(self, parser: CommandParser) -> None:
        add_organization(parser)
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="FILE",
            help="a signed head kept elsewhere: a mail, or head.txt",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["head"] and not options["organization"]:
            raise CommandError("Say with --organization whose head it is.", returncode=2)
        heads = {name: _read(name) for name in options["head"]}
        sound = True
        for _organization in each_organization(options):
            try:
                report = verify(heads=heads)
            except keys.KeyUnusable as error:
                raise CommandError(str(error), returncode=2) from error
            self.stdout.write("\n".join(report.lines()))
            sound = sound and report.is_sound
        if not sound:
            raise CommandError("The trail isn't as it was recorded: see above.", returncode=1)


def _read(name: str) -> str:
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} can't be read: {error}", returncode=2) from error
