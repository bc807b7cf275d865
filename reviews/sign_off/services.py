"""Signing, and taking a signature back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from clauses.assertion import Period
from organizations import clock
from organizations.models import User
from organizations.scope import current_organization
from registers.models import ReferenceCounter
from reviews.decisions import decide
from reviews.models import GapDecision, SignOff, Withdrawal
from reviews.sign_off.authentication import Authentication
from reviews.sign_off.completeness import as_seen, check_complete, running_as_shown
from reviews.sign_off.signer import Signer, signer_of
from reviews.sign_off.snapshot import Plain, gaps
from reviews.sign_off.statement import (
    SIGN_OFF_FORMAT,
    WITHDRAWAL_FORMAT,
    Concluded,
    Decision,
    NewAction,
    concluded,
    decided,
    meaning_of_sign_off,
    meaning_of_withdrawal,
    sealed,
    signature,
)
from trail.actor import acting
from trail.models import Seal
from trail.sealing import seals


def check_period(period: Period, *, interim: bool) -> None:
    """Refuse a period that can't be signed off today.

    As interim it is signed while it lasts, and only then.

    Raises:
        ValidationError: it hasn't begun, isn't over, or is.
    """
    today = current_organization().today()
    if period.first > today:
        raise ValidationError(_("This period hasn't begun: there is nothing to sign."))
    if period.last >= today and not interim:
        raise ValidationError(_("This period isn't over: it can only be signed as interim."))
    if period.last < today and interim:
        raise ValidationError(_("This period is over: sign it as a whole, not as interim."))


@transaction.atomic
def sign_off(
    period: Period,
    *,
    by: User,
    authentication: Authentication,
    seen: Mapping[str, Any],
    conclusions: Sequence[Concluded],
    decisions: Sequence[Decision],
    interim: bool = False,
    decided_before: Sequence[str] | None = None,
) -> SignOff:
    """Sign the evaluation of a period, bound to what was seen and to the trail as it is now.

    The seal comes first: whatever is written after it counts as changed since, also by a transaction that commits while
    this one runs. The sign-off itself, and the actions it decides on, enter the tree with the next seal.

    Args:
        period: what is signed off.
        by: the signer, of top management.
        authentication: how they confirmed who they are, at most five minutes ago (21 CFR 11.200).
        seen: :func:`reviews.sign_off.snapshot.fingerprints` of the evaluation they were shown.
        conclusions: one for each sub-clause.
        decisions: one for each open gap about which no decision holds.
        interim: the period isn't over.
        decided_before: references of the decisions that they were shown as holding; not compared unless given.

    Raises:
        Stale: they didn't confirm who they are, or too long ago.
        EvaluationChanged: the evaluation says something else than what they saw.
        ValidationError: they may not sign (again), the period can't be signed so, or something isn't decided.
    """
    authentication.check(by)
    signer = signer_of(by)
    check_period(period, interim=interim)
    (reference,) = ReferenceCounter.take(SignOff.prefix)  # whoever else signs waits here
    if SignOff.objects.valid().of(period).filter(signer=by, interim=interim).exists():
        raise ValidationError(_("You have signed this period already. To sign it anew, withdraw your signature first."))
    seal = seals.seal(Seal.Purpose.SIGN_OFF)
    evaluation = as_seen(period, seen)
    running = running_as_shown(period, evaluation, decided_before)
    check_complete(evaluation, conclusions, decisions, running)
    meaning, now = meaning_of_sign_off(signer.job_title, interim=interim), clock.present()  # whatever past is looked at
    with acting(by):
        what = {
            "reference": reference,
            "period": {"from": period.first, "to": period.last},
            "interim": interim,
            "evaluation": evaluation,
            "conclusions": [concluded(each) for each in sorted(conclusions, key=lambda each: each.sub_clause)],
            "gaps": _decided(period, evaluation, decisions, running, by),
        }
        how = signature(current_organization(), signer, meaning, authentication, seal, now)
        return SignOff.objects.create(
            reference=reference,
            period_from=period.first,
            period_to=period.last,
            interim=interim,
            **_facts(sealed(SIGN_OFF_FORMAT, [how, what]), seal, by, signer, authentication, now),
        )


@transaction.atomic
def withdraw(sign_off: SignOff, *, by: User, authentication: Authentication, reason: str) -> Withdrawal:
    """Take back one's own signature: a new signed act, which leaves what was signed to be read.

    Raises:
        Stale: see :func:`sign_off`.
        ValidationError: it is somebody else's, was withdrawn before, or no reason is given.
    """
    authentication.check(by)
    signer = signer_of(by)
    # Whoever withdraws the same one at the same time waits here, and is refused in words below.
    locked = SignOff.objects.select_for_update().get(pk=sign_off.pk)
    if locked.signer_id != by.pk:
        raise ValidationError(_("Only who signed withdraws a signature."))
    if Withdrawal.objects.filter(sign_off=locked).exists():
        raise ValidationError(_("%(reference)s is withdrawn already.") % {"reference": locked.reference})
    if not (reason := reason.strip()):
        raise ValidationError(_("Say why you withdraw your signature."))
    seal, meaning, now = seals.seal(Seal.Purpose.SIGN_OFF), meaning_of_withdrawal(signer.job_title), clock.present()
    what = {"withdraws": {"reference": locked.reference, "sha256": locked.digest}, "reason": reason}
    how = signature(current_organization(), signer, meaning, authentication, seal, now)
    statement = sealed(WITHDRAWAL_FORMAT, [how, what])
    with acting(by):
        return Withdrawal.objects.create(
            sign_off=locked, reason=reason, **_facts(statement, seal, by, signer, authentication, now)
        )


def _facts(
    statement: tuple[str, str], seal: Seal, by: User, signer: Signer, authentication: Authentication, at: datetime
) -> dict[str, Any]:
    """Return the columns of all signed acts, see :class:`reviews.models.SignedAct`.

    ``statement`` is the text with its digest, as :func:`reviews.sign_off.statement.sealed` makes them.
    """
    text, digest = statement
    return {
        "statement": text,
        "digest": digest,
        "seal_note": seal.note,
        "seal_size": seal.size,
        "seal_root": bytes(seal.root).hex(),
        "signer": by,
        "printed_name": signer.name,
        "job_title": signer.job_title,
        "signed_at": at,
        "method": authentication.method,
    }


def _decided(
    period: Period, evaluation: Plain, decisions: Sequence[Decision], running: Mapping[str, GapDecision], by: User
) -> list[Plain]:
    """Return the decisions as they are signed; write down those that are taken now."""
    by_code = {decision.code: decision for decision in decisions}
    found = []
    for entry in gaps(evaluation):
        given = by_code.get(entry["code"])
        row = decide(period, given, entry, by=by) if given else running[entry["code"]]
        found.append(decided(row, entry, made=given is not None and isinstance(given.action, NewAction)))
    return found
