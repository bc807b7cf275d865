"""The ``--organization`` of commands that go through one organization or all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser

from organizations.models import Organization
from organizations.scope import in_organization


def add_organization(parser: CommandParser) -> None:
    """Let a command take ``--organization SLUG``."""
    parser.add_argument("--organization", metavar="SLUG", help="only this one; all organizations unless given")


def each_organization(options: dict[str, Any]) -> Iterator[Organization]:
    """Enter the organizations that were asked for, one after the other.

    Raises:
        CommandError: there is none of that name (exit code 2).
    """
    found = Organization.objects.order_by("slug")
    if slug := options["organization"]:
        found = found.filter(slug=slug)
        if not found:
            raise CommandError(f"There is no organization {slug}.", returncode=2)
    for organization in found:
        with in_organization(organization):
            yield organization
