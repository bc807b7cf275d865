"""Enhancements say for whom and what came of it; methods say whom, how often and by whom."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from feedback.models import Enhancement, SatisfactionMethod
from feedback.response_rates import population_of
from organizations.models import Organization
from registers.services import set_links
from tests.feedback.conftest import enhancement, item, method
from tests.people import People

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"segment": ""}, "customer"),
        ({"cost": Decimal(5)}, "currency"),
        ({"measured_on": date(2026, 6, 1)}, "measured_effect"),
        ({"measured_effect": "Fewer calls"}, "measured_on"),
        ({"measured_effect": "Fewer calls", "measured_on": date(2026, 4, 1)}, "measured_on"),
    ],
)
def test_an_enhancement_that_leaves_something_open_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        enhancement(**values)
    assert field in refused.value.message_dict


def test_the_database_itself_refuses_an_effect_without_its_day() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Enhancement(title="x", segment="Dairies", done_on=date(2026, 5, 1), measured_effect="Fewer calls").save()


def test_an_enhancement_links_the_feedback_that_led_to_it() -> None:
    row, said = enhancement(), item(3)
    set_links(row, "feedback", [said])
    assert list(said.enhancements.all()) == [row]


def test_a_method_falls_due_after_its_days() -> None:
    assert method(last_used_on=date(2026, 1, 1), frequency_days=31).due_on == date(2026, 2, 1)


def test_a_method_never_used_has_no_day() -> None:
    assert method().due_on is None


def test_a_method_is_complete_with_population_frequency_and_owner(people: People) -> None:
    whole = method(owner=people.contributor)
    method("Clinics", owner=people.contributor, population_size=None)
    method("Breweries", owner=people.contributor, frequency_days=None)
    method("Utilities")
    assert list(SatisfactionMethod.objects.complete()) == [whole]


def test_methods_of_one_segment_share_its_population() -> None:
    method("Dairies", population_size=200)
    method("dairies", population_size=20)
    method("Clinics", population_size=100)
    assert population_of() == 300
    assert population_of("Dairies") == 200


def test_nothing_recorded_is_not_a_population_of_zero(in_acme: Organization) -> None:
    assert population_of() is None
