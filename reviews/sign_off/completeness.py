"""Whether everything is there that a signature needs: conclusions, and a decision on each open gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clauses.assertion import SUB_CLAUSES, Period
from clauses.evaluation import ask
from reviews.decisions import holding
from reviews.models import GapDecision
from reviews.sign_off.snapshot import Difference, Plain, evaluated, gaps, unlike
from reviews.sign_off.statement import Concluded, Decision


class EvaluationChanged(Exception):
    """The evaluation isn't what the signer was shown.

    Attributes:
        differences: where it isn't.
        evaluation: what it is now.
    """

    def __init__(self, differences: list[Difference], evaluation: Plain) -> None:
        super().__init__("The evaluation changed since it was shown.")
        self.differences, self.evaluation = differences, evaluation


def holding_of(period: Period, evaluation: Plain) -> dict[str, GapDecision]:
    """Return the decisions that hold about the gaps of an evaluation, by code."""
    return holding(ask(period), {entry["code"]: entry["exceptions"]["count"] for entry in gaps(evaluation)})


def as_seen(period: Period, seen: Mapping[str, Any]) -> Plain:
    """Return the evaluation of a period, as it was seen.

    Raises:
        EvaluationChanged: it says something else.
    """
    evaluation = evaluated(period)
    if changed := unlike(seen, evaluation):
        raise EvaluationChanged(changed, evaluation)
    return evaluation


def running_as_shown(period: Period, evaluation: Plain, shown: Sequence[str] | None) -> dict[str, GapDecision]:
    """Return the decisions that hold.

    Raises:
        ValidationError: they aren't those that the signer was shown.
    """
    running = holding_of(period, evaluation)
    if shown is not None and sorted(shown) != sorted(each.reference for each in running.values()):
        raise ValidationError(
            _("A decision on a gap has changed since it was shown to you. Look at it again and sign.")
        )
    return running


def check_complete(
    evaluation: Plain,
    conclusions: Sequence[Concluded],
    decisions: Sequence[Decision],
    running: Mapping[str, GapDecision],
) -> None:
    """Refuse unless each sub-clause is concluded once, and each open gap decided, now or by a decision that holds.

    Raises:
        ValidationError: what is missing or too much, each in words.
    """
    wrong = []
    if sorted(each.sub_clause for each in conclusions) != sorted(SUB_CLAUSES):
        wrong.append(_("Conclude on each sub-clause, once."))
    found, wanted = sorted(each.code for each in decisions), sorted(entry["code"] for entry in gaps(evaluation))
    wrong += [
        _("%(code)s isn't decided: name an action, or accept it with a reason.") % {"code": code}
        for code in wanted
        if code not in found and code not in running
    ]
    wrong += [_("%(code)s is no open gap of this evaluation.") % {"code": code} for code in found if code not in wanted]
    if len(set(found)) != len(found):
        wrong.append(_("Decide on each open gap once."))
    for each in decisions:
        wrong += [f"{each.code}: {doubt}" for doubt in each.doubts()]
    if wrong:
        raise ValidationError(wrong)
