"""The stages at which risks and opportunities are assessed, and the day it is where that is done."""

from __future__ import annotations

from datetime import date

from organizations.scope import current_organization

#: A record's pointers, one a stage.
STAGES = ("inherent", "current", "target")


def today() -> date:
    """Return the date it is where the current organization is."""
    return current_organization().today()
