"""How a requirement stands today, in one word and one reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from organizations.scope import current_organization

#: Above this many checks a share is given in per cent rather than as "x of n".
MANY = 100


class RequirementStatus:
    """The state of a requirement; empty where it wasn't asked for.

    It is made from what :func:`requirements_registry.querysets.with_status` annotates.
    """

    if TYPE_CHECKING:
        status: Any
        owner_id: int | None

    last_result: str | None = None
    previous_result: str | None = None
    last_checked: date | None = None
    #: Days within which it is to be checked again.
    check_interval: int | None = None
    #: Checks of the last twelve months, and how many of them found the requirement met.
    checks_counted: int | None = None
    checks_met: int | None = None
    owner_acknowledged: bool | None = None

    @property
    def _judged(self) -> tuple[str, str, str] | None:
        """Word, tone and reason; None where it isn't active or wasn't asked for."""
        if self.status != "active" or self.checks_counted is None:
            return None
        if reason := self._failure():
            return _("Gap"), "gap", reason
        if self.last_result is None:
            return _("No evidence"), "none", _("No check yet")
        if reason := self._warning():
            return _("Attention"), "attention", reason
        return _("Met"), "met", self._share()

    def _failure(self) -> str:
        if self.last_result != "not_met":
            return ""
        return _("Failed twice") if self.previous_result == "not_met" else _("Last check failed")

    def _warning(self) -> str:
        if self.last_result == "partly":
            return _("Partly met")
        if self._is_check_overdue():
            return _("Check overdue")
        if self.owner_id is None:
            return _("No owner")
        return "" if self.owner_acknowledged else _("Acknowledgement open")

    def _is_check_overdue(self) -> bool:
        if self.last_checked is None or self.check_interval is None:
            return False
        return (current_organization().today() - self.last_checked).days > self.check_interval

    def _share(self) -> str:
        met, counted = self.checks_met or 0, self.checks_counted or 0
        if not counted:
            return _("Met on %(day)s") % {"day": date_format(self.last_checked, "j M Y")} if self.last_checked else ""
        if counted < MANY:
            return _("%(met)s of %(counted)s") % {"met": met, "counted": counted}
        return _("%(share)s %% of %(counted)s") % {"share": f"{100 * met / counted:.1f}", "counted": counted}

    @property
    def state(self) -> tuple[str, str] | None:
        """The word for how it stands, and its tone."""
        judged = self._judged
        return judged[:2] if judged else None

    @property
    def conformity(self) -> str:
        """Why it stands so: ``Failed twice``, ``98.6 % of 214``, ``Acknowledgement open``."""
        judged = self._judged
        return judged[2] if judged else ""
