"""The overview's first line: which gap comes first, and what it says of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from clauses import periods
from clauses.assertion import Result, assertions
from clauses.evaluation import Outcome, ask, evaluate
from clauses.headline import NAMED, grade, headline, weigh
from organizations.models import Organization, Targets
from requirements_registry.models import Requirement
from risks.models import Risk, RiskAssessment
from tests.people import People
from tests.support.factories import make

GAP, NONE, SOON, MET = Result.GAP, Result.NO_EVIDENCE, Result.ATTENTION, Result.MET


def outcome(code: str, result: Result, exceptions: int = 0, total: int = 100) -> Outcome:
    good = total - exceptions
    return Outcome(code, result, good, total, f"{good}/{total}", "", "every row", exceptions)


#: Situations: statements with result, exceptions, rows looked at, critical ones among the exceptions; the codes in order.
SITUATIONS: list[tuple[str, list[tuple[str, Result, int, int, int]], str]] = [
    (
        "an untreated risk above appetite before a late review",
        [("a2", GAP, 90, 100, 0), ("b8", GAP, 1, 100, 0)],
        "b8 a2",
    ),
    ("also where the late ones are critical", [("a2", GAP, 90, 100, 9), ("b8", GAP, 1, 100, 0)], "b8 a2"),
    ("critical before many", [("a1", GAP, 1, 100, 1), ("a2", GAP, 90, 100, 0)], "a1 a2"),
    ("critical before many, also before a duty left undone", [("a1", GAP, 1, 100, 1), ("b9", GAP, 50, 50, 0)], "a1 b9"),
    ("a duty left undone before what isn't kept", [("a2", GAP, 90, 100, 0), ("a12", GAP, 2, 100, 0)], "a12 a2"),
    ("the larger share of two alike", [("a1", GAP, 10, 100, 0), ("a2", GAP, 20, 100, 0)], "a2 a1"),
    ("the larger number of two equal shares", [("a1", GAP, 1, 10, 0), ("a2", GAP, 10, 100, 0)], "a2 a1"),
    ("any gap before nothing recorded", [("b8", NONE, 0, 0, 0), ("a2", GAP, 1, 100, 0)], "a2 b8"),
    ("nothing recorded before what falls due soon", [("a2", SOON, 0, 100, 0), ("c1", NONE, 0, 0, 0)], "c1 a2"),
    ("harm first among what falls due soon", [("a2", SOON, 0, 100, 0), ("b8", SOON, 0, 9, 0)], "b8 a2"),
    ("what is met comes last", [("b8", MET, 0, 9, 0), ("a2", SOON, 0, 100, 0)], "a2 b8"),
    ("equal weights as the clause names them", [("a1", GAP, 5, 100, 0), ("a2", GAP, 5, 100, 0)], "a1 a2"),
]


@pytest.mark.parametrize(("found", "order"), [each[1:] for each in SITUATIONS], ids=[each[0] for each in SITUATIONS])
def test_what_weighs_more_comes_first(found: list[tuple[str, Result, int, int, int]], order: str) -> None:
    weights = {code: weigh(outcome(code, result, n, total), critical) for code, result, n, total, critical in found}
    assert " ".join(sorted(weights, key=lambda code: weights[code].key)) == order


@pytest.mark.parametrize(
    ("exceptions", "total", "word"),
    [
        (1, 2, "isolated"),
        (2, 100, "isolated"),
        (3, 100, "some"),
        (10, 100, "some"),
        (11, 100, "systematic"),
        (2, 4, "systematic"),
    ],
)
def test_how_far_a_gap_reaches(exceptions: int, total: int, word: str) -> None:
    assert grade(outcome("a1", GAP, exceptions, total), Targets()) == f"{word}, {exceptions} of {total}"


def test_the_limits_are_the_organizations_own() -> None:
    strict = Targets(isolated_below=Decimal("0.5"), some_up_to=Decimal(2))
    found = [grade(outcome("a1", GAP, count, 1000), strict).partition(",")[0] for count in (1, 4, 5, 20, 21)]
    assert found == ["isolated", "isolated", "some", "some", "systematic"]


@pytest.mark.django_db
def test_the_first_line_goes_by_the_limits_of_the_day(in_acme: Organization, people: People) -> None:
    for number in range(1, 3):
        risk(number, f"Seal {number} leaks", 5)
    assert line(in_acme).why[0] == "systematic, 2 of 2"
    Targets.objects.create(effective_from=in_acme.today(), isolated_below=50, some_up_to=100)
    assert line(in_acme).why[0] == "some, 2 of 2"
    with pytest.raises(ValidationError, match="can’t reach further"):
        Targets(
            organization=in_acme, effective_from=in_acme.today() + timedelta(days=1), isolated_below=11
        ).full_clean()


@pytest.mark.parametrize("assertion", [pytest.param(each, id=each.code) for each in assertions if each.says])
def test_what_is_said_begins_with_the_number(assertion: Any) -> None:
    one, two, many = (assertion.says(count) for count in (1, 2, 1200))
    assert (one.split()[0], two.split()[0], many.split()[0]) == ("One", "Two", "1,200")
    assert not re.search(r"\d|%|\.$", one + two)


def line(organization: Organization) -> Any:
    question = ask(periods.quarter_of(organization.today()))
    return headline(evaluate(question), question)


def risk(number: int, event: str, level: int) -> Risk:
    found: Risk = make(Risk, number, event=event)
    make(RiskAssessment, number, risk=found, likelihood=level, consequence=level)
    return found


@pytest.mark.django_db
def test_untreated_risks_are_named_the_gravest_first(in_acme: Organization, people: People) -> None:
    for number in range(1, 6):
        make(Requirement, number, status="active", last_reviewed_on=None)
    first = risk(1, "Shaft seals leak within warranty", 4)
    second = risk(2, "The seal supplier stops in spring", 5)
    said = line(in_acme)
    assert said.text == "Two risks stand above what is accepted, and nobody treats them."
    assert [(row.title, row.reference) for row in said.rows] == [
        ("The seal supplier stops in spring", second.reference),
        ("Shaft seals leak within warranty", first.reference),
    ]
    assert (said.more, said.why) == (0, ("systematic, 2 of 2", "not decided by top management"))
    third = risk(3, "Castings are porous", 5)
    said = line(in_acme)
    assert (said.text[:5], said.more) == ("Three", 3 - NAMED)
    assert [row.reference for row in said.rows] == [second.reference, third.reference]


@pytest.mark.django_db
def test_a_critical_row_is_named_first_and_said(in_acme: Organization, people: People) -> None:
    day = in_acme.today() - timedelta(days=1000)
    make(Requirement, 1, status="active", last_reviewed_on=day, criticality="low")
    critical = make(Requirement, 2, status="active", last_reviewed_on=day, criticality="critical")
    said = line(in_acme)
    assert said.rows[0].reference == critical.reference
    assert said.why[0] == "critical"


@pytest.mark.django_db
def test_equal_weights_come_in_the_same_order_however_they_are_found(in_acme: Organization, people: People) -> None:
    for number in range(1, 5):
        make(Requirement, number, status="active", source="", last_reviewed_on=None)
    question = ask(periods.quarter_of(in_acme.today()))
    evaluation = evaluate(question)
    said = {headline(evaluation, question).text for _ in range(3)}
    assert len(said) == 1
    outcomes = [each for each in evaluation.outcomes if each.result == GAP]
    keys = [weigh(each).key for each in outcomes]
    Random(1).shuffle(outcomes)
    assert sorted(keys) == sorted(weigh(each).key for each in outcomes)


@pytest.mark.django_db
def test_the_page_says_it_with_links(in_acme: Organization, people: People, client_of: Callable[..., Client]) -> None:
    found = risk(1, "<b>Bold</b> risk", 5)
    page = client_of(people.top_management).get("/o/acme/").content.decode()
    assert "One risk stands above what is accepted, and nobody treats it." in page
    assert f'&lt;b&gt;Bold&lt;/b&gt; risk (<a href="/o/acme/risks/{found.reference}/">{found.reference}</a>).' in page


@pytest.mark.django_db
def test_where_nothing_is_recorded_it_says_so(in_acme: Organization, people: People) -> None:
    said = line(in_acme)
    assert said.tone in ("none", "gap")
    assert said.text
