"""Moments that sources tell: when something was said, received, answered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from organizations import clock

#: How far a moment may lie ahead before it is taken for a mistake: sources' clocks differ, and so do time zones.
AHEAD = timedelta(days=1)


def in_future(**moments: Any) -> dict[str, Any]:
    """Return an error for each of the moments that lies in the future."""
    limit = clock.now() + AHEAD
    return {
        name: _("This lies in the future. Check day and month.")
        for name, moment in moments.items()
        if moment and moment > limit
    }
