"""Who signs and decides: top management, as printed."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from organizations.models import Membership, User
from organizations.roles import SIGN_OFFS, Action, Role, may
from organizations.scope import current_organization


@dataclass(frozen=True)
class Signer:
    """Who signs, as printed: name and job title of that moment (21 CFR 11.50(a)(1))."""

    name: str
    job_title: str


def signer_of(user: User) -> Signer:
    """Return a person as they sign: name, and job title in top management today.

    Raises:
        ValidationError: they aren't top management today.
    """
    held = Membership.objects.of(user, current_organization())
    if not may(held, Action.SIGN, SIGN_OFFS):
        raise ValidationError(_("Only top management signs off."))
    title = next(membership.job_title for membership in held if membership.role == Role.TOP_MANAGEMENT)
    return Signer(str(user), title or str(Role.TOP_MANAGEMENT.label))
