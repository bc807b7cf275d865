"""The people of the tests: one of each kind, in the organizations `acme` and `other`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from organizations.models import Membership, Organization, Targets, User
from organizations.roles import Role
from organizations.scope import in_organization

#: Everybody's password.
PASSWORD = "a horse and a battery"


@dataclass(frozen=True)
class People:
    """Everybody who plays a part. ``people["auditor"]`` gives the same as ``people.auditor``."""

    quality_manager: User
    contributor: User
    top_management: User
    auditor: User
    #: An auditor whose access ended yesterday.
    expired_auditor: User
    administrator: User
    #: Has an account and no membership anywhere.
    outsider: User
    #: Quality manager and administrator of the other organization only.
    neighbour: User

    def __getitem__(self, name: str) -> User:
        found: User = getattr(self, name)
        return found


#: The names of the cast, for tests that go through all of them.
CAST = tuple(field.name for field in fields(People))
#: Those who may enter Acme.
MEMBERS = ("quality_manager", "contributor", "top_management", "auditor", "administrator")
#: Those who have an account, but may not learn that Acme exists.
STRANGERS = ("expired_auditor", "outsider", "neighbour")


@cache
def _password_hash() -> str:
    return make_password(PASSWORD)


def make_organization(slug: str, name: str) -> Organization:
    """An organization with default targets that are in force for a long time, and nobody in it."""
    organization = Organization.objects.create(
        slug=slug, name=name, scope_statement="Pumps, from enquiry to service.", time_zone="Europe/Berlin"
    )
    with in_organization(organization):
        Targets.objects.create(effective_from=date(2020, 1, 1))
    return organization


def make_people(acme: Organization, other: Organization) -> People:
    """The whole cast with its memberships."""
    users = User.objects.bulk_create(
        User(
            email=f"{name.replace('_', '.')}@acme.example",
            name=name.replace("_", " ").title(),
            password=_password_hash(),
        )
        for name in CAST
    )
    EmailAddress.objects.bulk_create(
        EmailAddress(user=user, email=user.email, verified=True, primary=True) for user in users
    )
    people = People(**dict(zip(CAST, users, strict=True)))
    today = acme.today()
    memberships = [
        *_memberships(acme, people, MEMBERS, today),
        _membership(acme, people.expired_auditor, Role.AUDITOR, today - timedelta(days=30), today - timedelta(days=1)),
        *(
            _membership(other, people.neighbour, role, date(2020, 1, 1), None)
            for role in (Role.QUALITY_MANAGER, Role.ADMINISTRATOR)
        ),
    ]
    for membership in memberships:
        membership.save()
    return people


def _memberships(organization: Organization, people: People, names: Iterable[str], today: date) -> Iterable[Membership]:
    for name in names:
        role = Role(name)
        until = today + timedelta(days=30) if role is Role.AUDITOR else None
        yield _membership(organization, people[name], role, date(2020, 1, 1), until)


def _membership(organization: Organization, user: User, role: Role, first: date, last: date | None) -> Membership:
    title = "Managing director" if role is Role.TOP_MANAGEMENT else str(role.label)
    return Membership(
        organization=organization, user=user, role=role, job_title=title, valid_from=first, valid_until=last
    )
