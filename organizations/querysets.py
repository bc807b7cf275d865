"""Questions about memberships, invitations, targets and mails, and how people are created."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.models import BaseUserManager
from django.db import models
from django.db.models import Q

from organizations import clock

if TYPE_CHECKING:
    from organizations.models import Organization, Targets, User


class UserManager(BaseUserManager["User"]):
    """The manager that creates people, who are known by their mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person; without a password they can't log in until they set one by mail.

        Raises:
            ValueError: there is no mail address.
        """
        if not email:
            raise ValueError("A person needs a mail address.")
        # normalize_email() leaves the part before the @ as it is; addresses are compared in small letters.
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class MembershipQuerySet(models.QuerySet):
    """Memberships of all organizations; callers narrow them to one."""

    def valid_on(self, day: date) -> MembershipQuerySet:
        """Return those in force on a day."""
        return self.filter(Q(valid_until=None) | Q(valid_until__gte=day), valid_from__lte=day)

    def of(self, user: User, organization: Organization) -> list[Any]:
        """Return a person's memberships of an organization that are open today.

        Today is the present's, whatever moment is looked at.
        """
        held = self.filter(user=user, organization=organization, ended_at=None)
        return list(held.valid_on(organization.day_of(clock.present())))

    def held_by(self, user: User) -> dict[Organization, list[Any]]:
        """Return a person's memberships that are open today, by organization; one query."""
        held: Any = self.filter(user_id=user.pk, ended_at=None).select_related("organization")
        found: dict[Organization, list[Any]] = {}
        for membership in held.order_by("organization__name", "pk"):
            # Here, not in the query: each organization has its own time zone, and so its own today.
            if membership.is_valid_on(membership.organization.day_of(clock.present())):
                found.setdefault(membership.organization, []).append(membership)
        return found


class InvitationQuerySet(models.QuerySet):
    """Invitations of all organizations; callers narrow them to one."""

    def open(self) -> InvitationQuerySet:
        """Return those that can still be accepted."""
        oldest = clock.present() - timedelta(days=settings.INVITATION_DAYS)
        return self.filter(accepted_at=None, withdrawn_at=None, invited_at__gte=oldest)


class TargetsQuerySet(models.QuerySet):
    """Versions of the current organization's targets."""

    def in_force(self, day: date) -> Targets:
        """Return the version in force on a day; before the first one, the first.

        Raises:
            Targets.DoesNotExist: the organization has set none.
        """
        found: Targets | None = version_in_force(self.order_by("effective_from"), day)
        if found is None:
            raise self.model.DoesNotExist  # type: ignore[attr-defined]
        return found


def version_in_force(versions: Iterable[Any], day: date) -> Any:
    """Return the version of a dated setting that is in force on a day.

    They are few, and choosing among them takes less than having the database do it.

    Args:
        versions: oldest first; each has ``effective_from``.
        day: the day.

    Returns:
        The version; before the first one, the first; of none, None.
    """
    found = list(versions)
    begun = [version for version in found if version.effective_from <= day]
    return begun[-1] if begun else next(iter(found), None)


class MailQuerySet(models.QuerySet):
    """Mails of the current organization."""

    def waiting(self) -> MailQuerySet:
        """Return those that weren't sent and are still tried."""
        return self.filter(sent_at=None, attempts__lt=settings.MAIL_ATTEMPTS)
