"""Each assertion about requirements: met, attention, gap and no evidence, from real rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from clauses.assertion import Period, Result, assertions
from clauses.evaluation import ask
from organizations.models import Membership, Targets
from registers.services import archive
from requirements_registry.models import Requirement
from requirements_registry.services import acknowledge

Make = Callable[..., Requirement]
CODES = ["a1", "a2", "a3", "a4", "a8", "a9", "a12", "a13", "a14"]


def failing(house: Any, code: str) -> list[Any]:
    return list(assertions[code].failing(ask(Period(house.ago(90), house.today))))


@pytest.mark.parametrize("code", CODES)
def test_where_nothing_is_recorded_there_is_no_evidence(outcome: Any, code: str) -> None:
    assert outcome(code).result == Result.NO_EVIDENCE


@pytest.mark.parametrize("code", CODES)
def test_an_archived_row_is_no_evidence(
    make_requirement: Make, make_check: Any, house: Any, party: Any, outcome: Any, code: str
) -> None:
    row = make_requirement(kind="statutory", criticality="critical")
    for record in (make_check(row), row, party):
        archive(record, by=house.quality, reason="Entered twice")
    assert outcome(code).result == Result.NO_EVIDENCE


@pytest.mark.parametrize("code", ["a1", "a2", "a4", "a8", "a9", "a12", "a14"])
def test_drafts_count_for_nothing(make_requirement: Make, make_check: Any, outcome: Any, code: str) -> None:
    make_check(make_requirement(status="draft", kind="statutory", criticality="critical"))
    assert outcome(code).result == Result.NO_EVIDENCE


# --- a1 -----------------------------------------------------------------------------------------------------------------


def test_a1_is_met_by_whole_requirements(make_requirement: Make, outcome: Any) -> None:
    make_requirement()
    assert (outcome("a1").result, outcome("a1").value) == (Result.MET, "1/1")


@pytest.mark.parametrize(
    "missing", [{"source": ""}, {"kind": ""}, {"owner": None}, {"effective_on": None}, {"interested_party": None}]
)
def test_a1_names_what_lacks_anything(
    make_requirement: Make, house: Any, outcome: Any, missing: dict[str, Any]
) -> None:
    make_requirement()
    row = make_requirement(**missing)
    assert failing(house, "a1") == [row]
    assert (outcome("a1").result, outcome("a1").value, outcome("a1").detail) == (Result.GAP, "1/2", "1 incomplete")


def test_a1_finds_owners_who_are_members_no_more(make_requirement: Make, house: Any, outcome: Any) -> None:
    row = make_requirement()
    membership = Membership.objects.get(user=house.owner)
    membership.valid_until = house.ago(1)
    membership.save()
    assert failing(house, "a1") == [row]


# --- a2 -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reviewed", "own", "result"),
    [
        (30, None, Result.MET),
        (365 - 15, None, Result.MET),
        (365 - 14, None, Result.ATTENTION),
        (365, None, Result.ATTENTION),
        (366, None, Result.GAP),
        (None, None, Result.GAP),
        (366, 500, Result.MET),
        (40, 30, Result.GAP),
        (30, 30, Result.ATTENTION),
    ],
)  # fmt: skip
def test_a2_holds_each_review_against_its_interval(
    make_requirement: Make, house: Any, outcome: Any, reviewed: int | None, own: int | None, result: Result
) -> None:
    make_requirement(last_reviewed_on=None if reviewed is None else house.ago(reviewed), review_days=own)
    assert outcome("a2").result == result


def test_a2_judges_a_past_period_from_its_last_day(make_requirement: Make, house: Any) -> None:
    make_requirement(last_reviewed_on=house.ago(400))
    assert not assertions["a2"].failing(ask(Period(house.ago(190), house.ago(100)))).exists()


# --- a3 -----------------------------------------------------------------------------------------------------------------


def test_a3_is_met_by_a_reviewed_party_with_a_decision(party: Any, outcome: Any) -> None:
    assert outcome("a3").result == Result.MET


@pytest.mark.parametrize("change", [{"addressed": ""}, {"addressed_on": None}, {"last_reviewed_on": None}])
def test_a3_finds_the_undecided_and_the_unreviewed(
    party: Any, house: Any, outcome: Any, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(party, name, value)
    party.save()
    assert failing(house, "a3") == [party]
    assert outcome("a3").result == Result.GAP


def test_a3_leaves_irrelevant_parties_out(party: Any, outcome: Any) -> None:
    party.relevant, party.addressed = False, ""
    party.save()
    assert outcome("a3").result == Result.NO_EVIDENCE


def test_a3_warns_before_a_review_falls_due(party: Any, house: Any, outcome: Any) -> None:
    party.last_reviewed_on = house.ago(360)
    party.save()
    assert outcome("a3").result == Result.ATTENTION


# --- a4 -----------------------------------------------------------------------------------------------------------------


def decided(house: Any, **fields: Any) -> dict[str, Any]:
    return {
        "kind": "statutory",
        "jurisdiction": "EU",
        "applicable": "yes",
        "decided_by": house.quality,
        "decided_on": house.ago(9),
        "justification": "We sell there.",
    } | fields


def test_a4_is_met_by_a_whole_decision(make_requirement: Make, house: Any, outcome: Any) -> None:
    make_requirement(**decided(house))
    assert outcome("a4").result == Result.MET


@pytest.mark.parametrize(
    "missing", [{"jurisdiction": ""}, {"applicable": "undecided"}, {"decided_by": None}, {"justification": ""}]
)
def test_a4_finds_what_is_undecided(make_requirement: Make, house: Any, outcome: Any, missing: dict[str, Any]) -> None:
    row = make_requirement(**decided(house, **missing))
    assert failing(house, "a4") == [row]
    assert outcome("a4").result == Result.GAP


def test_a4_asks_nothing_of_customers(make_requirement: Make, outcome: Any) -> None:
    make_requirement(kind="customer")
    assert outcome("a4").result == Result.NO_EVIDENCE


def test_a4_looks_at_what_was_set_aside_too(make_requirement: Make, house: Any, outcome: Any) -> None:
    row = make_requirement(**decided(house, status="not_applicable", applicable="no", jurisdiction=""))
    assert failing(house, "a4") == [row]


# --- a8, a9 -------------------------------------------------------------------------------------------------------------


def test_a8_is_met_when_the_owner_acknowledged(make_requirement: Make, house: Any, outcome: Any) -> None:
    acknowledge(make_requirement(), by=house.owner, words="No leak.")
    assert outcome("a8").result == Result.MET


def test_a8_is_not_met_by_somebody_elses_words(make_requirement: Make, house: Any, outcome: Any) -> None:
    row = make_requirement()
    acknowledge(row, by=house.colleague, words="No leak.")
    assert failing(house, "a8") == [row]
    assert (outcome("a8").result, outcome("a8").detail) == (Result.GAP, "1 not acknowledged")


@pytest.mark.parametrize(("days", "result"), [(0, Result.ATTENTION), (14, Result.ATTENTION), (15, Result.GAP)])
def test_a8_leaves_the_owner_the_days_the_organization_set(
    make_requirement: Make, house: Any, outcome: Any, days: int, result: Result
) -> None:
    make_requirement(acknowledge_from=house.ago(days))
    assert outcome("a8").result == result


def test_a8_asks_again_after_a_change(make_requirement: Make, house: Any, outcome: Any) -> None:
    row = make_requirement()
    acknowledge(row, by=house.owner, words="No leak.")
    row.statement = "Twice the pressure."
    row.save()
    assert outcome("a8").result == Result.ATTENTION


def test_a8_leaves_requirements_without_owner_to_a1(make_requirement: Make, outcome: Any) -> None:
    make_requirement(owner=None)
    assert outcome("a8").result == Result.NO_EVIDENCE


def test_a9_is_met_when_top_management_acknowledged(make_requirement: Make, house: Any, outcome: Any) -> None:
    acknowledge(make_requirement(criticality="critical"), by=house.director, words="No leak.")
    assert outcome("a9").result == Result.MET


def test_a9_is_not_met_by_its_owner(make_requirement: Make, house: Any, outcome: Any) -> None:
    row = make_requirement(criticality="critical")
    acknowledge(row, by=house.owner, words="No leak.")
    assert failing(house, "a9") == [row]


def test_a9_counts_only_who_still_is_top_management(make_requirement: Make, house: Any, outcome: Any) -> None:
    acknowledge(make_requirement(criticality="critical"), by=house.director, words="No leak.")
    membership = Membership.objects.get(user=house.director)
    membership.valid_until = house.ago(1)
    membership.save()
    assert outcome("a9").result == Result.GAP


def test_a9_asks_for_critical_requirements_only(make_requirement: Make, outcome: Any) -> None:
    make_requirement(criticality="high")
    assert outcome("a9").result == Result.NO_EVIDENCE


# --- a12 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checked", "own", "result"),
    [
        (10, None, Result.MET),
        (180, None, Result.ATTENTION),
        (181, None, Result.GAP),
        (181, 365, Result.MET),
        (10, 5, Result.GAP),
    ],
)
def test_a12_holds_the_last_check_against_the_interval(
    make_requirement: Make, make_check: Any, outcome: Any, checked: int, own: int | None, result: Result
) -> None:
    row = make_requirement(check_days=own)
    make_check(row, days_ago=checked)
    make_check(row, days_ago=checked + 100)
    assert outcome("a12").result == result


def test_a12_finds_what_was_never_checked(make_requirement: Make, house: Any, outcome: Any) -> None:
    row = make_requirement()
    assert failing(house, "a12") == [row]


def test_a12_counts_no_archived_check(make_requirement: Make, make_check: Any, house: Any, outcome: Any) -> None:
    row = make_requirement()
    archive(make_check(row), by=house.quality, reason="Wrong pump")
    assert failing(house, "a12") == [row]


# --- a13 ----------------------------------------------------------------------------------------------------------------


def checks(make_check: Any, row: Requirement, met: int, failed: int) -> None:
    for _ in range(met):
        make_check(row)
    for n in range(failed):
        make_check(row, "partly" if n % 2 else "not_met")


def test_a13_is_met_on_target_and_shows_its_interval(make_requirement: Make, make_check: Any, outcome: Any) -> None:
    checks(make_check, make_requirement(), 38, 2)
    found = outcome("a13")
    assert (found.result, found.numerator, found.denominator, found.value) == (Result.MET, 38, 40, "95.0 %")
    assert (found.threshold, found.detail) == ("at least 95 %", "95 % interval 83.5 to 98.6 %, n = 40")


def test_a13_is_a_gap_below_target(make_requirement: Make, make_check: Any, outcome: Any) -> None:
    checks(make_check, make_requirement(), 37, 3)
    assert (outcome("a13").result, outcome("a13").exceptions) == (Result.GAP, 3)


def test_a13_says_nothing_of_a_handful_of_checks(make_requirement: Make, make_check: Any, outcome: Any) -> None:
    checks(make_check, make_requirement(), 5, 1)
    assert outcome("a13").result == Result.ATTENTION
    assert outcome("a13").detail.startswith("too few checks to say")


def test_a13_calls_a_handful_a_gap_when_even_the_interval_lies_below(
    make_requirement: Make, make_check: Any, outcome: Any
) -> None:
    checks(make_check, make_requirement(), 1, 8)
    assert outcome("a13").result == Result.GAP


def test_a13_looks_at_twelve_months(make_requirement: Make, make_check: Any, outcome: Any) -> None:
    row = make_requirement()
    make_check(row, "not_met", days_ago=367)
    make_check(row, days_ago=364)
    assert (outcome("a13").numerator, outcome("a13").denominator) == (1, 1)


def test_a13_takes_the_target_in_force(make_requirement: Make, make_check: Any, house: Any, outcome: Any) -> None:
    checks(make_check, make_requirement(), 37, 3)
    targets = Targets.objects.get()
    targets.conformity_target = 90
    targets.save()
    assert (outcome("a13").result, outcome("a13").threshold) == (Result.MET, "at least 90 %")


# --- a14 ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("results", "result"),
    [
        (["met"], Result.NO_EVIDENCE),
        (["not_met"], Result.NO_EVIDENCE),
        (["not_met", "met"], Result.MET),
        (["met", "not_met", "not_met"], Result.GAP),
        (["not_met", "not_met", "met"], Result.MET),
        (["not_met", "met", "not_met"], Result.MET),
        (["partly", "not_met"], Result.MET),
    ],
)
def test_a14_looks_at_the_last_two_checks(
    make_requirement: Make, make_check: Any, outcome: Any, results: list[str], result: Result
) -> None:
    row = make_requirement()
    for n, each in enumerate(results):
        make_check(row, each, days_ago=50 - n)
    assert outcome("a14").result == result


def test_a14_takes_two_checks_of_one_day_in_their_order(make_requirement: Make, make_check: Any, house: Any) -> None:
    row = make_requirement()
    for each in ("met", "not_met", "not_met"):
        make_check(row, each, days_ago=5)
    assert failing(house, "a14") == [row]


def test_a14_judges_a_past_day_by_what_was_known_then(make_requirement: Make, make_check: Any, house: Any) -> None:
    row = make_requirement()
    make_check(row, "not_met", days_ago=50)
    make_check(row, "not_met", days_ago=10)
    assert not assertions["a14"].failing(ask(Period(house.ago(190), house.ago(20)))).exists()


def test_the_number_of_queries_does_not_grow_with_the_rows(
    make_requirement: Make, make_check: Any, house: Any, outcome: Any, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_check(make_requirement())
    with CaptureQueriesContext(connection) as few:
        outcome("a1")
    for n in range(8):
        make_check(make_requirement(last_reviewed_on=house.today - timedelta(days=n)))
    with django_assert_num_queries(len(few)):
        outcome("a1")
