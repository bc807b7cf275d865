"""The cast itself: that each person is what their name says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from organizations.models import Membership, Organization
from organizations.roles import Role
from tests.people import CAST, MEMBERS, PASSWORD, STRANGERS, People


def test_members_and_strangers_are_the_whole_cast() -> None:
    assert sorted((*MEMBERS, *STRANGERS)) == sorted(CAST)


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_has_the_role_they_are_named_for(name: str, people: People, acme: Organization) -> None:
    assert [membership.role for membership in Membership.objects.of(people[name], acme)] == [Role(name)]


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_has_no_valid_membership(name: str, people: People, acme: Organization) -> None:
    assert Membership.objects.of(people[name], acme) == []


def test_people_log_in_with_their_password(people: People) -> None:
    assert Client().login(email=people.auditor.email, password=PASSWORD)


def test_a_client_is_logged_in_as_its_person(people: People, client_of: Callable[..., Client]) -> None:
    response = client_of(people.quality_manager).get("/")
    assert response.headers["Location"] == "/o/acme/"
