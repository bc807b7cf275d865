"""The people who may see a record, for whoever wants to tell them about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from organizations import clock
from organizations.auditor_scope import AuditScope, audit_scope_of
from organizations.models import Membership, User
from organizations.roles import Role, reads_registers
from organizations.scope import current_organization
from registers.models import Record


@dataclass(frozen=True)
class Reader:
    """A member who reads the organization's registers, and the scope of their access."""

    person: User
    scope: AuditScope

    def sees(self, record: Record) -> bool:
        """Return whether a record is visible to them."""
        is_included = self.scope.includes(record.register.sub_clauses)
        return is_included and (not self.scope.sites or record.site_id in self.scope.sites)


def readers() -> dict[int, Reader]:
    """Return all who read registers of the current organization today, by key: one query."""
    organization = current_organization()
    held: defaultdict[User, list[Membership]] = defaultdict(list)
    open_today = Membership.objects.filter(organization=organization, ended_at=None)
    today = organization.day_of(clock.present())
    for membership in open_today.valid_on(today).select_related("user").order_by("user__name", "pk"):
        if reads_registers(Role(membership.role)):
            held[membership.user].append(membership)
    return {person.pk: Reader(person, audit_scope_of(of_person)) for person, of_person in held.items()}


def readers_of(record: Record) -> list[Reader]:
    """Return everybody who may see a record today, by name: one query."""
    return [reader for reader in readers().values() if reader.sees(record)]
