"""A house with its people, and rows as its quality manager keeps them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from clauses.assertion import Period, assertions
from clauses.evaluation import Outcome, ask, outcome_of
from organizations.models import Membership, Organization, User
from organizations.roles import Role
from organizations.scope import in_organization
from organizations.services import create_organization
from requirements_registry.models import ConformityCheck, InterestedParty, Requirement
from trail.actor import acting


@dataclass(frozen=True)
class House:
    """An organization that was entered, and its people by what they do."""

    organization: Organization
    quality: User
    owner: User
    colleague: User
    director: User
    auditor: User

    @property
    def today(self) -> date:
        return self.organization.today()

    def ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def url(self, path: str) -> str:
        return f"/o/{self.organization.slug}/{path}"

    def client(self, person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client


@pytest.fixture
def house(db: Any) -> Iterator[House]:
    people = {
        name: User.objects.create_user(f"{name}@house.example", name=name.title())
        for name in ("quality", "owner", "colleague", "director", "auditor")
    }
    organization = create_organization("house", "House", administrator=people["quality"])
    first, last = organization.today() - timedelta(days=900), organization.today() + timedelta(days=30)
    roles = {
        "owner": Role.CONTRIBUTOR,
        "colleague": Role.CONTRIBUTOR,
        "director": Role.TOP_MANAGEMENT,
        "auditor": Role.AUDITOR,
    }
    for name, role in roles.items():
        Membership.objects.create(
            organization=organization, user=people[name], role=role, valid_from=first, valid_until=last
        )
    with in_organization(organization), acting(people["quality"]):
        yield House(organization, **people)


@pytest.fixture
def party(house: House) -> InterestedParty:
    row = InterestedParty(
        name="Harbour Water",
        addressed="Pressure and delivery.",
        addressed_on=house.ago(30),
        last_reviewed_on=house.ago(30),
    )
    row.full_clean(exclude=["organization", "reference"])
    row.save()
    return row


@pytest.fixture
def make_requirement(house: House, party: InterestedParty) -> Callable[..., Requirement]:
    """A saved active requirement that every assertion about determining is content with, unless told otherwise."""

    def make(**fields: Any) -> Requirement:
        complete = {
            "title": "Casing withstands pressure", "statement": "The casing withstands 1.5 times the rated pressure for ten minutes.", "criterion": "No leak.",
            "kind": "customer", "status": "active", "source": "Contract 7", "effective_on": house.ago(300), "interested_party": party, "owner": house.owner,
            "last_reviewed_on": house.ago(30), "acknowledge_from": house.ago(100),
        }  # fmt: skip
        row = Requirement(**(complete | fields))
        row.save()
        return row

    return make


@pytest.fixture
def make_check(house: House) -> Callable[..., ConformityCheck]:
    def make(requirement: Requirement, result: str = "met", days_ago: int = 10, **fields: Any) -> ConformityCheck:
        row = ConformityCheck(
            requirement=requirement,
            checked_on=house.ago(days_ago),
            result=result,
            method="Pressure test",
            checker=house.colleague,
            **fields,
        )
        row.save()
        return row

    return make


@pytest.fixture
def outcome(house: House) -> Callable[[str], Outcome]:
    """What an assertion comes to for the last quarter."""

    def find(code: str) -> Outcome:
        return outcome_of(assertions[code], ask(Period(house.ago(90), house.today)), {})

    return find
