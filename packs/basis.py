"""What statements were judged by: the days, moments and targets with which anybody can count again from the records."""

from __future__ import annotations

from typing import Any

from clauses.assertion import Question
from clauses.periods import asked_about, judged_at

TARGETS = ("review_days", "assessment_days", "conformity_target", "minimum_answers")


def basis(question: Question) -> dict[str, Any]:
    """The day from which due dates are judged, the moments between which the period lies, that at which clocks are read,
    and the targets in force."""
    starts, ends = asked_about(question)
    return {
        "day": question.day,
        "starts": starts,
        "ends": ends,
        "judged_at": judged_at(question),
        "targets": {name: getattr(question.targets, name) for name in TARGETS},
    }
