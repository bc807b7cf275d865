"""``rotate_key``: signs seals with a new key from now on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from trail.sealing import keys


class Command(BaseCommand):
    """Replace the signing key; the old one's public half stays for verifying what it signed."""

    help = "Makes a new key that signs seals, and keeps the public half of the old one for verifying what it signed."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            old = keys.fingerprint()
            new = keys.fingerprint(keys.rotate())
        except (OSError, keys.KeyUnusable) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Until now: {old}\nFrom now on: {new}")
        self.stdout.write("Tell the new fingerprint to everybody who keeps the old one: your auditor, your board.")
