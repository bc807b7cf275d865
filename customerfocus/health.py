"""Two addresses for whoever watches: is the process alive; can it do its work?"""

from __future__ import annotations

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


@login_not_required
def alive(request: HttpRequest) -> JsonResponse:
    """Answer as long as the process does."""
    return JsonResponse({"status": "alive"})


@login_not_required
def ready(request: HttpRequest) -> JsonResponse:
    """Tell whether database, queue and file storage answer; 503 and the name of what doesn't."""
    checks = {"database": _database(), "queue": _queue(), "storage": _storage()}
    return JsonResponse(
        {name: "ok" if good else "unreachable" for name, good in checks.items()},
        status=200 if all(checks.values()) else 503,
    )


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _queue() -> bool:
    try:
        with current_app.connection_for_write() as queue:
            queue.ensure_connection(max_retries=1, timeout=2)
    except Exception:  # noqa: BLE001 - every transport has errors of its own
        return False
    return True


def _storage() -> bool:
    try:
        default_storage.listdir("")
    except OSError:
        return False
    return True
