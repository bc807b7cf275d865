"""The people of the current organization."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Q

from organizations.models import Invitation, Membership, User
from organizations.roles import Role
from organizations.scope import CurrentOrganization


def members(*roles: Role) -> models.QuerySet[User]:
    """Return everybody who has, or had, a membership of the current organization, or is invited to it.

    Where roles are given, a membership in one of them. Of those invited, accounts that somebody uses already count when the
    invitation is taken up: till then what they call themselves is nobody's business. Built outside of any organization (in a form's declaration) it
    is limited to the current one when it runs.
    """
    memberships = Membership.objects.filter(organization_id=CurrentOrganization())
    if roles:
        memberships = memberships.filter(role__in=roles)
        return User.objects.filter(pk__in=memberships.values("user_id")).order_by("name")
    invited = Invitation.objects.filter(organization_id=CurrentOrganization()).values("email")
    is_unused = Q(password__startswith=UNUSABLE_PASSWORD_PREFIX, last_login=None)
    is_new = is_unused & ~Q(pk__in=Membership.objects.values("user_id"))
    return User.objects.filter(Q(pk__in=memberships.values("user_id")) | Q(is_new, email__in=invited)).order_by("name")


def valid_members(day: date, *roles: Role) -> models.QuerySet[User]:
    """Return those whose membership (in one of the roles) is in force on a day."""
    memberships = Membership.objects.filter(organization_id=CurrentOrganization()).valid_on(day)
    if roles:
        memberships = memberships.filter(role__in=roles)
    return User.objects.filter(pk__in=memberships.values("user_id")).order_by("name")
