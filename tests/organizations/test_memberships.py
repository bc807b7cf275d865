"""Who may do what, from when until when: roles, validity, invitations, and how access ends."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from organizations import services
from organizations.mail import invitation_link, send_invitation
from organizations.models import Invitation, Membership, Organization, Targets, User
from organizations.roles import COMMENTS, GRANTS, MEMBERS, REQUESTS, SAMPLES, SAVED_VIEWS, WATCHING, Action, Role, may
from organizations.scope import in_organization
from tests.people import People

ClientOf = Callable[..., Client]


def path_of(invitation: Invitation) -> str:
    return invitation_link(invitation).removeprefix("http://127.0.0.1:8000")


def invited(
    acme: Organization, people: People, email: str = "new@acme.example", role: Role = Role.CONTRIBUTOR, **more: Any
) -> Invitation:
    invitation = Invitation(email=email, role=role, valid_from=acme.today(), **more)
    return services.invite(invitation, organization=acme, by=people.quality_manager)


# --- Roles ------------------------------------------------------------------------------------------------------------


def roles(*names: Role) -> list[Membership]:
    return [Membership(role=name) for name in names]


def test_several_roles_add_up() -> None:
    both = roles(Role.AUDITOR, Role.ADMINISTRATOR)
    assert may(both, Action.VIEW, "risks")
    assert may(both, Action.CHANGE, "settings")


def test_without_a_membership_nothing_is_allowed() -> None:
    assert not any(may([], action, subject) for action in Action for subject in ("risks", "overview", "settings"))


@pytest.mark.parametrize("role", list(Role))
def test_no_role_implies_administration(role: Role) -> None:
    assert may(roles(role), Action.CHANGE, "settings") == (role is Role.ADMINISTRATOR)


def test_an_administrator_reads_no_register() -> None:
    assert not any(may(roles(Role.ADMINISTRATOR), action, "requirements") for action in Action)


@pytest.mark.parametrize("role", [Role.TOP_MANAGEMENT, Role.AUDITOR])
def test_who_reads_changes_no_row(role: Role) -> None:
    """Samples and requests for evidence are the auditor's own papers; what one says, watches and keeps lists of is one's own too.

    Who is top management it says itself.
    """
    writing = {Action.ADD, Action.CHANGE, Action.ARCHIVE, Action.IMPORT}
    own = (SAMPLES, REQUESTS, COMMENTS, WATCHING, SAVED_VIEWS, *([MEMBERS] if role is Role.TOP_MANAGEMENT else []))
    of_the_house = [actions for subject, actions in GRANTS[role].items() if subject not in own]
    assert not writing & set().union(*of_the_house)


# --- Validity ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "may_enter"),
    [
        ("2026-03-09T22:59:59Z", False),  # 23:59:59 in Berlin, the day before the first
        ("2026-03-09T23:00:00Z", True),  # the first day begins
        ("2026-03-31T21:59:59Z", True),  # 23:59:59 on the last day; summer time has begun
        ("2026-03-31T22:00:00Z", False),  # the day after
    ],
)
def test_access_begins_and_ends_with_the_day_where_the_organization_is(
    moment: str, may_enter: bool, acme: Organization, people: People, client_of: ClientOf
) -> None:
    Membership.objects.create(
        organization=acme,
        user=people.outsider,
        role=Role.AUDITOR,
        valid_from=date(2026, 3, 10),
        valid_until=date(2026, 3, 31),
    )
    with time_machine.travel(datetime.fromisoformat(moment), tick=False):
        assert client_of(people.outsider).get("/o/acme/").status_code == (200 if may_enter else 404)


def test_an_auditors_access_needs_a_last_day(acme: Organization, people: People) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(organization=acme, user=people.outsider, role=Role.AUDITOR, valid_from=acme.today())


def test_a_person_with_one_organization_begins_there_and_one_with_several_chooses(
    acme: Organization, other: Organization, people: People, client_of: ClientOf
) -> None:
    assert client_of(people.auditor).get("/").headers["Location"] == "/o/acme/"
    Membership.objects.create(
        organization=other, user=people.contributor, role=Role.CONTRIBUTOR, valid_from=acme.today()
    )
    page = client_of(people.contributor).get("/").content.decode()
    assert "Acme Pumps" in page
    assert "Other Valves" in page


def test_who_only_administers_begins_at_the_people(people: People, client_of: ClientOf) -> None:
    assert client_of(people.administrator).get("/").headers["Location"] == "/o/acme/people/"


def test_an_organization_whose_access_ended_is_offered_no_more(people: People, client_of: ClientOf) -> None:
    response = client_of(people.expired_auditor).get("/")
    assert response.status_code == 200
    assert "Acme Pumps" not in response.content.decode()


# --- Invitations ------------------------------------------------------------------------------------------------------


def test_an_invitation_is_mailed_once(acme: Organization, people: People) -> None:
    invitation = invited(acme, people)
    with time_machine.travel(timezone.now(), tick=False):  # a link holds the second in which it is made
        send_invitation(invitation.pk)
        send_invitation(invitation.pk)
        link = invitation_link(invitation)
    (message,) = mail.outbox
    assert message.to == ["new@acme.example"]
    assert link in message.body


def test_a_mail_that_could_not_be_sent_is_seen_on_the_page_and_tried_again(
    acme: Organization, people: People, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    invitation = invited(acme, people)

    def refuse(*_: Any, **__: Any) -> None:
        raise smtplib.SMTPServerDisconnected("the server hung up")

    with monkeypatch.context() as patched:
        patched.setattr("organizations.mail.send_mail", refuse)
        send_invitation(invitation.pk)
    assert "the server hung up" in client_of(people.administrator).get("/o/acme/people/").content.decode()
    send_invitation(invitation.pk)
    invitation.refresh_from_db()
    assert (invitation.failure, len(mail.outbox)) == ("", 1)


def test_a_name_with_line_breaks_can_not_write_headers(acme: Organization, people: People) -> None:
    acme.name = "Acme\nBcc: everybody@example.org"
    acme.save()
    send_invitation(invited(acme, people).pk)
    assert "\n" not in mail.outbox[0].subject


def test_a_person_without_account_takes_up_a_role_with_name_and_password(acme: Organization, people: People) -> None:
    browser = Client()
    response = browser.post(
        path_of(invited(acme, people)), {"name": "New Person", "password": "not so easy to guess"}, follow=True
    )
    assert response.redirect_chain[-1][0] == "/o/acme/"
    user = User.objects.get(email="new@acme.example")
    assert [m.role for m in Membership.objects.of(user, acme)] == [Role.CONTRIBUTOR]


def test_a_weak_password_is_refused_in_words(acme: Organization, people: People) -> None:
    response = Client().post(path_of(invited(acme, people)), {"name": "New Person", "password": "password"})
    assert response.context["form"].errors["password"]
    assert not services.has_account("new@acme.example")


def test_a_person_with_an_account_signs_in_to_take_up_a_role(
    acme: Organization, people: People, client_of: ClientOf
) -> None:
    invitation = invited(acme, people, email=people.outsider.email)
    path = path_of(invitation)
    assert Client().post(path).headers["Location"] == f"/accounts/login/?next={path}"
    client_of(people.outsider).post(path)
    assert [m.role for m in Membership.objects.of(people.outsider, acme)] == [Role.CONTRIBUTOR]


def test_somebody_else_can_not_take_up_an_invitation(acme: Organization, people: People, client_of: ClientOf) -> None:
    invitation = invited(acme, people, email=people.outsider.email)
    client_of(people.neighbour).post(path_of(invitation))
    assert Membership.objects.of(people.neighbour, acme) == []
    with pytest.raises(ValidationError, match="another address"):
        services.accept(invitation, by=people.neighbour)


def test_an_invitation_is_taken_up_once(acme: Organization, people: People, client_of: ClientOf) -> None:
    path = path_of(invited(acme, people, email=people.outsider.email))
    browser = client_of(people.outsider)
    browser.post(path)
    assert browser.post(path).status_code == 404
    assert len(Membership.objects.of(people.outsider, acme)) == 1


@pytest.mark.parametrize("token", ["x", "MQ:1abc:forged", "a" * 500])
def test_a_forged_link_leads_nowhere(token: str, db: None) -> None:
    assert Client().get(f"/invitations/{token}/").status_code == 404


def test_a_link_ends_after_its_days(acme: Organization, people: People) -> None:
    path = path_of(invited(acme, people))
    assert Client().get(path).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        assert Client().get(path).status_code == 404


def test_the_same_invitation_is_not_sent_twice(acme: Organization, people: People) -> None:
    invited(acme, people)
    with pytest.raises(ValidationError, match="open already"):
        invited(acme, people, email="NEW@acme.example")


def test_an_auditor_is_invited_with_a_last_day(acme: Organization, people: People, client_of: ClientOf) -> None:
    data = {"email": "auditor@body.example", "role": "auditor", "valid_from": f"{acme.today():%Y-%m-%d}"}
    response = client_of(people.quality_manager).post("/o/acme/people/invite/", data)
    assert "needs a last day" in str(response.context["form"].errors)
    assert not Invitation.objects.exists()


# --- Who gives and ends what ------------------------------------------------------------------------------------------


def test_a_quality_manager_can_not_make_administrators(acme: Organization, people: People, client_of: ClientOf) -> None:
    data = {"email": "me.too@acme.example", "role": "administrator", "valid_from": f"{acme.today():%Y-%m-%d}"}
    response = client_of(people.quality_manager).post("/o/acme/people/invite/", data)
    assert "Select a valid choice" in str(response.context["form"].errors)
    assert client_of(people.administrator).post("/o/acme/people/invite/", data).status_code == 302


def test_a_quality_manager_can_not_end_an_administrators_access(acme: Organization, people: People) -> None:
    membership = Membership.objects.get(organization=acme, user=people.administrator)
    with pytest.raises(ValidationError, match="Only an administrator"):
        services.end_membership(membership, last_day=acme.today(), by=people.quality_manager)


def test_the_last_administrator_stays(acme: Organization, people: People) -> None:
    membership = Membership.objects.get(organization=acme, user=people.administrator)
    with pytest.raises(ValidationError, match="last administrator"):
        services.end_membership(membership, last_day=acme.today(), by=people.administrator)


def test_access_that_is_ended_today_ends_with_the_day(acme: Organization, people: People, client_of: ClientOf) -> None:
    membership = Membership.objects.get(organization=acme, user=people.contributor)
    response = client_of(people.quality_manager).post(
        f"/o/acme/people/{membership.pk}/end/", {"valid_until": f"{acme.today():%Y-%m-%d}"}
    )
    assert response.status_code == 302
    assert client_of(people.contributor).get("/o/acme/").status_code == 200
    with time_machine.travel(datetime.now(tz=UTC) + timedelta(days=1)):
        assert client_of(people.contributor).get("/o/acme/").status_code == 404


def test_access_can_not_end_before_it_began(acme: Organization, people: People, client_of: ClientOf) -> None:
    membership = Membership.objects.get(organization=acme, user=people.contributor)
    response = client_of(people.quality_manager).post(
        f"/o/acme/people/{membership.pk}/end/", {"valid_until": "2019-01-01"}
    )
    assert "before the first" in str(response.context["form"].errors)


def test_memberships_of_another_organization_can_not_be_ended(
    other: Organization, people: People, client_of: ClientOf
) -> None:
    theirs = Membership.objects.filter(organization=other).first()
    assert theirs is not None
    assert (
        client_of(people.administrator)
        .post(f"/o/acme/people/{theirs.pk}/end/", {"valid_until": "2030-01-01"})
        .status_code
        == 404
    )


# --- Settings and targets ---------------------------------------------------------------------------------------------


def test_settings_are_changed_by_the_administrator(acme: Organization, people: People, client_of: ClientOf) -> None:
    browser = client_of(people.administrator)
    data = {
        "name": "Acme AG",
        "scope_statement": "Pumps",
        "edition": "2015",
        "time_zone": "Europe/Zurich",
        "language": "en",
    }
    assert browser.post("/o/acme/settings/", data).status_code == 302
    acme.refresh_from_db()
    assert (acme.name, acme.edition, acme.time_zone) == ("Acme AG", "2015", "Europe/Zurich")
    response = browser.post("/o/acme/settings/", data | {"time_zone": "Sea/Atlantis"})
    assert re.search("Sea/Atlantis.*Europe/Berlin", str(response.context["form"].errors))


def test_targets_are_kept_as_versions(acme: Organization, people: People, client_of: ClientOf) -> None:
    browser = client_of(people.administrator)
    form = browser.get("/o/acme/settings/targets/").context["form"]
    first = acme.today()
    data = {name: form.initial[name] for name in form.fields} | {"review_days": 90, "effective_from": f"{first}"}
    assert browser.post("/o/acme/settings/targets/", data).status_code == 302
    with in_organization(acme):
        days = [date(2019, 1, 1), first - timedelta(days=1), first]
        assert [Targets.objects.in_force(day).review_days for day in days] == [365, 365, 90]
    assert "exists" in str(browser.post("/o/acme/settings/targets/", data).context["form"].errors)
    early = data | {"effective_from": f"{first - timedelta(days=1)}"}
    assert "has gone by" in str(browser.post("/o/acme/settings/targets/", early).context["form"].errors)
