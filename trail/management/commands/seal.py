"""``seal``: signs what was written until now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from trail.management.organizations import add_organization, each_organization
from trail.sealing import keys, seals


class Command(BaseCommand):
    """Seal what isn't sealed yet, as beat does every five minutes."""

    help = "Seals what was written until now, and prints the signed head of each organization."

    def add_arguments(self, parser: CommandParser) -> None:
        add_organization(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        for _organization in each_organization(options):
            try:
                self.stdout.write(seals.seal().note)
            except keys.KeyUnusable as error:
                raise CommandError(str(error)) from error
