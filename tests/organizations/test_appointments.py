"""Who gives whom which role: one table, whatever the way; and nobody makes themselves top management."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import product

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client

from organizations import services
from organizations.mail import invitation_link
from organizations.models import Invitation, Mail, Membership, Organization, User
from organizations.roles import Role
from organizations.scope import in_organization
from tests.people import MEMBERS, People

ClientOf = Callable[..., Client]
#: Role → the roles that whoever holds it gives, prolongs and ends. All others are refused, whatever the way.
TABLE = {
    "quality_manager": {"contributor", "auditor"},
    "contributor": set(),
    "top_management": {"top_management"},
    "auditor": set(),
    "administrator": {"quality_manager", "administrator"},
}
PAIRS = list(product(MEMBERS, Role.values))


def letter(acme: Organization, role: str, email: str = "new@acme.example", **more: str) -> Invitation:
    last = acme.today() + timedelta(days=30) if role == Role.AUDITOR else None
    return Invitation(email=email, role=role, valid_from=acme.today(), valid_until=last, **more)


def invite(acme: Organization, by: User, role: str, email: str = "new@acme.example", **more: str) -> Invitation:
    return services.invite(letter(acme, role, email, **more), organization=acme, by=by)


def membership_in(acme: Organization, role: str) -> Membership:
    """A second person's, so that nobody is the last of a kind."""
    last = acme.today() + timedelta(days=30) if role == Role.AUDITOR else None
    second = User.objects.create_user("second@acme.example", "a horse and a battery", name="Second")
    return Membership.objects.create(
        organization=acme, user=second, role=role, valid_from=acme.today() - timedelta(days=9), valid_until=last
    )


def leave(acme: Organization) -> None:
    """Top management has left."""
    yesterday = acme.today() - timedelta(days=1)
    Membership.objects.filter(organization=acme, role=Role.TOP_MANAGEMENT).update(valid_until=yesterday)


def told(acme: Organization, text: str) -> set[str]:
    with in_organization(acme):
        return {mail.to for mail in Mail.objects.all() if text in mail.text}


# --- The table, role by role and way by way ---------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "role"), PAIRS)
def test_who_invites_to_what(who: str, role: str, acme: Organization, people: People) -> None:
    if role in TABLE[who]:
        assert invite(acme, people[who], role).pk
        return
    with pytest.raises(ValidationError):
        invite(acme, people[who], role)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(("who", "role"), PAIRS)
def test_who_invites_to_what_by_the_page(
    who: str, role: str, acme: Organization, people: People, client_of: ClientOf
) -> None:
    day = f"{acme.today():%Y-%m-%d}"
    sent = {"email": "new@acme.example", "role": role, "valid_from": day, "reason": "So"}
    client_of(people[who]).post("/o/acme/people/invite/", sent | ({"valid_until": day} if role == "auditor" else {}))
    assert Invitation.objects.exists() == (role in TABLE[who])


@pytest.mark.parametrize("days", [0, 90], ids=["end", "prolong"])
@pytest.mark.parametrize(("who", "role"), PAIRS)
def test_who_ends_and_prolongs_what(
    who: str, role: str, days: int, acme: Organization, people: People, client_of: ClientOf
) -> None:
    held, last = membership_in(acme, role), acme.today() + timedelta(days=days)
    client_of(people[who]).post(f"/o/acme/people/{held.pk}/end/", {"valid_until": f"{last:%Y-%m-%d}"})
    assert (Membership.objects.get(pk=held.pk).valid_until == last) == (role in TABLE[who])
    if role not in TABLE[who]:
        with pytest.raises(ValidationError):
            services.end_membership(held, last_day=last, by=people[who], at_once=True)


@pytest.mark.parametrize(("who", "role"), [(who, role) for who, roles in TABLE.items() for role in sorted(roles)])
def test_an_invitation_is_taken_up_only_while_its_writer_may_give_the_role(
    who: str, role: str, acme: Organization, people: People
) -> None:
    invitation = invite(acme, people[who], role)
    Membership.objects.filter(user=people[who]).update(valid_until=acme.today() - timedelta(days=1))
    with pytest.raises(ValidationError):
        services.accept(invitation, by=User.objects.get(email="new@acme.example"))
    assert not Membership.objects.filter(user__email="new@acme.example").exists()


def test_the_page_offers_what_one_gives(people: People, client_of: ClientOf) -> None:
    for who, roles in TABLE.items():
        page = client_of(people[who]).get("/o/acme/people/invite/")
        if roles:
            assert {value for value, _ in page.context["form"].fields["role"].choices if value} == roles, who
        else:
            assert page.status_code == 403


# --- Nobody makes themselves top management ---------------------------------------------------------------------------


@pytest.mark.parametrize("is_left", [False, True], ids=["somebody leads", "nobody leads any more"])
@pytest.mark.parametrize("who", [name for name in MEMBERS if name != "top_management"])
def test_nobody_makes_themselves_top_management(
    who: str, is_left: bool, acme: Organization, people: People, client_of: ClientOf
) -> None:
    if is_left:
        leave(acme)
    person, day = people[who], f"{acme.today():%Y-%m-%d}"
    sent = {"email": person.email.upper(), "role": "top_management", "valid_from": day, "reason": "I lead"}
    client_of(person).post("/o/acme/people/invite/", sent)
    with pytest.raises(ValidationError):
        invite(acme, person, Role.TOP_MANAGEMENT, person.email, reason="I lead")
    for invitation in Invitation.objects.filter(role=Role.TOP_MANAGEMENT):
        client_of(person).post(invitation_link(invitation).removeprefix("http://127.0.0.1:8000"))
    assert not Membership.objects.filter(user=person, role=Role.TOP_MANAGEMENT).exists()


def test_an_administrator_who_takes_on_the_invited_address_is_refused_as_well(
    acme: Organization, people: People
) -> None:
    leave(acme)
    invitation = invite(acme, people.administrator, Role.TOP_MANAGEMENT, reason="She left")
    people.administrator.email = invitation.email
    with pytest.raises(ValidationError, match="Nobody makes themselves"):
        services.accept(invitation, by=people.administrator)


def test_top_management_that_left_comes_back_by_nobody_but_an_appointment(acme: Organization, people: People) -> None:
    leave(acme)
    held = Membership.objects.get(user=people.top_management)
    for by in (people.administrator, people.quality_manager, people.top_management):
        with pytest.raises(ValidationError, match="Only top management"):
            services.end_membership(held, last_day=acme.today() + timedelta(days=30), by=by)


# --- Where none is left -----------------------------------------------------------------------------------------------


def test_where_none_is_left_the_administrator_appoints_once_with_a_reason_that_all_members_are_mailed(
    acme: Organization, people: People, client_of: ClientOf
) -> None:
    leave(acme)
    day = f"{acme.today():%Y-%m-%d}"
    sent = {"email": "new@acme.example", "role": "top_management", "job_title": "Managing director", "valid_from": day}
    browser = client_of(people.administrator)
    assert "appointed anew" in browser.post("/o/acme/people/invite/", sent).content.decode()
    assert browser.post("/o/acme/people/invite/", sent | {"reason": "She retired"}).status_code == 302
    everybody = {people[name].email for name in MEMBERS if name != "top_management"}
    assert told(acme, "She retired") == everybody
    first, second = (
        Invitation.objects.get(),
        invite(acme, people.administrator, Role.TOP_MANAGEMENT, "second@acme.example", reason="Another"),
    )
    held = services.accept(first, by=User.objects.get(email="new@acme.example"))
    assert (held.given_by, held.reason) == (people.administrator, "She retired")
    assert told(acme, "gave this role") == everybody
    with pytest.raises(ValidationError, match="gives this role itself"):
        services.accept(second, by=User.objects.get(email="second@acme.example"))
    with pytest.raises(ValidationError, match="gives this role itself"):
        invite(acme, people.administrator, Role.TOP_MANAGEMENT, "third@acme.example", reason="A third")


def test_the_first_is_appointed_without_a_reason(acme: Organization, people: People) -> None:
    Membership.objects.filter(role=Role.TOP_MANAGEMENT).delete()
    assert invite(acme, people.administrator, Role.TOP_MANAGEMENT).pk
    assert told(acme, "appoints new@acme.example")


def test_who_leads_from_a_later_day_on_leads(acme: Organization, people: People) -> None:
    tomorrow = acme.today() + timedelta(days=1)
    Membership.objects.filter(role=Role.TOP_MANAGEMENT).update(valid_from=tomorrow)
    with pytest.raises(ValidationError, match="gives this role itself"):
        invite(acme, people.administrator, Role.TOP_MANAGEMENT, reason="Until then")


def test_an_owner_who_founds_an_organization_declares_to_lead_it(people: People) -> None:
    call_command(
        "create_organization", "pumps", "--name", "Pumps", "--admin", people.outsider.email, "--leads-as", "Owner"
    )
    held = Membership.objects.get(user=people.outsider, role=Role.TOP_MANAGEMENT)
    assert (held.job_title, held.given_by, held.reason) == ("Owner", None, "Declared at set-up.")
    assert invite(held.organization, people.outsider, Role.TOP_MANAGEMENT).pk


# --- Who hears of it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "role"), [(who, role) for who, roles in TABLE.items() for role in sorted(roles)])
def test_who_holds_a_role_hears_who_else_does(who: str, role: str, acme: Organization, people: People) -> None:
    holders = {people[role].email} if role != Role.CONTRIBUTOR else set()
    held = services.accept(invite(acme, people[who], role), by=User.objects.get(email="new@acme.example"))
    assert told(acme, "gave this role") == holders
    services.end_membership(held, last_day=acme.today(), by=people[who])
    assert told(acme, "set the last day of") == holders | {"new@acme.example"}


def test_the_page_says_who_gave_which_role(acme: Organization, people: People, client_of: ClientOf) -> None:
    services.accept(
        invite(acme, people.top_management, Role.TOP_MANAGEMENT), by=User.objects.get(email="new@acme.example")
    )
    browser = client_of(people.quality_manager)
    assert browser.get("/o/acme/people/").content.decode().count('<td data-label="Given by">Top Management<br>') == 1
