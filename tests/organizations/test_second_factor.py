"""An organization may ask for a second factor of who has some roles: they enter once they have one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from organizations.models import Organization, User
from tests.people import MEMBERS, People

ClientOf = Callable[[User | None], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def strict(acme: Organization) -> Organization:
    acme.second_factor_for = ["top_management", "administrator"]
    acme.save()
    return acme


@pytest.mark.parametrize("name", MEMBERS)
def test_who_has_such_a_role_and_no_second_factor_is_led_to_setting_one_up(
    name: str, strict: Organization, people: People, client_of: ClientOf
) -> None:
    browser = client_of(people[name])
    answers = [
        browser.get("/o/acme/"),
        browser.get("/o/acme/requirements/export.csv"),
        browser.post("/o/acme/people/invite/"),
    ]
    asked = name in strict.second_factor_for
    led = [each.status_code == 302 and each.headers["Location"] == "/accounts/2fa/" for each in answers]
    assert led == [asked] * 3
    if asked:
        assert "asks for a second factor" in browser.get("/accounts/2fa/").content.decode()


@pytest.mark.parametrize("kind", [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN])
def test_who_has_one_enters(kind: str, strict: Organization, people: People, client_of: ClientOf) -> None:
    Authenticator.objects.create(user=people.top_management, type=kind, data={})
    assert client_of(people.top_management).get("/o/acme/").status_code == 200


def test_recovery_codes_alone_are_none(strict: Organization, people: People, client_of: ClientOf) -> None:
    Authenticator.objects.create(user=people.top_management, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert client_of(people.top_management).get("/o/acme/").status_code == 302


def test_other_organizations_ask_for_nothing(strict: Organization, people: People, client_of: ClientOf) -> None:
    assert client_of(people.neighbour).get("/o/other/").status_code == 200


def test_it_is_set_on_the_settings_page(acme: Organization, people: People, client_of: ClientOf) -> None:
    browser = client_of(people.quality_manager)
    if browser.get("/o/acme/settings/").status_code != 200:
        browser = client_of(people.administrator)
    given = {"name": "Acme", "edition": "2015", "time_zone": "Europe/Berlin", "language": "en"}
    assert browser.post("/o/acme/settings/", given | {"second_factor_for": ["auditor"]}).status_code == 302
    acme.refresh_from_db()
    assert acme.second_factor_for == ["auditor"]
    assert browser.post("/o/acme/settings/", given | {"second_factor_for": ["king"]}).status_code == 200
