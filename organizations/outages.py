"""What people read when something that we stand on is away: a sentence and 503, never a fault of ours."""

from __future__ import annotations

import errno

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

#: Seconds after which it is worth trying again.
RETRY_AFTER = 30
#: PostgreSQL's kinds of errors for a server that is away, stops, or takes nobody more (appendix A of its manual).
_AWAY = ("08", "57P", "53")
#: What the drivers say where they have no code.
_WORDS = (
    "could not connect",
    "connection to server",
    "connection refused",
    "connection already closed",
    "server closed the connection",
    "terminating connection",
    "connection timed out",
    "could not translate host name",
    "unable to open database file",
    "disk i/o error",
    "database or disk is full",
    "readonly database",
    "cursor already closed",
    "ssl connection has been closed",
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)


def sentence(error: BaseException | None) -> str:
    """Return what to tell people of an error that is an outage; nothing for any other."""
    if isinstance(error, OperationalError | InterfaceError) and is_away(error):
        return _(
            "The database can't be reached just now. What is stored is safe; what you just sent was not saved. Wait a minute "
            "and send it again."
        )
    if isinstance(error, OSError) and error.errno in _FULL:
        return _(
            "The storage is full or can't be written to, so what you sent was not saved. Tell whoever runs this installation."
        )
    return ""


def is_away(error: Exception) -> bool:
    """Say whether an error of the database means that it can't be reached, rather than that it refused a statement."""
    code = getattr(error.__cause__, "pgcode", None) or ""
    said = str(error).lower()
    return code.startswith(_AWAY) or any(word in said for word in _WORDS)


def page(said: str) -> HttpResponse:
    """Return the page that says it; it needs neither database nor session."""
    answer = HttpResponse(render_to_string("503.html", {"sentence": said}), status=503)
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer
