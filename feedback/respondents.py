"""What each person answered, summed up: several answers of one person count once.

The mean of a question is the mean over people of each one's mean answer. So nobody turns it by answering often, and n is the
number of people: of answers weighted in this way, n divided by the design effect.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, FloatField, Q, Sum, Value, When
from django.db.models.functions import Cast, Coalesce

from feedback.scale import scale_code, scale_in_words

#: What a net promoter score is made of: answers to the recommendation question from 0 to 10, ten the best (F. F. Reichheld,
#: Harvard Business Review 81 (2003) 46-54). How clean the lounge was, from 0 to 10, is none.
RECOMMENDATION = Q(is_recommendation=True, scale_min=0, scale_max=10, higher_is_better=True)


def person_of(customer: Hashable, wave: Hashable, respondent: str) -> tuple[Hashable, ...] | None:
    """Return by what a person is known: the name or number that the source gives them, at the customer.

    Where no customer is named, it is within the survey: numbers begin anew in the next one. Answers of a customer that name
    nobody are taken for one person's. None where neither is named: each such answer counts as a person.
    """
    name = " ".join(respondent.split()).casefold()
    if customer:
        return ("customer", customer, name)
    return ("survey", wave, name) if name else None


class Instrument(NamedTuple):
    """A question on a scale: only its own answers make a mean."""

    question: str
    lowest: Decimal
    highest: Decimal
    higher_is_better: bool

    @property
    def scale(self) -> str:
        """Its scale in words."""
        return scale_in_words(self.lowest, self.highest, self.higher_is_better)

    @property
    def scale_code(self) -> str:
        """Its scale as addresses name it."""
        return scale_code(self.lowest, self.highest, self.higher_is_better)


@dataclass
class Tally:
    """People, their answers, and the sums of each person's mean and of its square."""

    people: int = 0
    answers: int = 0
    total: float = 0
    squares: float = 0

    def add(self, people: int, answers: int, total: float, squares: float) -> None:
        """Add people's means."""
        self.people += people
        self.answers += answers
        self.total += total
        self.squares += squares


@dataclass
class Answers:
    """The answers of some people to a question: positions on the scale in per cent, and recommendations from -1 to 1."""

    positions: Tally = field(default_factory=Tally)
    recommendations: Tally = field(default_factory=Tally)

    def plus(self, other: Answers) -> Answers:
        """Return these and those of other people together."""
        found = Answers()
        for one in (self, other):
            for mine, theirs in ((found.positions, one.positions), (found.recommendations, one.recommendations)):
                mine.add(theirs.people, theirs.answers, theirs.total, theirs.squares)
        return found


POSITION = Cast("normalized", FloatField())
#: 9 and 10 promote, below 7 detracts.
_RECOMMENDS = Case(
    When(RECOMMENDATION & Q(score__gte=9), then=Value(1.0)),
    When(RECOMMENDATION & Q(score__lt=7), then=Value(-1.0)),
    When(RECOMMENDATION, then=Value(0.0)),
    output_field=FloatField(),
)
_SUMS = {
    "n": Count("normalized"),
    "total": Sum(POSITION),
    "squares": Sum(POSITION * POSITION),
    "asked": Count(_RECOMMENDS),
    "net": Coalesce(Sum(_RECOMMENDS), 0.0),
    "decided": Coalesce(Sum(_RECOMMENDS * _RECOMMENDS), 0.0),
}


def answers_by(rows: Any, key: Any = None) -> dict[tuple[Instrument, Any], Answers]:
    """Return what people answered to each question on each scale: one query.

    Args:
        rows: feedback.
        key: a lookup or an expression that parts it further; a row without a value has the empty key.
    """
    keyed = rows.scored().order_by()
    keyed = keyed.annotate(key=Coalesce(F(key), Value("")) if isinstance(key, str) else key or Value(""))
    grouped = keyed.values_list(
        "question", "scale_min", "scale_max", "higher_is_better", "key", "customer_id", "wave_id", "respondent"
    ).annotate(**_SUMS)
    return _by_person(grouped.iterator(chunk_size=5000))


def _by_person(groups: Iterable[tuple[Any, ...]]) -> dict[tuple[Instrument, Any], Answers]:
    found: defaultdict[Any, Answers] = defaultdict(Answers)
    named: dict[Any, list[float]] = {}
    spelt: dict[Any, str] = {}
    for question, lowest, highest, higher, key, customer, wave, respondent, *sums in groups:
        # The same question written in capitals is the same; it is shown as one of them.
        known = (question.casefold(), lowest, highest, higher)
        spelt[known] = min(question, spelt.get(known, question))
        person = person_of(customer, wave, respondent)
        if person is None:
            n, total, squares, asked, net, decided = sums
            found[known, key].positions.add(n, n, total, squares)
            found[known, key].recommendations.add(asked, asked, net, decided)
        elif earlier := named.get((known, key, person)):
            earlier[:] = [one + other for one, other in zip(earlier, sums, strict=True)]
        else:
            named[known, key, person] = sums
    for (known, key, _person), (n, total, _squares, asked, net, _decided) in named.items():
        found[known, key].positions.add(1, int(n), total / n, (total / n) ** 2)
        if asked:
            found[known, key].recommendations.add(1, int(asked), net / asked, (net / asked) ** 2)
    return {(Instrument(spelt[known], *known[1:]), key): answers for (known, key), answers in found.items()}
