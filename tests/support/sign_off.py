"""Signing a period off in tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from clauses import periods
from clauses.assertion import Period
from organizations.models import User
from organizations.scope import current_organization
from reviews.models import Conclusion, Method, SignOff
from reviews.sign_off.authentication import Authentication
from reviews.sign_off.services import sign_off
from reviews.sign_off.snapshot import evaluated, fingerprints, gaps
from reviews.sign_off.statement import Concluded, Decision


def confirmed(user: User, *, minutes: float = 1, method: Method = Method.PASSWORD) -> Authentication:
    """A confirmation that a person gave some minutes ago."""
    return Authentication(user, method, timezone.now() - timedelta(minutes=minutes))


def everything_accepted(period: Period, **decisions: Decision) -> dict[str, Any]:
    """What is given to sign an evaluation, each open gap accepted unless a decision is given for its code."""
    evaluation = evaluated(period)
    return {
        "seen": fingerprints(evaluation),
        "conclusions": [Concluded(letter, Conclusion.ADEQUATE) for letter in "abc"],
        "decisions": [
            decisions.get(entry["code"], Decision(entry["code"], reason="Known and small."))
            for entry in gaps(evaluation)
        ],
    }


def signed_off(by: User, period: Period | None = None, **given: Any) -> SignOff:
    """A period signed by a person, the last complete one and everything accepted unless said otherwise."""
    period = period or periods.quarters(current_organization().today())[1]
    decisions = given.pop("decisions", {})
    given = {"authentication": confirmed(by)} | everything_accepted(period, **decisions) | given
    return sign_off(period, by=by, **given)
