"""The part of the organization that an auditor may see: sub-clauses of 5.1.2 and sites.

The middleware enters it, once a request; a row or page out of reach is as if it weren't there (404). It is narrowed where
rows are *chosen* (lists, records, populations of assertions), never in the manager: whether a requirement was checked
must not depend on who asks. See ``docs/decisions/0011-auditors-bench.md``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from organizations.roles import Role, reads_registers

if TYPE_CHECKING:
    from organizations.models import Membership


@dataclass(frozen=True)
class AuditScope:
    """Letters of sub-clauses and ids of sites; none of either means all of them."""

    sub_clauses: str = ""
    sites: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything is out of reach."""
        return bool(self.sub_clauses or self.sites)

    def includes(self, sub_clauses: Collection[str]) -> bool:
        """Return whether something that serves these sub-clauses (none: all three) is in reach."""
        return not (self.sub_clauses and sub_clauses) or not set(sub_clauses).isdisjoint(self.sub_clauses)

    def covers(self, sub_clauses: str, sites: Collection[int]) -> bool:
        """Return whether all of a document is in reach.

        Args:
            sub_clauses: letters of those it is about; none means all.
            sites: ids of those it is about; none means all.
        """
        has_letters = not self.sub_clauses or set(sub_clauses or "abc") <= set(self.sub_clauses)
        has_sites = not self.sites or (bool(sites) and set(sites) <= set(self.sites))
        return has_letters and has_sites


_EVERYTHING = AuditScope()
_current: ContextVar[AuditScope] = ContextVar("audit_scope", default=_EVERYTHING)


def audit_scope() -> AuditScope:
    """Return what is in reach now: everything, unless the request is that of a limited auditor."""
    return _current.get()


@contextmanager
def limited_to(to: AuditScope) -> Iterator[None]:
    """Limit what is read inside the block to a part of the organization."""
    token = _current.set(to)
    try:
        yield
    finally:
        _current.reset(token)


def audit_scope_of(memberships: Iterable[Membership]) -> AuditScope:
    """Return what a person's valid memberships reach.

    Whoever also reads as a member of the organization reads everything. Of several invitations as an auditor the latest
    one counts.
    """
    readers = [membership for membership in memberships if reads_registers(Role(membership.role))]
    latest = max(readers, key=lambda membership: membership.pk, default=None)
    # Who reads no register at all (an administrator) is kept out by their role, not here.
    if latest is None or any(membership.role != Role.AUDITOR for membership in readers):
        return _EVERYTHING
    return AuditScope(latest.sub_clauses, tuple(latest.sites))
