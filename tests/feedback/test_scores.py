"""Scores summed up by the database agree with the same sums done by hand."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clauses.periods import months_until
from feedback import scores
from feedback.models import FeedbackItem
from organizations.models import Organization
from tests.feedback.conftest import answers, at, item, party

rows = FeedbackItem.objects.all


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

    def test_january_is_never_averaged_with_the_next_january(self, in_acme: Organization) -> None:
        item(2, collected_at=at("2025-01-15")), item(8, collected_at=at("2026-01-15"))
        found = scores.by_month(rows(), date(2026, 1, 31), 13, in_acme.zone, 10)
        assert [(month.first, month.score.mean) for month in found if month.score.n] == [
            (date(2025, 1, 1), 20),
            (date(2026, 1, 1), 80),
        ]

    def test_a_month_begins_at_midnight_where_the_organization_is(self, in_acme: Organization) -> None:
        item(2, collected_at=at("2026-03-31", 23)), item(8, collected_at=at("2026-04-01", 0))
        found = scores.by_month(rows(), date(2026, 4, 30), 2, in_acme.zone, 10)
        assert [month.score.mean for month in found] == [20, 80]

    def test_what_lies_outside_of_the_months_is_left_out(self, in_acme: Organization) -> None:
        (
            item(2, collected_at=at("2026-02-28")),
            item(8, collected_at=at("2026-05-01")),
            item(5, collected_at=at("2026-03-01")),
        )
        found = scores.by_month(rows(), date(2026, 4, 2), 2, in_acme.zone, 10)
        assert [month.score.n for month in found] == [1, 0]

    def test_only_answers_to_the_recommendation_question_make_a_net_promoter_score(self) -> None:
        for score in (10, 9, 8, 7, 6, 0):
            item(score, question="Recommend?", is_recommendation=True)
        item(2, question="How clean was the lounge?"), item(5, 1, 5, is_recommendation=True)
        item(0, higher_is_better=False, is_recommendation=True)
        found = [line for line in scores.by_segment(rows(), 10) if line.promoters]
        assert [(line.instrument.question, line.promoters.whole.n, line.promoters.whole.mean) for line in found] == [
            ("Recommend?", 6, 0)
        ]

    def test_each_question_on_each_scale_is_a_line_of_its_own_and_none_is_put_together(self) -> None:
        answers(9, 8, question="Service"), answers(1, low=1, high=6, question="service", higher_is_better=False)
        answers(0, question="Delivery")
        found = scores.by_segment(rows(), 10)
        assert [(line.instrument.question, line.instrument.scale, line.whole.n, line.whole.mean) for line in found] == [
            ("Service", "0–10", 2, pytest.approx(85)),
            ("Delivery", "0–10", 1, 0),
            ("service", "1–6, lowest is best", 1, 100),
        ]

    def test_the_same_question_in_capitals_is_the_same(self) -> None:
        answers(9, question="Über uns"), answers(7, question="ÜBER UNS")
        (line,) = scores.by_segment(rows(), 10)
        assert (line.whole.n, line.whole.mean) == (2, pytest.approx(80))

    def test_segments_come_from_the_customers(self) -> None:
        answers(9, customer=party(segment="Dairies")), answers(5, customer=party("Clinic")), answers(3)
        (line,) = scores.by_segment(rows(), 10)
        assert {key: score.n for key, score in line.parts.items()} == {"Dairies": 1, "": 2}
        assert line.whole.n == 3

    def test_a_person_who_speaks_of_two_products_is_one_person_in_all(self) -> None:
        for product in ("A", "B"):
            answers(9, product=product, respondent="Contact 1")
        (line,) = scores.by(rows(), "product", 10)
        assert ({key: score.n for key, score in line.parts.items()}, line.whole.n) == ({"A": 1, "B": 1}, 1)

    def test_below_ten_people_there_is_no_interval_whatever_is_allowed(self) -> None:
        answers(*[8] * 9)
        (line,) = scores.by_segment(rows(), 1)
        assert (line.whole.n, line.whole.interval, line.whole.is_enough) == (9, None, False)
        answers(8)
        (line,) = scores.by_segment(rows(), 1)
        assert line.whole.is_enough

    def test_themes_are_counted_one_by_one_whatever_their_case(self) -> None:
        item(10, themes="delivery, noise"), item(0, themes="Delivery"), item(themes="price")
        found = {theme.name.lower(): (theme.count, theme.scored, theme.low) for theme in scores.by_theme(rows(), 10)}
        assert found == {"delivery": (2, 2, 1), "noise": (1, 1, 0), "price": (1, 0, 0)}
