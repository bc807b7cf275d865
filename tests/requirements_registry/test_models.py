"""What a single row must hold to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from requirements_registry.models import ConformityCheck, InterestedParty, Requirement, WatchEntry
from requirements_registry.validators import first_words, tidy


def cleaned(row: Any) -> Any:
    row.clean_fields(exclude=["organization", "reference"])
    row.clean()
    return row


def errors_of(row: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        cleaned(row)
    return caught.value.message_dict


def test_a_missing_title_is_the_statements_first_words(house: Any) -> None:
    row = cleaned(
        Requirement(
            statement="The product shall be available during normal business hours. As long as the user has access to the client PC, it is."
        )
    )
    assert row.title == "The product shall be available during normal business hours. As long as the user has…"


def test_a_given_title_stays(house: Any) -> None:
    assert cleaned(Requirement(title="Availability", statement="Always there.")).title == "Availability"


def test_a_requirement_without_statement_is_refused(house: Any) -> None:
    assert "statement" in errors_of(Requirement(title="Availability"))


def test_line_breaks_are_kept_as_single_ones(house: Any) -> None:
    assert cleaned(Requirement(statement=" one \r\ntwo\rthree \n")).statement == "one\ntwo\nthree"


def test_a_requirement_may_be_imported_without_kind_which_a1_then_misses(house: Any) -> None:
    assert cleaned(Requirement(statement="Quiet.")).kind == ""


@pytest.mark.parametrize("missing", ["applicable", "justification", "decided_by"])
def test_setting_a_requirement_aside_needs_a_whole_decision(house: Any, missing: str) -> None:
    decided = {"applicable": "no", "justification": "We sell no toys.", "decided_by": house.quality}
    row = Requirement(
        statement="Toys are marked.",
        status="not_applicable",
        **{name: value for name, value in decided.items() if name != missing},
    )
    assert list(errors_of(row)) == [missing]


def test_the_database_refuses_a_requirement_set_aside_without_decision(house: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Requirement(statement="Toys are marked.", status="not_applicable").save()


def test_what_does_not_apply_cannot_be_active(house: Any) -> None:
    assert "applicable" in errors_of(Requirement(statement="Toys are marked.", status="active", applicable="no"))


def test_a_requirement_cannot_take_its_own_place(house: Any, make_requirement: Callable[..., Requirement]) -> None:
    row = make_requirement()
    row.supersedes = row
    assert "supersedes" in errors_of(row)


def test_a_review_in_the_future_is_refused(house: Any) -> None:
    assert "last_reviewed_on" in errors_of(
        Requirement(statement="Quiet.", last_reviewed_on=house.today + timedelta(days=1))
    )


@pytest.mark.parametrize("days", [0, 36_501])
def test_an_interval_is_between_a_day_and_a_hundred_years(house: Any, days: int) -> None:
    assert set(errors_of(Requirement(statement="Quiet.", review_days=days, check_days=days))) == {
        "review_days",
        "check_days",
    }


def test_only_customers_and_end_users_can_be_key_customers(house: Any) -> None:
    assert "is_key_customer" in errors_of(
        InterestedParty(name="Factory inspectorate", kind="regulator", is_key_customer=True)
    )


def test_a_decision_date_without_decision_is_refused(house: Any) -> None:
    assert "addressed" in errors_of(InterestedParty(name="Harbour Water", addressed_on=house.today))


def test_a_check_is_held_against_the_requirements_criterion_unless_it_names_another(
    house: Any, make_requirement: Callable[..., Requirement]
) -> None:
    row = cleaned(
        ConformityCheck(
            requirement=make_requirement(criterion="No leak."), checked_on=house.today, method="Test", result="met"
        )
    )
    assert row.criterion == "No leak."


def test_a_check_keeps_its_criterion_when_the_requirements_changes(
    make_requirement: Callable[..., Requirement], make_check: Any
) -> None:
    requirement = make_requirement(criterion="No leak.")
    check = cleaned(make_check(requirement))
    check.save()
    requirement.criterion = "No drop in an hour."
    requirement.save()
    assert ConformityCheck.objects.get(pk=check.pk).criterion == "No leak."


def test_a_check_in_the_future_is_refused(house: Any, make_requirement: Callable[..., Requirement]) -> None:
    row = ConformityCheck(
        requirement=make_requirement(), checked_on=house.today + timedelta(days=1), method="Test", result="met"
    )
    assert "checked_on" in errors_of(row)


def test_a_detected_change_needs_a_day_for_its_assessment(
    house: Any, make_requirement: Callable[..., Requirement]
) -> None:
    assert "impact_due_on" in errors_of(WatchEntry(requirement=make_requirement(), looked_on=house.today, changed=True))


def test_an_assessment_is_not_closed_without_impact(house: Any, make_requirement: Callable[..., Requirement]) -> None:
    row = WatchEntry(
        requirement=make_requirement(),
        looked_on=house.today,
        changed=True,
        impact_due_on=house.today,
        impact_closed_on=house.today,
    )
    assert "impact" in errors_of(row)


def test_the_database_refuses_a_closed_assessment_of_no_change(
    house: Any, make_requirement: Callable[..., Requirement]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        WatchEntry(requirement=make_requirement(), looked_on=house.today, impact_closed_on=house.today).save()


@given(st.text())
def test_tidying_twice_changes_nothing_more(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)


@given(st.text(), st.integers(min_value=10, max_value=200))
def test_first_words_are_one_line_within_the_limit(text: str, limit: int) -> None:
    words = first_words(text, limit)
    assert len(words) <= limit
    assert words == " ".join(words.split())
