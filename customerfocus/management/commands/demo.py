"""``demo``: the demonstration organization."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from customerfocus.demonstration.build import CAST, PASSWORD, build
from organizations.models import Organization


class Command(BaseCommand):
    """Make the demonstration organization, unless it is there."""

    help = "Makes the demonstration organization and its neighbour. Their password is known to everybody, so DEBUG must be on."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rows", type=int, default=150, help="requirements; everything else grows along")
        parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same data")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError(
                "The demonstration's password is known to everybody: it is made only where DEBUG is on.", returncode=2
            )
        if options["rows"] < 1:
            raise CommandError("--rows takes a number of 1 or more.", returncode=2)
        if Organization.objects.filter(slug__in=("demo", "demo-south")).exists():
            self.stdout.write("The demonstration organization is there already.")
            return
        build(options["rows"], options["seed"])
        logins = ", ".join(f"{local}@demo.example" for local, *_rest in CAST)
        self.stdout.write(f"Made the demonstration organization. Log in as {logins}; password: {PASSWORD}")
