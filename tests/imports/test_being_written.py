"""Pages that compute numbers say that an import is being written, and count nothing of it until all of it is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from imports.models import ImportJob
from organizations.models import Organization
from organizations.scope import in_organization
from tests.people import People


def job(status: str) -> None:
    ImportJob(register="actions", filename="list.csv", path="x", size=1, sha256="0" * 64, status=status).save()


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (
            "importing",
            "An import into “Actions” is being written. Until all of it is there, nothing of it counts here.",
        ),
        ("undoing", "An import into “Actions” is being undone. Until all of it is, all of it counts here."),
        ("checking", ""),
        ("ready", ""),
        ("done", ""),
    ],
)
def test_overview_sign_off_and_pack_say_what_is_being_written(
    status: str, said: str, acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        job(status)
    for person, page in (
        (people.quality_manager, "/o/acme/"),
        (people.quality_manager, "/o/acme/packs/new/"),
        (people.top_management, "/o/acme/sign-offs/new/"),
    ):
        text = client_of(person).get(page, follow=True).content.decode()
        assert (said in text) if said else ("An import into" not in text), page


def test_only_who_imports_is_led_to_it_and_the_past_says_nothing(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        job("importing")
    assert "Show how far it is" in client_of(people.quality_manager).get("/o/acme/").content.decode()
    assert "Show how far it is" not in client_of(people.top_management).get("/o/acme/").content.decode()
    moment = acme.history.earliest().history_date.isoformat().replace("+00:00", "Z")
    assert "An import into" not in client_of(people.quality_manager).get(f"/as-of/{moment}/o/acme/").content.decode()
