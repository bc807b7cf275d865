"""What every request and every answer is held to: signs that no text has, bodies of strangers, pages that nobody keeps."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

#: Characters of a query string; what is longer no server of ours takes, and no database searches for.
LONGEST_QUERY = 16_000
#: What pages may use of a browser: passkeys, and nothing else.
PERMISSIONS = ", ".join(
    [
        *(
            f"{feature}=()"
            for feature in (
                "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen",
                "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone", "midi",
                "payment", "picture-in-picture", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
            )
        ),
        "publickey-credentials-create=(self)",
        "publickey-credentials-get=(self)",
    ]
)  # fmt: skip


class Boundaries:
    """Middleware that refuses what no browser of ours sends, and has nobody keep what is private."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = refused(request) or self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        # Static files were given out before; what is left is about somebody, or for somebody alone.
        if not response.headers.get("Cache-Control"):
            patch_cache_control(response, no_store=True, private=True)
        return response

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        """Refuse a form with a NUL, which no database takes and no keyboard gives.

        Raises:
            BadRequest: there is one.
        """
        if request.method == "POST" and any("\0" in name or any(map(_odd, v)) for name, v in request.POST.lists()):
            raise BadRequest("A NUL in a form.")


def refused(request: HttpRequest) -> HttpResponse | None:
    """Return the answer to a request that isn't looked at: larger than a stranger's may be."""
    try:
        size = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise BadRequest("A length that is no number.") from None
    if size > settings.ANONYMOUS_MAX_BYTES and not request.user.is_authenticated:
        said = _("This is more than can be sent without being logged in. Log in and send it again.")
        return HttpResponse(said, status=413, content_type="text/plain; charset=utf-8")
    query = request.META.get("QUERY_STRING", "")
    if len(query) > LONGEST_QUERY:
        said = _("This address is longer than any page of ours makes one. Narrow the list down by fewer filters.")
        return HttpResponse(said, status=414, content_type="text/plain; charset=utf-8")
    if _odd(request.path_info) or _odd_query(query):
        raise BadRequest("A NUL or half a sign in an address.")
    return None


def _odd(text: str) -> bool:
    """Say whether a text has a sign that none has: NUL, or half of one."""
    return "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text)


def _odd_query(query: str) -> bool:
    """Say whether a query string decodes to bytes that are no text, or to a NUL."""
    try:
        return "\0" in unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False  # Django puts a sign in its place, which is text
