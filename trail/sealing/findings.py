"""The findings of a verification, said for people who don't know the tables."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.models import Organization


@dataclass(frozen=True)
class Finding:
    """Something that doesn't hold, in a sentence, and the table and row where it shows."""

    table: str
    row: int | str
    text: str

    def __str__(self) -> str:
        return _("%(text)s (table %(table)s, row %(row)s)") % vars(self)


@dataclass
class Report:
    """The result of a verification: what was looked at, and the first things that failed."""

    organization: Organization
    leaves: int = 0
    seals: int = 0
    #: Versions and events written since the latest seal.
    unsealed: int = 0
    #: Current rows that were held against their last versions.
    rows: int = 0
    #: Earlier heads that the trail contains, by the names under which they were given.
    contained: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing failed."""
        return not self.findings

    def lines(self) -> list[str]:
        """Return the report, a sentence a line.

        Nothing is counted where something failed: a check ends when it found enough.
        """
        told = {"organization": self.organization.name, "leaves": self.leaves, "seals": self.seals, "rows": self.rows}
        if not self.is_sound:
            failed = _("%(organization)s: NOT AS IT WAS RECORDED. The first things that don't fit:")
            return [failed % told, *(f"- {finding}" for finding in self.findings)]
        counted = _(
            "%(organization)s: %(leaves)d sealed versions and events under %(seals)d signed seals, and %(rows)d current rows."
        )
        heads = [_("It contains the tree of %(head)s.") % {"head": head} for head in self.contained]
        sound = _("Nothing was changed, removed or put in behind the application's back.")
        return [counted % told, *self._waiting(), *heads, sound]

    def _waiting(self) -> list[str]:
        text = ngettext(
            "%(count)d version or event was written since the latest seal; the next one covers it.",
            "%(count)d versions and events were written since the latest seal; the next one covers them.",
            self.unsealed,
        )
        return [text % {"count": self.unsealed}] if self.unsealed else []
