"""Check constraints worked out in memory say what the database says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import CheckConstraint, Q
from django.db.models.functions import Length
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.models import Complaint, FeedbackItem
from registers.parsing.constraints import compiled, violations
from registers.register import registry
from requirements_registry.models import InterestedParty, Requirement, WatchEntry
from risks.models import Risk, SupplierReview

DAYS = st.none() | st.dates(date(2025, 1, 1), date(2025, 1, 4))
NUMBERS = st.none() | st.integers(-1, 12)
DECIMALS = st.none() | st.sampled_from([Decimal(n) for n in ("0", "0.5", "1", "5", "100")])
TEXTS = st.sampled_from(["", "x"])

ROWS: list[tuple[type[models.Model], dict[str, st.SearchStrategy[Any]]]] = [
    (WatchEntry, {"impact_closed_on": DAYS, "changed": st.booleans(), "impact": TEXTS}),
    (
        InterestedParty,
        {"is_key_customer": st.booleans(), "kind": st.sampled_from(["customer", "end_user", "regulator"])},
    ),
    (
        Requirement,
        {
            "status": st.sampled_from(["draft", "active", "not_applicable"]),
            "applicable": st.sampled_from(["undecided", "yes", "no"]),
            "decided_by_id": st.none() | st.just(1),
            "justification": TEXTS,
        },
    ),
    (FeedbackItem, {"score": DECIMALS, "scale_min": DECIMALS, "scale_max": DECIMALS, "normalized": DECIMALS}),
    (SupplierReview, {"reviewed_on": DAYS, "next_review_on": DAYS, "delivery": NUMBERS, "quality": NUMBERS}),
    (
        Risk,
        {
            "ratings": st.sampled_from(["", "ten", "percent"]),
            "severity": NUMBERS,
            "occurrence": NUMBERS,
            "detection": NUMBERS,
        },
    ),
]


def by_the_database(row: models.Model) -> list[str]:
    said = []
    for constraint in row._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            try:
                constraint.validate(type(row), row)
            except ValidationError as error:
                said += error.messages
    return said


@pytest.mark.usefixtures("in_acme")
@pytest.mark.parametrize(("model", "fields"), ROWS, ids=lambda value: value.__name__ if isinstance(value, type) else "")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_row_violates_what_the_database_says_it_violates(
    model: type[models.Model], fields: dict[str, st.SearchStrategy[Any]], data: st.DataObject
) -> None:
    row = model(**{name: data.draw(values, label=name) for name, values in fields.items()})
    assert list(violations(row)) == by_the_database(row)


@pytest.mark.parametrize("slug", sorted(registry.slugs()))
def test_the_constraints_of_every_register_are_worked_out_without_a_query(slug: str) -> None:
    constraints = [each for each in registry[slug].model._meta.constraints if isinstance(each, CheckConstraint)]
    assert all(compiled(each.condition, registry[slug].model) for each in constraints)


def test_a_condition_that_takes_the_database_is_left_to_it() -> None:
    assert compiled(Q(title__length__gt=3), Complaint) is None
    assert compiled(Q(title=Length("text")), Complaint) is None
