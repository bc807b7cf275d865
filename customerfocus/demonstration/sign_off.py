"""The last quarter signed off by top management, and what changed behind it since."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from clauses import decisions, periods
from clauses.evaluation import ask
from customerfocus.demonstration.texts import ACCEPTED, ACTIONS_DECIDED, CONCLUSIONS
from evidence.services import attach
from organizations import clock
from organizations.models import User
from organizations.scope import current_organization
from requirements_registry.models import Requirement
from reviews.models import Conclusion, Method
from reviews.sign_off.authentication import Authentication
from reviews.sign_off.services import sign_off
from reviews.sign_off.snapshot import Plain, evaluated, fingerprints, gaps
from reviews.sign_off.statement import Concluded, Decision, NewAction
from trail.actor import acting


def sign_last_quarter(director: User, owner: User) -> None:
    """Have the director sign the last complete quarter, as after reading it.

    Some gaps get an action, others are accepted.
    """
    today = current_organization().today()
    period = periods.quarters(today)[1]
    evaluation = evaluated(period)
    found = gaps(evaluation)
    legal = decisions.legal(ask(period), [entry["code"] for entry in found])
    sign_off(
        period,
        by=director,
        authentication=Authentication(director, Method.PASSWORD, clock.present()),
        seen=fingerprints(evaluation),
        conclusions=[Concluded(letter, Conclusion(kind), comment) for letter, kind, comment in CONCLUSIONS],
        decisions=[_decision(entry, owner, today, is_legal=entry["code"] in legal) for entry in found],
    )


def _decision(entry: Plain, owner: User, today: date, *, is_legal: bool) -> Decision:
    code = entry["code"]
    if code in ACTIONS_DECIDED or is_legal:  # what a law asks is treated, never accepted
        title, days = ACTIONS_DECIDED.get(code, (f"Put right what falls short: {entry['title'].lower()}", 30))
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
