"""Scores summed up by the database agree with the same sums done by hand."""

from __future__ import annotations

import statistics
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clauses.periods import months_until
from clauses.statistics import net_promoters
from feedback import scores
from feedback.models import FeedbackItem
from feedback.scores import Score
from organizations.models import Organization
from tests.feedback.conftest import at, item, party

rows = FeedbackItem.objects.all


@given(st.lists(st.floats(0, 100), min_size=2, max_size=200))
def test_mean_and_interval_follow_from_the_sums(values: list[float]) -> None:
    found = Score.of(len(values), sum(values), sum(value * value for value in values))
    mean, half = statistics.fmean(values), 1.959963984540054 * statistics.stdev(values) / len(values) ** 0.5
    assert found.mean == pytest.approx(mean, abs=1e-6) and found.interval is not None
    assert found.interval.low == pytest.approx(max(0, mean - half), abs=1e-3)
    assert found.interval.high == pytest.approx(min(100, mean + half), abs=1e-3)


def test_one_answer_has_no_interval() -> None:
    assert Score.of(1, 80.0, 6400.0) == Score(1, 80.0, None)


def test_no_answer_has_no_mean() -> None:
    assert Score.of(0, None, None) == Score(0, None, None)


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(1, 40))
def test_months_follow_each_other_across_years(last: date, count: int) -> None:
    months = months_until(last, count)
    assert len(months) == count == len(set(months))
    assert (months[-1].year, months[-1].month) == (last.year, last.month)
    assert all(
        (later.year * 12 + later.month) - (earlier.year * 12 + earlier.month) == 1
        for earlier, later in pairwise(months)
    )


@pytest.mark.usefixtures("in_acme")
class TestSums:
    """Sums over rows of Acme."""

    def test_the_score_of_all(self) -> None:
        item(7), item(8), item(9), item(text="no score")
        found = scores.score_of(rows())
        assert (found.n, found.mean) == (3, pytest.approx(80))

    def test_january_is_never_averaged_with_the_next_january(self, in_acme: Organization) -> None:
        item(2, collected_at=at("2025-01-15")), item(8, collected_at=at("2026-01-15"))
        found = scores.by_month(rows(), date(2026, 1, 31), 13, in_acme.zone)
        assert [(month.first, month.score.mean) for month in found if month.score.n] == [
            (date(2025, 1, 1), 20),
            (date(2026, 1, 1), 80),
        ]

    def test_a_month_begins_at_midnight_where_the_organization_is(self, in_acme: Organization) -> None:
        item(2, collected_at=at("2026-03-31", 23)), item(8, collected_at=at("2026-04-01", 0))
        found = scores.by_month(rows(), date(2026, 4, 30), 2, in_acme.zone)
        assert [month.score.mean for month in found] == [20, 80]

    def test_what_lies_outside_of_the_months_is_left_out(self, in_acme: Organization) -> None:
        (
            item(2, collected_at=at("2026-02-28")),
            item(8, collected_at=at("2026-05-01")),
            item(5, collected_at=at("2026-03-01")),
        )
        found = scores.by_month(rows(), date(2026, 4, 2), 2, in_acme.zone)
        assert [month.score.n for month in found] == [1, 0]

    def test_only_answers_to_the_recommendation_question_make_a_net_promoter_score(self) -> None:
        for score in (10, 9, 8, 7, 6, 0):
            item(score, question="Recommend?", is_recommendation=True)
        item(2, question="How clean was the lounge?"), item(5, 1, 5, is_recommendation=True)
        item(0, higher_is_better=False, is_recommendation=True)
        asked, found = scores.promoters(rows())
        assert (asked, found) == (6, net_promoters(2, 2, 2))

    def test_without_answers_to_it_there_is_no_promoter_score(self) -> None:
        item(5, 1, 5), item(9)
        assert scores.promoters(rows()) == (0, None)

    def test_each_question_on_each_scale_is_a_line_of_its_own(self) -> None:
        (
            item(9, question="Service", is_recommendation=True),
            item(9, question="Service", is_recommendation=True),
            item(1, 1, 6, question="Service", higher_is_better=False),
        )
        found = scores.by_question(rows(), 10)
        assert [(group.key, group.scale, group.score.n) for group in found] == [
            ("Service", "0–10", 2),
            ("Service", "1–6, lowest is best", 1),
        ]
        assert [group.promoters is not None for group in found] == [True, False]

    def test_segments_come_from_the_customers(self) -> None:
        item(9, customer=party(segment="Dairies")), item(5, customer=party("Clinic")), item(3)
        found = scores.by(rows(), "customer__segment", 10)
        assert {group.key: group.score.n for group in found} == {"Dairies": 1, "": 2}

    def test_only_the_largest_groups_are_given(self) -> None:
        item(9, product="A"), item(9, product="A"), item(9, product="B")
        assert [group.key for group in scores.by(rows(), "product", 1)] == ["A"]

    def test_themes_are_counted_one_by_one_whatever_their_case(self) -> None:
        item(10, themes="delivery, noise"), item(0, themes="Delivery"), item(themes="price")
        found = {theme.name.lower(): (theme.count, theme.mean) for theme in scores.by_theme(rows(), 10)}
        assert found == {"delivery": (2, 50), "noise": (1, 100), "price": (1, None)}
