"""The review before commitment (clause 8.2.3)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from requirements_registry import services
from requirements_registry.models import Requirement, RequirementReview

Make = Callable[..., Requirement]


def review(requirement: Requirement, house: Any, **fields: Any) -> RequirementReview:
    return RequirementReview(
        **(
            {"requirement": requirement, "reviewed_on": house.today, "reviewer": house.colleague, "result": "accepted"}
            | fields
        )
    )


def test_the_author_of_the_current_version_does_not_review_it(make_requirement: Make, house: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        review(make_requirement(), house, reviewer=house.quality).clean()
    assert "reviewer" in caught.value.message_dict


def test_somebody_else_reviews_the_version_that_stands(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    row.statement = "Twice the pressure."
    row.save()
    found = review(row, house)
    found.clean()
    assert found.version == 2


def test_open_differences_forbid_commitment(make_requirement: Make, house: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        review(make_requirement(), house, differences="The order says bar, the contract psi.").clean()
    assert "resolved" in caught.value.message_dict


def test_a_refusal_may_leave_differences_open(make_requirement: Make, house: Any) -> None:
    review(make_requirement(), house, differences="The order says bar, the contract psi.", result="refused").clean()


def test_a_review_is_the_requirements_last_one(make_requirement: Make, house: Any) -> None:
    row, found = make_requirement(), None
    found = review(row, house)
    found.clean()
    services.record_review(found)
    row.refresh_from_db()
    assert (row.last_reviewed_on, row.revision) == (house.today, 2)


def test_an_earlier_review_does_not_move_the_last_one_back(make_requirement: Make, house: Any) -> None:
    row = make_requirement(last_reviewed_on=house.ago(5))
    found = review(row, house, reviewed_on=house.ago(20))
    found.clean()
    services.record_review(found)
    row.refresh_from_db()
    assert row.last_reviewed_on == house.ago(5)


def test_a_review_is_recorded_on_the_requirements_page(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    data = {"reviewed_on": f"{house.today}", "reviewer": house.colleague.pk, "stated": "on", "result": "accepted"}
    response = house.client(house.quality).post(house.url(f"requirements/{row.reference}/reviews/new/"), data)
    assert response.status_code == 302
    assert row.reviews.get().stated is True


def test_reviewing_ones_own_text_is_refused_with_the_reason(make_requirement: Make, house: Any) -> None:
    row = make_requirement()
    data = {"reviewed_on": f"{house.today}", "reviewer": house.quality.pk, "result": "accepted"}
    response = house.client(house.quality).post(house.url(f"requirements/{row.reference}/reviews/new/"), data)
    assert response.status_code == 422
    assert "someone else reviews it" in response.content.decode()
