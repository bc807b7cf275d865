"""The command line: what is missing is said in one sentence with the remedy, not by a traceback."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError, ProgrammingError

#: Exit status of a command that could not begin.
COULD_NOT_RUN = 2
_ASKS_FOR_HELP = {"help", "--help", "-h", "--version"}


def main(arguments: Sequence[str]) -> int:
    """Run a management command and return its exit status; ``--traceback`` shows where it came to its end.

    Args:
        arguments: the program, the command and what is said to it, as in ``sys.argv``.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "customerfocus.settings")
    if len(arguments) < 2 or _ASKS_FOR_HELP & set(arguments):
        os.environ.setdefault("SECRET_KEY", "nothing is signed where only help is shown")
    try:
        execute_from_command_line(list(arguments))
    except (ImproperlyConfigured, OperationalError, ProgrammingError) as error:
        if "--traceback" in arguments:
            raise
        print(explained(error), file=sys.stderr)
        return COULD_NOT_RUN
    return 0


def explained(error: Exception) -> str:
    """Return one sentence that says what a command lacks and what to do."""
    said = " ".join(str(error).split())
    if isinstance(error, ImproperlyConfigured):
        return said
    if "no such table" in said or ("relation" in said and "does not exist" in said):
        return "The database has no tables yet, or those of an older version: run `manage.py migrate` first."
    return f"The database doesn't do what is asked ({said}): look at DATABASE_URL and whether the server runs."
