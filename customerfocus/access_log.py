"""gunicorn's log of requests, with addresses as they may be read."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger

from customerfocus.log_filters import without_secrets


class AccessLog(Logger):
    """gunicorn's logger, which cuts links that open something off: the project's `gunicorn.conf.py` names it."""

    def atoms(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        atoms: dict[str, Any] = super().atoms(*args, **kwargs)
        return {name: without_secrets(value) if isinstance(value, str) else value for name, value in atoms.items()}
