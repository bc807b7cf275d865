"""State changes of organizations and their people."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from organizations import appointments, clock
from organizations.mail import SALT
from organizations.models import Invitation, Membership, Organization, Targets, User
from organizations.roles import Role
from organizations.scope import in_organization
from organizations.tasks import mail_invitation


@transaction.atomic
def create_organization(
    slug: str, name: str, *, administrator: User, leads_as: str = "", **fields: Any
) -> Organization:
    """Set up an organization with default targets and its first person.

    The person becomes administrator and quality manager. Whoever leads it declares that here, by their job title; of
    others an administrator appoints the first top management.

    Raises:
        ValidationError: the address is taken or a field isn't valid.
    """
    organization = Organization(slug=slug, name=name, **fields)
    organization.full_clean()
    organization.save()
    today = organization.today()
    first = {"organization": organization, "user": administrator, "valid_from": today, "given_at": clock.present()}
    for role in (Role.ADMINISTRATOR, Role.QUALITY_MANAGER):
        Membership.objects.create(role=role, **first)
    if leads_as:
        declared = {"job_title": leads_as, "reason": _("Declared at set-up.")}
        Membership.objects.create(role=Role.TOP_MANAGEMENT, **declared, **first)
    with in_organization(organization):
        Targets.objects.create(effective_from=today)
    return organization


@transaction.atomic
def invite(invitation: Invitation, *, organization: Organization, by: User) -> Invitation:
    """Send a person the link that lets them take up a role.

    Raises:
        ValidationError: such an invitation is open already, or the role isn't ``by``'s to give.
    """
    appointments.must_offer(invitation, organization, by)
    if (
        Invitation.objects.open()
        .filter(organization=organization, email__iexact=invitation.email, role=invitation.role)
        .exists()
    ):
        raise ValidationError(_("An invitation to this address for this role is open already."))
    invitation.organization, invitation.invited_by = organization, by
    invitation.email = invitation.email.lower()
    invitation.save()
    # From now on rows can name the person, who takes the account up with the invitation.
    if not User.objects.filter(email=invitation.email).exists():
        User.objects.create_user(invitation.email)
    if appointments.is_appointment(invitation):
        appointments.tell_of_appointment(invitation)
    transaction.on_commit(partial(mail_invitation.delay, organization.pk, invitation.pk))
    return invitation


def find_invitation(token: str) -> Invitation | None:
    """Return a link's open invitation; None where it is forged, expired, withdrawn or used."""
    try:
        key = signing.loads(token, salt=SALT, max_age=timedelta(days=settings.INVITATION_DAYS))
    except signing.BadSignature:
        return None
    return Invitation.objects.open().select_related("organization").filter(pk=key).first()


def has_account(email: str) -> bool:
    """Return whether somebody uses the account of a mail address; one that only an invitation made is still to be taken up."""
    user = User.objects.filter(email=email).first()
    return user is not None and (user.has_usable_password() or user.last_login is not None or user.memberships.exists())


def take_up_account(email: str, *, name: str, password: str) -> User:
    """Give the account that an invitation made its name and password."""
    user = User.objects.filter(email=email).first() or User.objects.create_user(email)
    user.name = name
    user.set_password(password)
    user.save()
    return user


@transaction.atomic
def accept(invitation: Invitation, *, by: User) -> Membership:
    """Take up the role one was invited to.

    Raises:
        ValidationError: the invitation went to another address, was used meanwhile, or the role is no longer its
            writer's to give.
    """
    # One at a time: of two whom an administrator invites where top management is missing, the second finds the first.
    organization = Organization.objects.select_for_update().get(pk=invitation.organization_id)
    # Read again under a lock: a link that is followed twice at once makes one membership.
    locked = Invitation.objects.select_for_update().get(pk=invitation.pk)
    if locked.accepted_at or by.email.lower() != locked.email.lower():
        raise ValidationError(_("This invitation was used already, or went to another address."))
    appointments.must_offer(locked, organization, locked.invited_by)
    is_appointed = appointments.is_appointment(locked)
    if is_appointed and locked.invited_by_id == by.pk:
        raise ValidationError(_("Nobody makes themselves top management: have another person appointed."))
    locked.accepted_at = clock.now()
    locked.save(update_fields=["accepted_at"])
    given = ("role", "job_title", "valid_from", "valid_until", "sub_clauses", "sites", "reason")
    membership = Membership.objects.create(
        organization=organization,
        user=by,
        given_by=locked.invited_by,
        given_at=locked.accepted_at,
        **{name: getattr(locked, name) for name in given},
    )
    appointments.tell_of_role(membership, f"{membership.pk}", by=locked.invited_by, is_new=True, everybody=is_appointed)
    return membership


@transaction.atomic
def end_membership(membership: Membership, *, last_day: date, by: User, at_once: bool = False) -> Membership:
    """Let a membership end on a day, or at once.

    Args:
        membership: which one.
        last_day: the last day of access.
        by: who ends it.
        at_once: shut the person out with their next request, in open sessions too, whatever the last day is.

    Raises:
        ValidationError: the day lies before the first, the organization would be left without administrator, or the
            role isn't ``by``'s to take.
    """
    organization = Organization.objects.select_for_update().get(pk=membership.organization_id)  # one at a time
    appointments.must_govern(membership.role, organization, by)
    membership.valid_until = max(membership.valid_from, organization.today()) if at_once else last_day
    membership.ended_at = clock.present() if at_once else None
    membership.full_clean()
    others = Membership.objects.filter(organization=organization, role=Role.ADMINISTRATOR, valid_until=None)
    if membership.role == Role.ADMINISTRATOR and not others.exclude(pk=membership.pk).exists():
        raise ValidationError(_("This is the last administrator: name another one first."))
    membership.save()
    appointments.tell_of_role(membership, f"{membership.pk}:{clock.present().isoformat()}", by=by, is_new=False)
    return membership
