"""The basis on which statements were judged, for whoever counts again from the records."""

from __future__ import annotations

from typing import Any

from clauses.assertion import Question
from clauses.periods import asked_about, judged_at

TARGETS = ("review_days", "assessment_days", "conformity_target", "minimum_answers", "satisfaction_target")


def basis(question: Question) -> dict[str, Any]:
    """Return the days, moments and targets by which a question was answered.

    Returns:
        The organization's first day, before which nothing is asked; the day from which due dates are judged; the moment it ended where it is over, since what was archived after that
        counted on the day; the moments between which the period lies, as far as it is over; the moment at which clocks are
        read; and the targets in force.
    """
    starts, ends = asked_about(question)
    return {
        "day": question.day,
        "since": question.since,
        "until": question.until,
        "starts": starts,
        "ends": ends,
        "judged_at": judged_at(question),
        "targets": {name: getattr(question.targets, name) for name in TARGETS},
    }
