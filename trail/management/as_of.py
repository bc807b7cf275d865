"""``--as-of``: commands that look at a past moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from organizations.models import Organization
from organizations.scope import current_organization
from trail.time_travel.moments import UnreadableMoment, read_moment
from trail.time_travel.travel import NoSuchMoment, organization_at, time_travel


def add_as_of(parser: CommandParser, what: str) -> None:
    """Let a command take ``--as-of``; ``what`` says what it is the moment of."""
    parser.add_argument(
        "--as-of",
        metavar="MOMENT",
        help=f"{what}; ISO 8601, in the organization's time zone unless it has an offset; a day alone means its end",
    )


def moment_of(text: str | None) -> datetime | None:
    """The moment that the option names, at which the current organization was there; None where it isn't given.

    Raises:
        CommandError: there is no such moment (exit code 2).
    """
    if text is None:
        return None
    try:
        moment = read_moment(text, current_organization())
        organization_at(moment)
    except (UnreadableMoment, NoSuchMoment) as error:
        raise CommandError(str(error), returncode=2) from error
    return moment


@contextmanager
def as_of_moment(text: str | None) -> Iterator[Organization]:
    """Look at the current organization as of the moment that the option names, or as it is where none is given."""
    moment = moment_of(text)
    if moment is None:
        with timezone.override(current_organization().zone):
            yield current_organization()
    else:
        with time_travel(moment) as organization, timezone.override(organization.zone):
            yield organization
