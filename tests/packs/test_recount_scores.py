"""verify.py judges scores again from the rows, by rules of its own: never what the product can't have found."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clauses.assertion import Question, assertions
from clauses.evaluation import outcome_of
from feedback.models import FeedbackItem
from packs import verify
from tests.feedback.conftest import at, party
from tests.feedback.conftest import question as question  # noqa: PLC0414, a fixture
from tests.feedback.conftest import targets as targets  # noqa: PLC0414, a fixture
from trail.history import bulk_create

TARGETS = {"minimum_answers": Decimal(3), "satisfaction_target": Decimal(75)}
#: Person (none: without a name), whether at a customer, question, direction, score from 1 to 5.
ANSWER = st.tuples(st.integers(0, 14), st.booleans(), st.sampled_from("AAAb"), st.just(True), st.integers(3, 5))
ODD = st.tuples(st.integers(0, 14), st.booleans(), st.sampled_from("AaB"), st.booleans(), st.integers(1, 5))


def in_pack(row: FeedbackItem) -> dict[str, Any]:
    """The columns of a row as a pack holds them."""
    return {
        "question": row.question,
        "scale_min": str(row.scale_min),
        "scale_max": str(row.scale_max),
        "higher_is_better": row.higher_is_better,
        "customer": row.customer.reference if row.customer else None,
        "wave": None,
        "respondent": row.respondent,
        "normalized": str(row.normalized),
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ANSWER, min_size=1, max_size=60) | st.lists(ANSWER | ODD, min_size=1, max_size=60))
def test_scores_come_to_a_result_that_the_rows_allow(
    question: Question, answered: list[tuple[int, bool, str, bool, int]]
) -> None:
    with transaction.atomic():
        at_home = party("Harbour Water")
        made = [
            FeedbackItem(
                source="survey",
                reference=f"FBK-{index}",
                collected_at=at("2026-05-15") + timedelta(minutes=index),
                customer=at_home if customer else None,
                respondent=f"Contact {who}" if who else "",
                question=asked,
                score=Decimal(score),
                scale_min=Decimal(1),
                scale_max=Decimal(5),
                higher_is_better=higher,
            )
            for index, (who, customer, asked, higher, score) in enumerate(answered)
        ]
        bulk_create(FeedbackItem, made)
        counted = verify.Scores()
        for row in FeedbackItem.objects.select_related("customer"):
            counted.add(in_pack(row))
        allowed = counted.results(TARGETS)
        found = str(outcome_of(assertions["c3"], question, {}).result.value)
        assert found in allowed
        transaction.set_rollback(True)
    if allowed == {"met", "attention", "gap"}:
        assert found == "met"  # no segment and no survey can spoil it here
    elif allowed == {"attention", "gap"}:
        assert found == "attention"


def test_what_decides_is_told_exactly() -> None:
    def scores(*each: tuple[str, str], question: str = "A", higher: bool = True) -> None:
        for name, position in each:
            counted.add(
                {
                    "question": question,
                    "scale_min": "1.0000",
                    "scale_max": "5.0000",
                    "higher_is_better": higher,
                    "customer": None,
                    "wave": "SVY-0001",
                    "respondent": name,
                    "normalized": position,
                }
            )

    counted = verify.Scores()
    scores(*[(f"{number}", "100.0000") for number in range(9)], *[("0", "100.0000")] * 50)
    assert counted.results(TARGETS) == {"attention"}  # nine people, however often they answer
    scores(("", "75.0000"))
    assert counted.results(TARGETS) == {"met", "attention", "gap"}
    scores(("Eve", "0.0000"), question="B")
    assert counted.results(TARGETS) == {"attention", "gap"}
    scores(*[("", "0.0000")] * 5)
    assert counted.results(TARGETS) == {"gap"}


@pytest.mark.parametrize("row", [{}, {"question": None}])
def test_rows_without_the_columns_are_not_guessed_at(row: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        verify.Scores().add(row)
