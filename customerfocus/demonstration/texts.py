"""The texts of the demonstration, read from ``texts.toml``: each row as a tuple of its values in the order of that file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_TEXTS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))


def _rows(name: str) -> tuple[Any, ...]:
    return tuple(tuple(row.values()) for row in _TEXTS[name])


CUSTOMERS = _rows("customers")
PARTIES = _rows("parties")
CUSTOMER_ASKS = _rows("customer_asks")
LAWS = _rows("laws")
PROMISES = _rows("promises")
RISKS = _rows("risks")
OPPORTUNITIES = _rows("opportunities")
ISSUES = _rows("issues")
REMARKS = _rows("remarks")
COMPLAINTS = _rows("complaints")
ACTIONS = _rows("actions")
ENHANCEMENTS = _rows("enhancements")
CONCLUSIONS = _rows("conclusions")
#: Statement → title of the action that top management decided on, and the days until it is due.
ACTIONS_DECIDED: dict[str, tuple[str, int]] = {
    code: (decided["title"], decided["days"]) for code, decided in _TEXTS["actions_decided"].items()
}
#: Statement → why its gap is accepted for now; the empty one for all others.
ACCEPTED: dict[str, str] = _TEXTS["accepted"]
