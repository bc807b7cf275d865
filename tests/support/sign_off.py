"""Signing a period off in tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clauses import periods
from clauses.assertion import Period
from clauses.decisions import legal as legal_ones
from clauses.evaluation import ask
from organizations.members import members
from organizations.models import User
from organizations.roles import Role
from organizations.scope import current_organization
from reviews.models import Conclusion, Method, SignOff
from reviews.sign_off.authentication import Authentication
from reviews.sign_off.completeness import holding_of
from reviews.sign_off.services import sign_off
from reviews.sign_off.snapshot import evaluated, fingerprints, gaps
from reviews.sign_off.statement import Concluded, Decision, NewAction


def confirmed(user: User, *, minutes: float = 1, method: Method = Method.PASSWORD) -> Authentication:
    """A confirmation that a person gave some minutes ago."""
    return Authentication(user, method, timezone.now() - timedelta(minutes=minutes))


def everything_accepted(period: Period, **decisions: Decision) -> dict[str, Any]:
    """What is given to sign an evaluation, each open gap accepted unless a decision is given, or holds, for its code."""
    evaluation = evaluated(period)
    found = gaps(evaluation)
    running = holding_of(period, evaluation)
    legal = legal_ones(ask(period), [entry["code"] for entry in found])
    return {
        "seen": fingerprints(evaluation),
        "conclusions": [Concluded(letter, Conclusion.ADEQUATE) for letter in "abc"],
        "decisions": [
            decisions.get(entry["code"]) or usual(entry["code"], is_legal=entry["code"] in legal)
            for entry in found
            if entry["code"] in decisions or entry["code"] not in running
        ],
    }


def usual(code: str, *, is_legal: bool = False) -> Decision:
    """A gap accepted for some time, or treated where a law doesn't let it be accepted."""
    organization = current_organization()
    until = organization.today() + timedelta(days=60)
    if is_legal:
        owner = members(Role.QUALITY_MANAGER).first()
        return Decision(code, action=NewAction("Put it right", owner, until))
    return Decision(code, reason="Known and small.", until=until)


def signed_off(by: User, period: Period | None = None, **given: Any) -> SignOff:
    """A period signed by a person, the last complete one and everything accepted unless said otherwise."""
    period = period or periods.quarters(current_organization().today())[1]
    decisions = given.pop("decisions", {})
    given = {"authentication": confirmed(by)} | everything_accepted(period, **decisions) | given
    return sign_off(period, by=by, **given)
