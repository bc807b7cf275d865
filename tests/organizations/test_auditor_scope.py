"""What an auditor's access reaches, and that it ends by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from organizations.auditor_scope import AuditScope, audit_scope_of
from organizations.models import Invitation, Membership, Organization, Site
from organizations.scope import in_organization
from organizations.services import accept, end_membership
from tests.people import People
from tests.rules.pages import House, furnish


@pytest.mark.parametrize(
    ("scope", "document", "is_covered"),
    [
        (AuditScope(), ("abc", ()), True),
        (AuditScope("a"), ("a", ()), True),
        (AuditScope("a"), ("ab", ()), False),
        (AuditScope("", (1,)), ("abc", (1,)), True),
        (AuditScope("", (1,)), ("abc", ()), False),
        (AuditScope("", (1,)), ("abc", (1, 2)), False),
    ],
)
def test_a_document_is_covered_if_nothing_in_it_is_out_of_reach(
    scope: AuditScope, document: tuple[str, tuple[int, ...]], is_covered: bool
) -> None:
    assert scope.covers(*document) is is_covered


def test_the_latest_invitation_counts_and_members_read_everything() -> None:
    old, new = Membership(pk=1, role="auditor"), Membership(pk=2, role="auditor", sub_clauses="b", sites=[3])
    administrator, director = Membership(pk=3, role="administrator"), Membership(pk=4, role="top_management")
    assert audit_scope_of([new, old]) == audit_scope_of([administrator, new]) == AuditScope("b", (3,))
    assert not audit_scope_of([new, director])
    assert not audit_scope_of([])


def test_an_invitation_says_what_the_access_reaches(acme: Organization, people: People) -> None:
    today = acme.today()
    invitation = Invitation.objects.create(
        organization=acme, email=people.outsider.email, role="auditor", invited_by=people.quality_manager,
        valid_from=today, valid_until=today, sub_clauses="ab", sites=[7],
    )  # fmt: skip
    membership = accept(invitation, by=people.outsider)
    assert (membership.sub_clauses, membership.sites) == ("ab", [7])


def invite(browser: Client, **values: Any) -> Any:
    given = {"email": "new@firm.example", "role": "auditor", "valid_from": "2026-01-01", "valid_until": "2036-01-01"}
    return browser.post("/o/acme/people/invite/", given | values)


def test_the_form_confines_auditors_and_nobody_else(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        site = Site.objects.create(code="N", name="North")
    browser = client_of(people.quality_manager)
    refused = invite(browser, role="contributor", sub_clauses=["a"])
    assert "Only an auditor" in refused.content.decode()
    assert invite(browser, sub_clauses=["b", "a"], sites=[site.pk]).status_code == 302
    invitation = Invitation.objects.get(email="new@firm.example")
    assert (invitation.sub_clauses, invitation.sites) == ("ab", [site.pk])
    assert "Sub-clause a, b; North" in browser.get("/o/acme/people/").content.decode()


@pytest.fixture
def house(acme: Organization, people: People) -> House:
    return furnish(acme, people)


def open_pages(house: House, browser: Client) -> dict[str, int]:
    """What a page, an export, a download and the question after a pack's progress are answered."""
    pack, attachment = house.pack.reference, house.attachment.pk
    answers = {
        "page": browser.get("/o/acme/"),
        "export": browser.get("/o/acme/requirements/export.csv"),
        "download": browser.get(f"/o/acme/packs/{pack}/download/"),
        "file": browser.get(f"/o/acme/attachments/{attachment}/"),
        "progress": browser.get(f"/o/acme/packs/{pack}/", headers={"HX-Request": "true"}),
    }
    return {name: answer.status_code for name, answer in answers.items()}


def test_access_ends_by_itself_in_an_open_session(
    house: House, acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.auditor)
    assert set(open_pages(house, browser).values()) == {200}
    today = acme.today()
    Membership.objects.filter(user=people.auditor).update(valid_until=today)
    assert set(open_pages(house, browser).values()) == {200}, "The last day is included."
    Membership.objects.filter(user=people.auditor).update(valid_until=today - timedelta(days=1))
    assert set(open_pages(house, browser).values()) == {404}
    assert browser.get("/").context["choices"] == []


def test_access_that_is_ended_at_once_ends_with_the_next_request(
    house: House, acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser, manager = client_of(people.auditor), client_of(people.quality_manager)
    membership = Membership.objects.get(user=people.auditor)
    membership.valid_from = acme.today()
    membership.save()
    assert browser.get("/o/acme/").status_code == 200
    sent = {"valid_until": f"{acme.today():%Y-%m-%d}", "at_once": "on"}
    assert manager.post(f"/o/acme/people/{membership.pk}/end/", sent).status_code == 302
    assert set(open_pages(house, browser).values()) == {404}
    assert "Ended" in manager.get("/o/acme/people/").content.decode()


def test_access_that_was_ended_at_once_can_be_given_back(acme: Organization, people: People) -> None:
    membership = Membership.objects.get(user=people.auditor)
    membership.ended_at = timezone.now()
    again = end_membership(membership, last_day=acme.today(), by=people.quality_manager)
    assert again.ended_at is None
