"""People's answers summed up: each person once, held against weighted and clustered estimates of statsmodels."""

from __future__ import annotations

import math
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.stats.weightstats import DescrStatsW

from clauses.statistics import Z95
from feedback.models import FeedbackItem
from feedback.respondents import person_of
from feedback.scores import Line, by_segment
from tests.feedback.conftest import answers, at, item, party, wave
from trail.history import bulk_create

pytestmark = pytest.mark.usefixtures("in_acme")

#: Who answered (none: without a name), and what, from 0 to 10.
ANSWERED = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 10)), min_size=1, max_size=120)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def line_of(answered: list[tuple[int, int]], **values: Any) -> Line:
    """The scores of these answers alone, from the database."""
    last = FeedbackItem.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    day, first = at("2026-05-15"), last + 1000
    made = [
        FeedbackItem(
            source="survey",
            reference=f"FBK-{first + index}",
            collected_at=day + timedelta(minutes=index),
            respondent=f"Contact {who}" if who else "",
            question="How was it?",
            score=Decimal(score),
            scale_min=Decimal(0),
            scale_max=Decimal(10),
            **values,
        )
        for index, (who, score) in enumerate(answered)
    ]
    bulk_create(FeedbackItem, made)
    (line,) = by_segment(FeedbackItem.objects.filter(pk__gt=last), 10)
    return line


def clusters(answered: list[tuple[int, int]]) -> list[int]:
    """Each answer's person, by number; those without a name are people of their own."""
    return [who if who else 1000 + index for index, (who, _score) in enumerate(answered)]


@SLOW
@given(ANSWERED)
def test_mean_people_and_interval_are_those_of_answers_weighted_by_person(answered: list[tuple[int, int]]) -> None:
    """A person's answers share a weight of one: statsmodels' weighted mean, and its interval of the people's means."""
    line, people = line_of(answered), clusters(answered)
    positions = np.array([10.0 * score for _who, score in answered])
    weights = np.array([1 / people.count(person) for person in people])
    assert (line.whole.n, line.whole.answers) == (len(set(people)), len(answered))
    assert line.whole.mean == pytest.approx(DescrStatsW(positions, weights=weights).mean)
    means = [np.mean([p for p, other in zip(positions, people, strict=True) if other == each]) for each in set(people)]
    if len(means) < 10:
        assert line.whole.interval is None
        return
    added = DescrStatsW(np.array([*means, 0, 50, 100]), weights=np.array([1.0] * len(means) + [0.75, 1.5, 0.75]))
    half = Z95 * added.std / math.sqrt(added.nobs)
    assert line.whole.interval is not None
    assert line.whole.interval.low == pytest.approx(max(0, added.mean - half), abs=1e-6)
    assert line.whole.interval.high == pytest.approx(min(100, added.mean + half), abs=1e-6)


@SLOW
@given(st.lists(st.integers(0, 10), min_size=60, max_size=60), ANSWERED)
def test_the_interval_rests_on_the_linearized_variance_of_clusters(
    first: list[int], more: list[tuple[int, int]]
) -> None:
    """Without the three added answers, what remains is a weighted regression's variance, clustered by person."""
    answered = [*enumerate(first, 1), *more]
    line, people = line_of(answered), np.array(clusters(answered))
    positions = np.array([10.0 * score for _who, score in answered])
    weights = 1 / np.array([(people == person).sum() for person in people])
    fitted = sm.WLS(positions, np.ones(len(positions)), weights=weights).fit(
        cov_type="cluster", cov_kwds={"groups": people, "use_correction": False}
    )
    number, interval = line.whole.n, line.whole.interval
    assert interval is not None and line.whole.mean is not None
    assert line.whole.mean == pytest.approx(fitted.params[0])
    # (n·v + variance of what is added) / (n + 3)², as the adjusted interval has it.
    linearized = number * fitted.bse[0] ** 2
    shift = number * 3 / (number + 3) * (line.whole.mean - 50) ** 2
    variance = (number * linearized + 3 * 1250 + shift) / (number + 3)
    middle, half = (number * line.whole.mean + 150) / (number + 3), Z95 * math.sqrt(variance / (number + 3))
    assert interval.low == pytest.approx(max(0, middle - half), abs=1e-6)
    assert interval.high == pytest.approx(min(100, middle + half), abs=1e-6)


@SLOW
@given(ANSWERED)
def test_net_promoter_scores_count_people_once_too(answered: list[tuple[int, int]]) -> None:
    line, people = line_of(answered, is_recommendation=True), clusters(answered)
    sides = np.array([(score >= 9) - (score < 7) for _who, score in answered], dtype=float)
    weights = np.array([1 / people.count(person) for person in people])
    assert line.promoters is not None
    assert line.promoters.whole.mean == pytest.approx(DescrStatsW(sides, weights=weights).mean, abs=1e-12)
    assert line.promoters.whole.n == len(set(people))


def test_one_person_who_answers_often_moves_nothing_but_their_own_mean() -> None:
    answers(*[5] * 10)
    for _ in range(50):
        item(10, question="How was it?", respondent="Eager")
    (line,) = by_segment(FeedbackItem.objects.all(), 10)
    assert (line.whole.n, line.whole.answers, line.whole.mean) == (11, 60, pytest.approx((10 * 50 + 100) / 11))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ((1, None, "J. Brandt"), (1, 7, " j.  brandt "), True),  # at a customer they are the same in every survey
        ((1, None, "17"), (2, None, "17"), False),  # numbers of two customers
        ((None, 3, "17"), (None, 3, "17"), True),
        ((None, 3, "17"), (None, 4, "17"), False),  # numbers begin anew in the next survey
        ((1, 3, ""), (1, 4, ""), True),  # of a customer that names nobody
        ((1, 3, ""), (2, 3, ""), False),
    ],
)
def test_by_what_a_person_is_known(one: Any, other: Any, same: bool) -> None:
    assert (person_of(*one) == person_of(*other)) is same


def test_whoever_names_neither_customer_nor_person_is_known_by_nothing() -> None:
    assert person_of(None, 3, "  ") is None


def test_answers_without_any_name_are_people_of_their_own_and_those_of_a_customer_are_one() -> None:
    answers(8, 8, 8)
    answers(8, 8, customer=party(), wave=wave())
    (line,) = by_segment(FeedbackItem.objects.all(), 10)
    assert (line.whole.n, line.whole.answers) == (4, 5)
