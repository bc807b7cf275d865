"""Where a register keeps answers, so that files of one row a person and one question a column become one row an answer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Questionnaire:
    """The fields that an answer fills, by what they hold.

    Attributes:
        question: what was asked.
        score: an answer in numbers.
        text: an answer in words.
        low: the lowest number of its scale.
        high: the highest.
        higher_is_better: which of them is best.
        recommendation: whether the question is the one for a recommendation.
        respondent: who answered: all answers of a row share it.
        who: fields by which a row of a file that brings no ids is known again, where they single it out.
        when: fields that tell several rows of the same person apart.
        source: field and value that say that an answer is one to a survey, where the file says nothing else.
    """

    question: str
    score: str
    text: str
    low: str
    high: str
    higher_is_better: str
    recommendation: str
    respondent: str
    who: tuple[str, ...]
    when: tuple[str, ...]
    source: tuple[str, str]

    @property
    def fields(self) -> frozenset[str]:
        """The fields that each answer fills for itself; all others are the row's."""
        return frozenset(
            (self.question, self.score, self.text, self.low, self.high, self.higher_is_better, self.recommendation)
        )
