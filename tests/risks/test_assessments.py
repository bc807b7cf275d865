"""Assessments: what they are rated on, what they leave on the record, one by one and many at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registers.models import ReferenceCounter
from registers.services import Conflict, save_form
from risks.forms import RiskForm
from risks.models import Opportunity, OpportunityAssessment, Risk, RiskAssessment, Scale
from tests.people import People
from tests.risks.conftest import assessed, fresh
from tests.support.triggers import lifted
from trail.history import HistoryBypassed, bulk_create


def standing(row: Any) -> tuple[Any, int, date | None]:
    found = fresh(row)
    return found.level and found.level[0], found.score, found.assessed_on


def test_a_record_without_assessment_has_no_level(make_risk: Any) -> None:
    assert standing(make_risk()) == (None, 0, None)


def test_the_level_comes_from_the_current_assessment(make_risk: Any, today: date) -> None:
    risk = make_risk()
    assessed(risk, (5, 5), "inherent")
    assessed(risk, (2, 3), "current")
    assessed(risk, (1, 1), "target")
    assert standing(risk) == ("Medium", 6, today)


def test_until_there_is_a_current_one_the_inherent_level_counts(make_risk: Any) -> None:
    risk = make_risk()
    assessed(risk, (5, 5), "inherent")
    assert standing(risk) == ("Very high", 25, None)


def test_a_target_alone_gives_no_level(make_risk: Any) -> None:
    risk = make_risk()
    assessed(risk, (1, 1), "target")
    assert standing(risk) == (None, 0, None)


def test_the_latest_day_counts_whenever_it_was_written(make_risk: Any, today: date) -> None:
    risk = make_risk((2, 2))
    assessed(risk, (5, 5), days_ago=3)
    assert standing(risk) == ("Low", 4, today)


def test_of_one_day_the_last_written_counts(make_risk: Any) -> None:
    risk = make_risk((2, 2))
    assessed(risk, (5, 5))
    assert standing(risk)[0] == "Very high"


def test_an_assessment_is_rated_on_the_scale_of_its_day(
    make_risk: Any, make_scale: Callable[..., Scale], three_by_three: dict[str, Any], today: date
) -> None:
    earlier = make_scale()
    make_scale(today - timedelta(days=5), **three_by_three)
    risk = make_risk()
    assert assessed(risk, (5, 5), days_ago=6).scale == earlier
    with pytest.raises(ValidationError, match="levels 1 to 3"):
        assessed(risk, (4, 3))
    assert assessed(risk, (3, 3)).level == ("Bad", "gap")


def test_a_later_scale_leaves_earlier_levels_alone(
    make_risk: Any, make_scale: Callable[..., Scale], today: date
) -> None:
    make_scale()
    risk = make_risk((3, 3), days_ago=10)
    make_scale(today, bands=[{"name": "Everything", "tone": "gap", "from": 1}])
    assert fresh(risk).level == ("Medium", "info")
    assessed(risk, (3, 3))
    assert fresh(risk).level == ("Everything", "gap")


def test_the_first_assessment_writes_the_scale_to_begin_with(make_risk: Any) -> None:
    make_risk((3, 3))
    assert Scale.objects.get().appetite == 9


@pytest.mark.parametrize("levels", [(0, 3), (6, 3), (3, 0), (3, 6)])
def test_a_level_beyond_the_scale_is_refused(make_risk: Any, levels: tuple[int, int]) -> None:
    risk = make_risk()
    with pytest.raises(ValidationError):
        assessed(risk, levels)
    assert standing(risk) == (None, 0, None)


def test_an_assessment_is_never_changed(make_risk: Any) -> None:
    assessment = assessed(make_risk(), (3, 3))
    assessment.likelihood = 1
    with pytest.raises(TypeError, match="never changed"):
        assessment.save()


def test_the_database_refuses_a_score_that_is_not_the_product(make_risk: Any) -> None:
    assessment = assessed(make_risk(), (3, 3))
    with lifted(), connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE risks_riskassessment SET score = 1 WHERE id = %s", [assessment.pk])


def test_the_history_of_the_record_says_why_its_level_changed(make_risk: Any, people: People) -> None:
    risk = make_risk((2, 2))
    version = fresh(risk).history.latest()
    assert (version.level_name, version.history_change_reason, version.history_user) == (
        "Low",
        "Test bench",
        people.quality_manager,
    )


def test_a_level_cannot_be_written_past_the_history(make_risk: Any) -> None:
    make_risk()
    with pytest.raises(HistoryBypassed):
        Risk.objects.update(level_name="Low", score=1)


def test_the_form_cannot_type_in_a_level() -> None:
    assert not {"level_name", "score", "scale", "inherent", "current", "target", "assessed_on"} & set(
        RiskForm.base_fields
    )


def test_an_edit_begun_before_an_assessment_does_not_undo_it(make_risk: Any, people: People, today: date) -> None:
    risk = make_risk()
    begun = RiskForm(
        {"event": "Seal leaks badly", "determined_on": f"{today}", "status": "open", "revision": risk.revision},
        instance=fresh(risk),
    )
    assert begun.is_valid(), begun.errors
    assessed(risk, (5, 5))
    with pytest.raises(Conflict):
        save_form(begun, by=people.quality_manager)
    save_form(begun, by=people.quality_manager, overwrite=fresh(risk).revision)
    assert fresh(risk).event == "Seal leaks badly"


def test_opportunities_are_rated_on_levels_of_their_own(make_opportunity: Any) -> None:
    row = make_opportunity((4, 4))
    assert fresh(row).level == ("Large", "met")
    assert str(fresh(row).current) == "Large (4 × 4)"


# --- many -------------------------------------------------------------------------------------------------------------


def many(count: int) -> list[Risk]:
    return bulk_create(
        Risk,
        [
            Risk(event=f"Event {number}", reference=reference)
            for number, reference in enumerate(ReferenceCounter.take("RSK", count))
        ],
    )


def test_many_assessments_leave_what_single_ones_do(inside: Any, make_scale: Callable[..., Scale], today: date) -> None:
    make_scale()
    stages = [("inherent", 5, 5, 9), ("current", 3, 4, 5), ("current", 1, 2, 7), ("target", 1, 1, 1)]
    one, other = many(2)
    for stage, likelihood, consequence, days in stages:
        assessed(one, (likelihood, consequence), stage, days_ago=days)
    RiskAssessment.write_many(
        [
            RiskAssessment(
                risk=other,
                stage=s,
                likelihood=a,
                consequence=b,
                assessed_on=today - timedelta(days=d),
                rationale="Test bench",
            )
            for s, a, b, d in stages
        ]
    )
    assert standing(one) == standing(other) == ("High", 12, today - timedelta(days=5))
    assert [fresh(other).inherent.score, fresh(other).current.score, fresh(other).target.score] == [25, 12, 1]


def test_writing_many_writes_the_history_of_each(inside: Any, make_scale: Callable[..., Scale], today: date) -> None:
    make_scale()
    rows = many(3)
    RiskAssessment.write_many(
        [RiskAssessment(risk=row, likelihood=2, consequence=2, assessed_on=today, rationale="Bench") for row in rows],
        reason="Moved over",
    )
    assert RiskAssessment.history.count() == 3
    assert [fresh(row).history.latest().history_change_reason for row in rows] == ["Moved over"] * 3


def test_writing_many_takes_far_fewer_statements_than_rows(
    inside: Any, make_scale: Callable[..., Scale], today: date
) -> None:
    make_scale()

    def statements(count: int) -> int:
        rows = many(count)
        with CaptureQueriesContext(connection) as queries:
            RiskAssessment.write_many(
                [
                    RiskAssessment(risk=row, likelihood=2, consequence=2, assessed_on=today, rationale="Bench")
                    for row in rows
                ]
            )
        return len(queries)

    assert statements(200) - statements(20) < 180 / 5


def test_nothing_is_written_where_one_of_many_is_refused(
    inside: Any, make_scale: Callable[..., Scale], today: date
) -> None:
    make_scale()
    rows = many(2)
    with pytest.raises(ValidationError):
        RiskAssessment.write_many(
            [
                RiskAssessment(risk=row, likelihood=n, consequence=2, assessed_on=today, rationale="Bench")
                for row, n in zip(rows, (2, 6), strict=True)
            ]
        )
    assert not RiskAssessment.objects.exists()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["inherent", "current", "target"]), st.integers(1, 5), st.integers(1, 5), st.integers(0, 4)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_whatever_the_order_each_stage_holds_its_latest(inside: Any, made: list[tuple[str, int, int, int]]) -> None:
    row = Opportunity(event="Any")
    row.save()
    for stage, likelihood, consequence, days in made:
        assessed(row, (likelihood, consequence), stage, days_ago=days)
    found = fresh(row)
    for stage in ("inherent", "current", "target"):
        latest = (
            OpportunityAssessment.objects.filter(opportunity=row, stage=stage).order_by("-assessed_on", "-pk").first()
        )
        assert getattr(found, stage) == latest
    counts = found.current or found.inherent
    assert found.score == (counts.score if counts else 0)
