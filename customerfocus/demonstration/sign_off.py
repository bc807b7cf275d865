"""The last quarter signed off by top management, and what changed behind it since."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from clauses import periods
from customerfocus.demonstration.texts import ACCEPTED, ACTIONS_DECIDED, CONCLUSIONS
from evidence.services import attach
from organizations import clock
from organizations.models import User
from organizations.scope import current_organization
from requirements_registry.models import Requirement
from reviews.models import Conclusion, Method
from reviews.sign_off.authentication import Authentication
from reviews.sign_off.services import sign_off
from reviews.sign_off.snapshot import evaluated, fingerprints, gaps
from reviews.sign_off.statement import Concluded, Decision, NewAction
from trail.actor import acting


def sign_last_quarter(director: User, owner: User) -> None:
    """Have the director sign the last complete quarter, as after reading it.

    Some gaps get an action, others are accepted.
    """
    today = current_organization().today()
    period = periods.quarters(today)[1]
    evaluation = evaluated(period)
    sign_off(
        period,
        by=director,
        authentication=Authentication(director, Method.PASSWORD, clock.present()),
        seen=fingerprints(evaluation),
        conclusions=[Concluded(letter, Conclusion(kind), comment) for letter, kind, comment in CONCLUSIONS],
        decisions=[_decision(entry["code"], owner, today) for entry in gaps(evaluation)],
    )


def _decision(code: str, owner: User, today: date) -> Decision:
    if code in ACTIONS_DECIDED:
        title, days = ACTIONS_DECIDED[code]
        return Decision(code, action=NewAction(title, owner, today + timedelta(days=days)))
    return Decision(code, reason=ACCEPTED.get(code, ACCEPTED[""]), until=today + timedelta(days=90))


@transaction.atomic
def change_behind_it(quality: User) -> None:
    """Word a requirement anew, and attach a file, after the signature."""
    with acting(quality):
        requirement = Requirement.objects.current().order_by("pk")[3]
        requirement.criterion = f"{requirement.criterion}; measured at the customer's site"
        requirement._change_reason = "Agreed with the customer after the quarter was signed off"
        requirement.save()
        note = SimpleUploadedFile("agreement.txt", b"Agreed by telephone, confirmed by mail.\n")
        attach(requirement, note, by=quality)
