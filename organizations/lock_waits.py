"""How long a process waits for others that write."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created


def wait_at_most(seconds: int) -> None:
    """Have connections that this process opens from now on wait so long for others, and no longer.

    It is for processes that answer somebody who sits and waits; workers have more patience.
    """
    database = connections.settings["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["OPTIONS"]["timeout"] = seconds
    else:
        connection_created.connect(partial(_limit_waiting, seconds=seconds), weak=False, dispatch_uid=__name__)


def _limit_waiting(sender: object, connection: Any, seconds: int, **_: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
