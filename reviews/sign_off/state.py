"""Where the sign-off of a period stands: who signed it, and who still has to."""

from __future__ import annotations

from dataclasses import dataclass

from clauses.assertion import Period
from organizations.members import valid_members
from organizations.models import Targets, User
from organizations.roles import Role
from organizations.scope import current_organization
from reviews.models import SignOff


@dataclass(frozen=True)
class State:
    """The sign-off of a period.

    Attributes:
        required: how many different people of top management have to sign.
        signed: the signatures that stand; interim ones only where the period isn't over.
        others: people of top management who haven't signed.
        interim: whether the period isn't over.
    """

    period: Period
    required: int
    signed: tuple[SignOff, ...]
    others: tuple[User, ...]
    interim: bool

    @property
    def missing(self) -> int:
        """How many signatures are still to come."""
        return max(0, self.required - len(self.signed))

    @property
    def is_signed_off(self) -> bool:
        """Whether as many people signed as have to; never for an interim period."""
        return not self.interim and not self.missing

    def of(self, user: User) -> SignOff | None:
        """Return a person's own signature, where it stands."""
        return next((sign_off for sign_off in self.signed if sign_off.signer_id == user.pk), None)


def state_of(period: Period) -> State:
    """Return the sign-off of a period as it stands now: three queries."""
    today = current_organization().today()
    interim = period.last >= today
    signed = tuple(SignOff.objects.valid().of(period).filter(interim=interim).order_by("signed_at"))
    others = valid_members(today, Role.TOP_MANAGEMENT).exclude(pk__in=[each.signer_id for each in signed])
    # The targets of the period's own time: a later change doesn't reopen what was signed.
    required = Targets.objects.in_force(min(today, period.last)).signers_required
    return State(period, required, signed, tuple(others), interim)
