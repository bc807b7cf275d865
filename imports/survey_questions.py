"""The questions of a file that holds one row a person and one question a column, as a mapping says them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from registers.questionnaire import Questionnaire

LOWEST, HIGHEST = "lowest", "highest"


@dataclass(frozen=True)
class SurveyQuestion:
    """A column of answers: scores on a scale, or words where it has none.

    Attributes:
        low: the lowest number of the scale; None for answers in words.
        high: the highest.
        best: which of them is best.
        recommendation: whether it is the question for a recommendation.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    best: str = ""
    recommendation: bool = False

    @classmethod
    def read(cls, plain: Any) -> Self:
        """Understand ``{"words": true}`` or ``{"from": 1, "to": 6, "best": "lowest", "recommendation": false}``.

        Raises:
            ValueError: it is neither.
        """
        match plain:
            case {"words": True, **rest} if not rest:
                return cls()
            case {"from": low, "to": high, "best": "lowest" | "highest" as best, **rest} if rest.keys() <= {
                "recommendation"
            }:
                lowest, highest = _number(low), _number(high)
                if lowest < highest:
                    return cls(lowest, highest, best, bool(rest.get("recommendation")))
        raise ValueError(plain)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        if self.low is None or self.high is None:
            return {"words": True}
        scale = {"from": str(self.low), "to": str(self.high), "best": self.best}
        return scale | ({"recommendation": True} if self.recommendation else {})

    def constants(self, of: Questionnaire) -> dict[str, str]:
        """Return the fields that are the same in all of its answers."""
        if self.low is None or self.high is None:
            return {}
        return {
            of.low: str(self.low),
            of.high: str(self.high),
            of.higher_is_better: "yes" if self.best == HIGHEST else "no",
            of.recommendation: "yes" if self.recommendation else "no",
        }


def _number(plain: Any) -> Decimal:
    try:
        number = Decimal(str(plain))
    except ArithmeticError as error:
        raise ValueError(plain) from error
    if not number.is_finite():
        raise ValueError(plain)
    return number


def read_questions(plain: Mapping[str, Any]) -> dict[str, SurveyQuestion]:
    """Understand the questions of a mapping by their headers.

    Raises:
        ValueError: the header of what isn't understood.
    """
    found = {}
    for header, entry in plain.items():
        try:
            found[str(header)] = SurveyQuestion.read(entry)
        except ValueError as error:
            raise ValueError(header) from error
    return found


def answer_key(row: str, question: str, longest: int) -> str:
    """Return the id of a row's answer to a question: no answer is taken for one to another question."""
    whole = f"{row} · {question}"
    if len(whole) <= longest:
        return whole
    digest = hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return f"{whole[: longest - len(digest) - 3]} · {digest}"
