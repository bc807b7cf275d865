"""``security_log``: what happened to accounts and roles, as lines of JSON."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from organizations.security_log import SecurityEvent


class Command(BaseCommand):
    """Print the security log of the installation, oldest entry first."""

    help = "Prints the security log, one JSON object a line. Monitoring remembers the last id and asks with --after."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--after", type=int, default=0, metavar="ID", help="only entries after this one")
        parser.add_argument("--since", metavar="MOMENT", help="only entries from this moment on, as 2026-12-01T08:00Z")
        parser.add_argument("--follow", action="store_true", help="go on with what is written, until Ctrl-C")

    def handle(self, *args: Any, after: int, since: str | None, follow: bool, **options: Any) -> None:
        events = SecurityEvent.objects.select_related("person")
        if since:
            events = events.filter(at__gte=_moment(since))
        while True:
            for event in events.filter(pk__gt=after).iterator(chunk_size=1000):
                self.stdout.write(str(event))
                after = event.pk
            if not follow:
                return
            self.stdout.flush()
            time.sleep(1)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is no moment: write it like 2026-12-01T08:00Z.") from error
    return moment if moment.tzinfo else timezone.make_aware(moment)
