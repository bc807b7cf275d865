"""Whatever is an exception has a reason in words, and nothing else has one: of every statement, whatever rows there are."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from clauses import periods, reasons
from clauses.assertion import Assertion, Period, Question, assertions
from clauses.evaluation import ask
from customerfocus.demonstration.build import build as build_demonstration
from organizations import clock
from organizations.auditor_scope import AuditScope, limited_to
from organizations.members import members
from organizations.models import Organization, Site, User
from organizations.scope import in_organization
from registers.models import Record
from registers.register import registry
from reviews.assertions import LIST
from tests.people import People
from tests.support.factories import build, make, make_child
from tests.support.moments import passes, standing_clock
from trail.time_travel.travel import time_travel

pytestmark = pytest.mark.django_db

DECLARED = [pytest.param(each, id=each.code) for each in assertions]
REASONS = [(each, reason) for each in assertions for reason in each.reasons]
ROWS = 150
#: Reasons for which several rows have to fit together; the tests of their apps have them.
RARE = {
    ("a4", "decided-later"),
    ("a8", "owner-not-acknowledged"),
    ("a9", "not-acknowledged-by-top-management"),
    ("a12", "check-late"),
    ("b3", "assessment-late"),
    ("b3", "other-scale"),
    ("b4", "decision-lapsed"),
    ("b6", "review-late"),
    ("b8", "acceptance-over"),
    ("b12", "never-assessed"),
    ("b13", "nothing-realised"),
    ("b15", "assessed-before-measures-only"),
    ("b15", "assessment-late"),
    ("b15", "other-scale"),
    ("c1", "no-method"),
    ("c13", "not-told"),
}


@pytest.fixture(scope="module")
def demonstration(kept_db: None) -> Iterator[Organization]:
    with standing_clock(datetime(2026, 2, 16, 9, tzinfo=UTC)) as hand:
        build_demonstration(24, 1)
        passes(hand, hours=1)
        yield Organization.objects.order_by("pk")[0]


@pytest.fixture
def demo(demonstration: Organization) -> Iterator[Organization]:
    with in_organization(demonstration) as organization:
        yield organization


def holds(assertion: Assertion, question: Question) -> Counter[str]:
    """See that a statement's exceptions are the rows with a reason; return how often each reason holds."""
    model = assertion.rows(question).model
    failing = set(assertion.failing(question).values_list("pk", flat=True))
    explained = list(assertion.explained(question, model.objects.all()))
    said = {row.pk: reasons.in_words(assertion.reasons, row, question.day) for row in explained}
    assert {key for key, words in said.items() if words} == failing
    return Counter(reason.name for row in explained for reason in reasons.reasons_of(assertion.reasons, row))


def some(field: Any, chance: random.Random, today: date) -> Any:
    """Any value that a field may hold, now and then none."""
    if (field.null or field.blank) and chance.random() < 0.35:
        return None if field.null else field.get_default() if isinstance(field, models.JSONField) else ""
    if field.choices:
        return chance.choice([code for code, _words in field.flatchoices])
    if isinstance(field, models.BooleanField):
        return chance.random() < 0.5
    if isinstance(field, models.DateField):
        day = today + timedelta(days=chance.choice((-800, -400, -100, -30, -1, 0, 1, 5, 100)))
        return datetime.combine(day, time(9), UTC) if isinstance(field, models.DateTimeField) else day
    if isinstance(field, models.ForeignKey) and field.related_model is User:
        return chance.choice(list(members()))
    if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Record):
        return chance.choice(list(field.related_model.objects.all()[:20]) or [None])
    return None


def anything(model: type[Record], number: int, chance: random.Random) -> None:
    """Save a row with values by chance, if it may be so, and what belongs to it."""
    today = clock.now().date()
    row = build(model, number)
    for field in model._meta.concrete_fields:
        if field.editable and not field.primary_key and field.name not in ("external_id", "tags", "site", "origin"):
            value = some(field, chance, today)
            if value is not None or field.null:
                setattr(row, field.name, value)
    with suppress(ValidationError, DatabaseError), transaction.atomic():
        row.save()
        for child in model.register.children:
            if chance.random() < 0.5 and child.form:
                with suppress(ValidationError), transaction.atomic():
                    make_child(child, row, number)


@pytest.mark.parametrize("assertion", DECLARED)
def test_in_the_demonstration_exceptions_are_the_rows_with_a_reason(demo: Organization, assertion: Assertion) -> None:
    for period in periods.quarters(clock.now().date())[:3]:
        holds(assertion, ask(period))
    with time_travel(clock.now() - timedelta(minutes=30)):
        holds(assertion, ask(period))
    with limited_to(AuditScope(sites=(Site.objects.order_by("pk")[0].pk,))):
        holds(assertion, ask(period))


def all_hold(period: Period) -> set[tuple[str, str]]:
    """See the same of every statement; return the reasons that hold for some row."""
    return {(assertion.code, name) for assertion in assertions for name in holds(assertion, ask(period))}


def test_of_rows_of_any_kind_exceptions_are_those_with_a_reason(
    demonstration: Organization, in_acme: Organization, people: People
) -> None:
    chance = random.Random(13)
    for register in registry:
        for number in range(1, ROWS):
            anything(register.model, number, chance)
    found = all_hold(periods.quarter_of(in_acme.today()))
    with in_organization(demonstration):
        found |= all_hold(periods.quarter_of(clock.now().date()))
    assert {(assertion.code, reason.name) for assertion, reason in REASONS} - found <= RARE


@pytest.mark.parametrize("assertion", DECLARED)
def test_reasons_cost_no_query_of_their_own(demo: Organization, assertion: Assertion) -> None:
    question = ask(periods.quarter_of(clock.now().date()))
    rows = assertion.explained(question, assertion.failing(question))
    with CaptureQueriesContext(connection) as captured:
        for row in rows:
            reasons.in_words(assertion.reasons, row, question.day)
    assert len(captured) == 1


@pytest.mark.parametrize(("assertion", "reason"), REASONS, ids=[f"{a.code}-{r.name}" for a, r in REASONS])
def test_a_reason_speaks_of_what_there_is(in_acme: Organization, assertion: Assertion, reason: reasons.Reason) -> None:
    assert str(reason.text) and not str(reason.text).endswith(".")
    assert [each.name for each in assertion.reasons].count(reason.name) == 1
    if assertion.register != LIST:
        assert reason.columns and set(reason.columns) <= registry[assertion.register].bound.keys()
    for step in reason.steps:
        row = build(registry[assertion.register].model, 1, reference="NONE-0001")
        resolve(step.url(row).partition("?")[0])


def test_how_late_it_is_stands_in_the_words(in_acme: Organization) -> None:
    today = in_acme.today()
    model = registry["requirements"].model
    make(model, 1, status="active", last_reviewed_on=today - timedelta(days=112), review_days=100)
    make(model, 2, status="active", last_reviewed_on=today - timedelta(days=101), review_days=100)
    question = ask(periods.quarter_of(today))
    rows = assertions["a2"].explained(question, assertions["a2"].failing(question)).order_by("pk")
    said = [reasons.in_words(assertions["a2"].reasons, row, question.day) for row in rows]
    assert [each.partition(", due")[0] for each in said] == [
        "Its last review is too long ago: 12 days late",
        "Its last review is too long ago: 1 day late",
    ]
