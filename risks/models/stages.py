"""The stages at which risks and opportunities are assessed, and the day it is where that is done."""

from __future__ import annotations

from datetime import date

from organizations.scope import current_organization

#: The stage before anything is done, which an analysis of failure modes rates too.
INHERENT = "inherent"
#: A record's pointers, one a stage.
STAGES = (INHERENT, "current", "target")


def today() -> date:
    """Return the date it is where the current organization is."""
    return current_organization().today()
