"""The command that sets up an organization."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from organizations.models import Membership, Organization, Targets, User
from organizations.scope import in_organization
from tests.people import People


def create(*options: str, slug: str = "pumps", admin: str = "Quality@Pumps.example") -> None:
    call_command("create_organization", slug, "--name", "Pumps Ltd", "--admin", admin, *options)


def test_it_makes_the_organization_its_targets_and_its_first_person(db: None, capsys: Any) -> None:
    create("--time-zone", "Europe/Berlin")
    organization = Organization.objects.get(slug="pumps")
    assert (organization.name, organization.time_zone) == ("Pumps Ltd", "Europe/Berlin")
    memberships = Membership.objects.filter(organization=organization)
    assert {(m.user.email, m.role) for m in memberships} == {
        ("quality@pumps.example", "administrator"),
        ("quality@pumps.example", "quality_manager"),
    }
    with in_organization(organization):
        assert Targets.objects.count() == 1


def test_it_says_where_to_go_and_how_a_new_person_gets_a_password(db: None, capsys: Any) -> None:
    create()
    said = capsys.readouterr().out
    assert "/o/pumps/" in said
    assert "changepassword quality@pumps.example" in said
    assert not User.objects.get().has_usable_password()


def test_a_person_who_has_an_account_keeps_it(people: People, capsys: Any) -> None:
    create(admin=people.outsider.email)
    assert Membership.objects.filter(user=people.outsider, organization__slug="pumps").count() == 2
    assert "password" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"slug": "acme"}, "slug: .*exists"),
        ({"slug": "Not a slug"}, "slug: "),
        ({"admin": "nobody"}, "--admin: "),
    ],
)
def test_what_is_not_valid_is_named_and_nothing_is_left_behind(
    options: dict[str, str], message: str, acme: Organization
) -> None:
    with pytest.raises(CommandError, match=message):
        create(**options)
    assert (Organization.objects.count(), User.objects.count()) == (1, 0)


def test_an_unknown_time_zone_is_named(db: None) -> None:
    with pytest.raises(CommandError, match="time_zone: .*Atlantis"):
        create("--time-zone", "Sea/Atlantis")
