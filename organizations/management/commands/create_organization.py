"""``create_organization``: makes an installation's first organization, or a further one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from organizations.models import User
from organizations.services import create_organization


class Command(BaseCommand):
    """Create an organization and the person who administers it and keeps its registers."""

    help = "Creates an organization. The person named becomes its administrator and quality manager, and top management where they lead it; everybody else is invited on the people page."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "slug", metavar="SLUG", help="part of every page's address: small letters, digits and hyphens"
        )
        parser.add_argument("--name", required=True)
        parser.add_argument(
            "--admin", required=True, metavar="EMAIL", help="who administers it; an account is made where there is none"
        )
        parser.add_argument(
            "--leads-as",
            default="",
            metavar="TITLE",
            help="declares that the person named leads the organization, as top management with this job title",
        )
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="like Europe/Berlin; UTC unless given")

    def handle(
        self, *args: Any, slug: str, name: str, admin: str, time_zone: str, leads_as: str, **options: Any
    ) -> None:
        address = admin.strip().lower()
        try:
            validate_email(address)
            with transaction.atomic():
                user, is_new = _account(address)
                organization = create_organization(
                    slug, name, administrator=user, leads_as=leads_as, time_zone=time_zone
                )
        except ValidationError as error:
            raise CommandError(_in_words(error)) from error
        self.stdout.write(f"{organization.name}: {settings.BASE_URL}{organization.get_absolute_url()}")
        if is_new:
            reset = settings.BASE_URL + reverse("account_reset_password")
            self.stdout.write(
                f"{address} has a new account without a password. Set one with `manage.py changepassword {address}`, or by mail at {reset}"
            )


def _account(address: str) -> tuple[User, bool]:
    """Return the person's account, and whether it is new.

    A new one can't log in until a password is set.
    """
    found = User.objects.filter(email=address).first()
    return (found, False) if found else (User.objects.create_user(address, name=address.partition("@")[0]), True)


def _in_words(error: ValidationError) -> str:
    """Write the errors as one line: ``slug: …; name: …``."""
    if not hasattr(error, "error_dict"):
        return f"--admin: {' '.join(error.messages)}"
    return "; ".join(f"{name}: {' '.join(texts)}" for name, texts in error.message_dict.items())
