"""A database that can't be written to just now: pages say so in a sentence and keep what was typed.

On SQLite one writes at a time, on PostgreSQL two may want the same row. Whoever waited too long (``WEB_LOCK_SECONDS``)
gets the form's values back and sends them again.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import OperationalError
from django.forms import ChoiceField, TypedChoiceField
from django.forms.utils import pretty_name
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import server_error

from organizations import outages
from trail.cache_version import commits_counted

#: Seconds after which it is worth trying again.
RETRY_AFTER = 10
#: PostgreSQL's codes: lock not available, serialization failure, deadlock.
_BUSY = ("55P03", "40001", "40P01")
_UNSAID = {"csrfmiddlewaretoken", "revision", "next", "action", "overwrite"}
#: Fields whose choices are words, and no rows.
_WITH_CHOICES = (ChoiceField, TypedChoiceField)
_SECRETS = ("password", "secret", "otp", "credential")


class Typed(NamedTuple):
    """A text that somebody sent: what its field is called, and the text."""

    label: str
    text: str


def is_busy(error: BaseException | None) -> bool:
    """Return whether an error says that others were writing for longer than one may wait."""
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.__cause__, "pgcode", None) or getattr(error.__cause__, "sqlstate", None)
    return code in _BUSY or " is locked" in str(error)


class BusyDatabase:
    """Middleware that answers where a view could not write because others did."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with commits_counted() as commits:
            request.commits = commits  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return busy(request) if is_busy(error) else None


def error_page(request: HttpRequest) -> HttpResponse:
    """Answer an error that no view raised: a session that could not be written is no fault."""
    error = sys.exc_info()[1]
    if sentence := outages.sentence(error):
        return outages.page(sentence)
    if not is_busy(error):
        return server_error(request)
    # It was left by now, and the frame with it.
    request.organization = None  # type: ignore[attr-defined]
    return busy(request)


def busy(request: HttpRequest) -> HttpResponse:
    """Return the page that says it, with what was sent, to be sent again."""
    sent = request.method == "POST"
    values = [(name, each) for name, found in request.POST.lists() for each in found] if sent else []
    kept = [(name, text) for name, text in values if name != "csrfmiddlewaretoken"]
    context = {
        "sent": sent,
        "is_partly_saved": bool(getattr(request, "commits", ())),
        "address": request.get_full_path(),
        "kept": kept,
        "typed": list(_typed(request, kept)),
        "has_secret": any(_is_secret(name) for name, _text in kept),
        "files": [file.name for _name, files in request.FILES.lists() for file in files] if sent else [],
        "is_multipart": sent and (request.content_type or "").startswith("multipart/"),
    }
    answer = render(request, "trail/busy.html", context, status=503)
    answer.headers["Retry-After"] = str(RETRY_AFTER)
    return answer


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRETS)


def _typed(request: HttpRequest, kept: list[tuple[str, str]]) -> Iterator[Typed]:
    """Yield the texts among what was sent, under the names that their fields have on the form."""
    fields = _fields(request)
    for name, text in kept:
        field = fields.get(name.rpartition("-")[2])
        if name in _UNSAID or _is_secret(name) or not any(map(str.isalpha, text)):
            continue
        if field is None or not field.widget.is_hidden:
            choices: Any = field.choices if field is not None and type(field) in _WITH_CHOICES else ()
            said = dict(choices).get(text, text)
            yield Typed(str(getattr(field, "label", None) or pretty_name(name)), str(said))


def _fields(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of the form that a page shows, as far as its address tells."""
    view: Any = getattr(request.resolver_match, "func", None)
    given = getattr(view, "view_initkwargs", {})
    forms: tuple[Any, ...] = (
        getattr(given.get("child"), "form", None),
        getattr(getattr(view, "view_class", None), "form_class", None),
        getattr(given.get("register"), "form", None),
    )
    return next((form.base_fields for form in forms if hasattr(form, "base_fields")), {})
