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
    """Let a command take ``--as-of``.

    Args:
        parser: the command's.
        what: for ``--help``, what it is the moment of.
    """
    parser.add_argument(
        "--as-of",
        metavar="MOMENT",
        help=f"{what}; ISO 8601, in the organization's time zone unless it has an offset; a day alone means its end",
    )


def moment_of(text: str | None) -> datetime | None:
    """Return the moment that the option names; None where it isn't given.

    Raises:
        CommandError: there is no such moment, or the current organization wasn't there yet (exit code 2).
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
    """Look at the current organization as of the moment that the option names, or as it is.

    Yields:
        the organization as it stood then.

    Raises:
        CommandError: there is no such moment (exit code 2).
    """
    moment = moment_of(text)
    if moment is None:
        with timezone.override(current_organization().zone):
            yield current_organization()
    else:
        with time_travel(moment) as organization, timezone.override(organization.zone):
            yield organization
