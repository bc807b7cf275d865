"""Who gives which role: asked wherever one is offered, taken up, prolonged or ended; and who hears of it.

The table is :data:`organizations.roles.GIVERS`. Beyond it there is one way, for top management alone: where an
organization has none, an administrator appoints somebody else.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from organizations.models import Invitation, Membership, Organization, User
from organizations.outbox import queue_mail
from organizations.roles import Role, given_by
from organizations.scope import in_organization


def offered_by(memberships: Iterable[Membership], organization: Organization) -> list[Role]:
    """Return the roles that a person can invite to, in the order in which roles are declared."""
    held = list(memberships)
    given = given_by(held)
    if _administers(held) and not has_top_management(organization):
        given |= {Role.TOP_MANAGEMENT}
    return [role for role in Role if role in given]


def must_offer(invitation: Invitation, organization: Organization, by: User) -> None:
    """Refuse an invitation to a role that isn't the person's to give: when it is written, and when it is taken up.

    Raises:
        ValidationError: the table doesn't allow it, and it isn't the appointment of a top management that is missing.
    """
    held, role = Membership.objects.of(by, organization), Role(invitation.role)
    if role in given_by(held):
        return
    if role is not Role.TOP_MANAGEMENT or not _administers(held):
        raise ValidationError(_refusal(role))
    if has_top_management(organization):
        raise ValidationError(
            _("Top management gives this role itself: an administrator appoints it where none is left.")
        )
    if invitation.email.lower() == by.email.lower():
        raise ValidationError(_("Nobody makes themselves top management: have another person appointed."))
    if had_top_management(organization) and not invitation.reason.strip():
        raise ValidationError({"reason": _("Say why top management is appointed anew: all members are mailed it.")})


def must_govern(role: str, organization: Organization, by: User) -> None:
    """Refuse to prolong or end a membership in a role that isn't the person's to give.

    Raises:
        ValidationError: the table doesn't allow it.
    """
    if Role(role) not in given_by(Membership.objects.of(by, organization)):
        raise ValidationError(_refusal(Role(role)))


def has_top_management(organization: Organization) -> bool:
    """Return whether somebody is top management today, or will be without anybody's doing."""
    return _open(organization, Role.TOP_MANAGEMENT).exists()


def had_top_management(organization: Organization) -> bool:
    """Return whether somebody ever was top management."""
    return Membership.objects.filter(organization=organization, role=Role.TOP_MANAGEMENT).exists()


def is_appointment(invitation: Invitation) -> bool:
    """Return whether an administrator appoints top management by it, not top management itself."""
    held = Membership.objects.of(invitation.invited_by, invitation.organization)
    return invitation.role == Role.TOP_MANAGEMENT and Role.TOP_MANAGEMENT not in given_by(held)


def tell_of_appointment(invitation: Invitation) -> None:
    """Mail all members that an administrator appoints top management, and why."""
    everybody = _open(invitation.organization)
    _mail(f"appointing:{invitation.pk}", everybody, invitation.organization, {"invitation": invitation})


def tell_of_role(membership: Membership, key: str, *, by: User, is_new: bool, everybody: bool = False) -> None:
    """Mail those who hold a role that it was given, prolonged or ended; and whom it was given to or taken from.

    Contributors don't hear of each other: there are many, and they give nobody anything.

    Args:
        membership: the one that was given or changed.
        key: tells the change from others.
        by: who did it.
        is_new: whether it was given, rather than changed.
        everybody: tell all members, whatever their role.
    """
    role = Role(membership.role)
    if everybody:
        told = _open(membership.organization)
    else:
        told = _open(membership.organization, role) if role is not Role.CONTRIBUTOR else Membership.objects.none()
    more = {"membership": membership, "by": by, "is_new": is_new}
    also = [] if is_new else [membership.user]
    _mail(f"role:{key}", told.exclude(user=membership.user) if is_new else told, membership.organization, more, also)


#: The format of a membership in top management as packs hold it.
FORMAT = "customerfocus-appointment/1"


def as_json(membership: Membership) -> dict[str, object]:
    """Return a membership in top management as packs tell it: who, as what, from when until when, given by whom."""
    by = membership.given_by
    return {
        "format": FORMAT,
        "reference": f"TM-{membership.pk}",
        "person": {"id": membership.user_id, "name": str(membership.user)},
        "role": membership.role,
        "job_title": membership.job_title,
        "valid_from": membership.valid_from,
        "valid_until": membership.valid_until,
        "ended_at": membership.ended_at,
        "given_by": {"id": by.pk, "name": str(by)} if by else None,
        "given_at": membership.given_at,
        "reason": membership.reason,
    }


def _mail(
    key: str, told: QuerySet, organization: Organization, more: dict[str, object], also: Iterable[User] = ()
) -> None:
    people = {person.pk: person for person in User.objects.filter(pk__in=told.values("user_id"))}
    people |= {person.pk: person for person in also}
    subject = _("Roles in %(organization)s") % {"organization": organization.name}
    text = render_to_string("organizations/mail/role.txt", {"organization": organization, **more})
    with in_organization(organization):
        for person in people.values():
            queue_mail(f"{key}:{person.pk}", to=person.email, subject=subject, text=text)


def _open(organization: Organization, *roles: Role) -> QuerySet:
    """Return memberships that aren't over; those that begin later among them."""
    today = organization.today()
    found = Membership.objects.filter(organization=organization, ended_at=None, user__is_active=True)
    found = found.filter(Q(valid_until=None) | Q(valid_until__gte=today))
    return found.filter(role__in=roles) if roles else found


def _administers(held: Iterable[Membership]) -> bool:
    return any(membership.role == Role.ADMINISTRATOR for membership in held)


def _refusal(role: Role) -> str:
    match role:
        case Role.TOP_MANAGEMENT:
            return _("Only top management gives, prolongs or ends the role of top management.")
        case Role.ADMINISTRATOR | Role.QUALITY_MANAGER:
            return _("Only an administrator gives, prolongs or ends the roles of administrator and quality manager.")
    return _("Only a quality manager gives, prolongs or ends the roles of contributor and auditor.")
