"""Questions about sign-offs."""

from __future__ import annotations

from typing import Self

from clauses.assertion import Period
from trail.history import TrackedQuerySet


class SignOffQuerySet(TrackedQuerySet):
    """Sign-offs of one organization."""

    def of(self, period: Period) -> Self:
        """Those of a period, interim ones included."""
        return self.filter(period_from=period.first, period_to=period.last)

    def valid(self) -> Self:
        """Those that their signers did not withdraw."""
        return self.filter(withdrawal=None)

    def final(self) -> Self:
        """Those of a period that was over."""
        return self.filter(interim=False)
