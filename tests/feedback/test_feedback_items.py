"""Feedback keeps what its source says, and is placed on its scale however it is written."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from feedback.models import FeedbackItem
from organizations.models import Organization
from organizations.scope import in_organization
from tests.feedback.conftest import at, item
from trail.history import bulk_create, bulk_update

pytestmark = pytest.mark.usefixtures("in_acme")


def unsaved(number: int, score: int) -> FeedbackItem:
    return FeedbackItem(
        reference=f"FBK-{number:04d}",
        collected_at=at("2026-05-15"),
        score=Decimal(score),
        scale_min=Decimal(0),
        scale_max=Decimal(10),
    )


def test_a_saved_score_is_placed_on_its_scale() -> None:
    assert FeedbackItem.objects.get(pk=item(4, 1, 5).pk).normalized == 75


def test_a_scale_with_one_as_the_best_is_turned_round() -> None:
    assert item(1, 1, 6, higher_is_better=False).normalized == 100


def test_scores_written_in_bulk_are_placed_too() -> None:
    bulk_create(FeedbackItem, [unsaved(1, 3), unsaved(2, 10)])
    assert list(FeedbackItem.objects.order_by("id").values_list("normalized", flat=True)) == [30, 100]


def test_scores_changed_in_bulk_are_placed_anew() -> None:
    row = item(3)
    row.score = Decimal(9)
    bulk_update(FeedbackItem, [row], ["score"])
    assert FeedbackItem.objects.get(pk=row.pk).normalized == 90
    assert row.history.first().normalized == 90


def test_taking_a_score_away_takes_its_place_away() -> None:
    row = item(3)
    row.score = None
    row.save()
    assert FeedbackItem.objects.get(pk=row.pk).normalized is None


def test_clean_asks_nothing_of_the_database(django_assert_num_queries: Any) -> None:
    row = unsaved(1, 3)
    with django_assert_num_queries(0):
        row.clean()
    assert row.normalized == 30


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"score": 4}, "score", "without its scale"),
        ({"score": 4, "scale_min": 1}, "score", "without its scale"),
        ({"score": 6, "scale_min": 1, "scale_max": 5}, "score", "6 doesn't lie on the scale from 1 to 5"),
        ({"score": 0, "scale_min": 1, "scale_max": 5}, "score", "0 doesn't lie on the scale from 1 to 5"),
        ({"scale_min": 5, "scale_max": 1}, "scale_max", "above its lowest, 5"),
        ({"score": 5, "scale_min": 5, "scale_max": 5}, "scale_max", "above its lowest, 5"),
    ],
)
def test_a_score_off_its_scale_is_refused_with_the_reason(values: dict[str, int], field: str, words: str) -> None:
    row = FeedbackItem(collected_at=at("2026-05-15"), **{name: Decimal(value) for name, value in values.items()})
    with pytest.raises(ValidationError) as refused:
        row.clean()
    assert words in str(refused.value.message_dict[field])


def test_the_database_itself_refuses_a_score_off_its_scale() -> None:
    row = unsaved(1, 3)
    row.score = Decimal(11)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_what_was_said_in_the_future_is_refused() -> None:
    with pytest.raises(ValidationError, match="future"):
        FeedbackItem(collected_at=timezone.now() + timedelta(days=2)).clean()


def test_themes_are_tidied_and_named_once() -> None:
    assert item(themes=" delivery ,noise,, delivery,  spare   parts").themes == "delivery, noise, spare parts"


def test_the_title_is_what_was_said() -> None:
    assert item(4, text="Arrived\n late").title_text == "Arrived late"


def test_where_nothing_was_said_the_title_is_question_and_score() -> None:
    assert item(4, 1, 5, question="Delivery as agreed").title_text == "Delivery as agreed, 4 on 1–5"


def test_a_bare_return_is_called_by_its_source() -> None:
    assert item(source="return").title_text == "Return"


def test_another_organizations_feedback_is_not_seen(other: Organization) -> None:
    item(5)
    with in_organization(other):
        assert not FeedbackItem.objects.exists()
