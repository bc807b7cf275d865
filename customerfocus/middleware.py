"""Compressing pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware


class CompressPages(GZipMiddleware):
    """Django's compression, for pages only.

    Packs, workbooks and evidence files are compressed already, and stay as they are.

    Django pads each page with a random number of bytes, so that its length tells nothing (BREACH).
    """

    def process_response(self, request: HttpRequest, response: Any) -> HttpResponse:
        if response.streaming or not response.headers.get("Content-Type", "").startswith("text/html"):
            return response  # type: ignore[no-any-return]
        return super().process_response(request, response)  # type: ignore[return-value]
