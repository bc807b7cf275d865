"""What is dated after the judged day doesn't count; what was recorded after the period ended is counted apart.

Nothing here names a statement: rows are made of every model, and every column of every register is filled, after the day
that is judged. A new statement is covered by being one, a new register by being registered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from clauses.assertion import Period, assertions
from clauses.evaluation import Evaluation, ask, evaluate
from clauses.models import NotApplicable
from clauses.recorded_after import Standing, standings
from customerfocus.demonstration.build import build
from organizations.members import members, valid_members
from organizations.models import Membership, Organization, Targets, User
from organizations.roles import Role
from organizations.scope import in_organization
from registers.register import Register, registry
from registers.services import archive, set_links
from requirements_registry.models import Requirement
from reviews.models import SignOff, Withdrawal
from risks.models import Risk, Scale
from risks.models.scale import default_scale
from tests.support.factories import make, value_of
from tests.support.moments import commit, passes, standing_clock
from trail.models import Link, Tracked
from trail.time_travel.travel import time_travel

pytestmark = pytest.mark.django_db

REGISTERS = list(registry)
SUMMER = Period(date(2026, 7, 1), date(2026, 9, 30))
#: Tracked models that no statement reads, or whose rows are made by a way of their own, tested below.
ELSEWHERE = {
    "RequirementVersion", "SignOff", "Withdrawal", "Told", "NotApplicable", "Scale", "HeadRecipient", "CustomField", "Attachment", "Sample",
    "SampledRow", "AuditNote", "EvidenceRequest", "Reply", "GapDecision",
}  # fmt: skip
#: What a model's rows need to be whole, besides days.
WHOLE: dict[str, dict[str, Any]] = {
    "InterestedParty": {"addressed": "All of them"},
    "WatchEntry": {"changed": True, "impact": "A new limit", "impact_due_on": date(2026, 10, 9)},
    "Enhancement": {"measured_effect": "Fewer questions"},
    "Acceptance": {"expires_on": date(2026, 12, 31)},
}
MODELS = [
    model
    for model in apps.get_models()
    if issubclass(model, Tracked) and model.__name__ not in ELSEWHERE and not model._meta.abstract
]
#: Models whose rows bear no day from which they count: they count as known, and are counted apart.
UNDATED = {
    "InterestedParty",
    "ContextIssue",
    "SatisfactionMethod",
    *(m.__name__ for m in MODELS if issubclass(m, Link)),
}
#: Acts that are done again and again in the same column: of the earlier ones the history tells.
AGAIN = {"last_reviewed_on", "reviewed_on", "addressed_on", "decided_on", "escalated_on", "measured_on", "shared_on"}
#: Dates that say when something is to be or from when it holds, not when it was done: changed, they count as known.
NO_ACTS = {"due_on", "measure_due_on", "next_review_on", "impact_due_on", "effective_on", "source_issued_on"}


@pytest.fixture(scope="module")
def hand(kept_db: None) -> Iterator[time_machine.Traveller]:
    """The clock of all these tests."""
    with standing_clock(datetime(2026, 9, 24, 8, tzinfo=UTC)) as hand:
        yield hand


@pytest.fixture(scope="module")
def autumn(hand: time_machine.Traveller) -> tuple[Organization, dict[str, Standing], Evaluation]:
    """The demonstration in the middle of October, and how its rows stood and what they came to as September ended."""
    organization = build(16, 1)
    hand.move_to(datetime(2026, 9, 30, 22, tzinfo=UTC))  # midnight in Berlin
    with in_organization(organization):
        question = ask(SUMMER)
        before = standings(question, list(assertions)), evaluate(question)
    commit()
    hand.move_to(datetime(2026, 10, 20, 9, tzinfo=UTC))
    return organization, *before


@pytest.fixture(autouse=True)
def inside(autumn: tuple[Organization, Any, Any]) -> Iterator[None]:
    with in_organization(autumn[0]):
        yield


@pytest.fixture
def changed(autumn: tuple[Any, dict[str, Standing], Evaluation]) -> Any:
    """Tell which statements came to something else since, after seeing that this is counted as recorded later."""
    before = autumn[2]

    def look() -> set[str]:
        after = evaluate(ask(SUMMER))
        for old, new in zip(before.outcomes, after.outcomes, strict=True):
            same = replace(new, recorded_after=old.recorded_after, detail=old.detail) == old
            assert same or new.recorded_after.count, f"{new} came after {old}, and it isn't said why"
        found = {each.code for each in after.outcomes if each.recorded_after.count}
        assert bool(found) is bool(after.recorded_after.count)
        return found

    return look


def october(model: type[models.Model], name: str = "") -> dict[str, Any]:
    """Values for all columns of days and moments: days of October, one after the other."""
    columns = [f for f in model._meta.concrete_fields if isinstance(f, models.DateField) and f.editable]
    found: dict[str, Any] = {}
    for number, column in enumerate(columns):
        moment = datetime(2026, 10, 5 + number, 9, tzinfo=UTC)
        found[column.name] = moment if isinstance(column, models.DateTimeField) else moment.date()
    return {name: found[name]} if name else found


def test_nothing_changed_means_that_nothing_was_recorded_later(autumn: Any, changed: Any) -> None:
    assert changed() == set()
    assert standings(ask(SUMMER), list(assertions)) == autumn[1]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_rows_of_october_leave_september_as_it_was(model: Any, changed: Any) -> None:
    targets = [
        f
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey) and hasattr(f.related_model, "register")
    ]
    status_field = next((f for f in model._meta.concrete_fields if f.name == "status" and f.editable), None)
    statuses = [code for code, _label in status_field.flatchoices] if status_field else [None]
    made = 0
    for status in statuses:
        for row in targets[0].related_model.objects.all() if targets else [None]:
            values = october(model) | WHOLE.get(model.__name__, {}) | ({targets[0].name: row} if row else {})
            values |= ({"status": status} if status else {}) | director_for(model)
            with suppress(ValidationError, IntegrityError), transaction.atomic():
                make(model, 500 + made, **values)
                made += 1
    assert made
    assert changed() == set() or model.__name__ in UNDATED


def director_for(model: type[models.Model]) -> dict[str, Any]:
    """A director wherever people are named, since only they accept."""
    director = valid_members(date(2026, 9, 30), Role.TOP_MANAGEMENT).get()
    people = [
        f.name for f in model._meta.concrete_fields if isinstance(f, models.ForeignKey) and f.related_model is User
    ]
    return dict.fromkeys((name for name in people if not name.startswith("archived")), director)


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.slug)
def test_what_is_archived_in_october_counted_in_september(register: Register, changed: Any) -> None:
    for row in register.model.objects.filter(archived_at=None):
        archive(row, by=members().first(), reason="No longer made")
    assert changed() == set()


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.slug)
def test_what_was_written_and_put_away_in_october_never_counted(register: Register, changed: Any) -> None:
    values = {"status": "active"} if register.model is Requirement else {}
    archive(make(register.model, 700, **values), by=members().first(), reason="Taken back")
    assert changed() == set()


@pytest.mark.parametrize("register", REGISTERS, ids=lambda register: register.slug)
def test_columns_filled_in_october(register: Register, changed: Any) -> None:
    """An act of October leaves September as it was; what bears no day counts, and is counted apart."""
    model: Any = register.model
    for column in [f for f in model._meta.concrete_fields if f.editable and not f.primary_key]:
        is_act = isinstance(column, models.DateField) and column.null and column.name not in NO_ACTS
        with transaction.atomic():
            fill(column, model.objects.filter(**{column.name: None}) if is_act else some(model.objects.all()))
            assert changed() == set() or not is_act, f"{column.name} filled with a day of October"
            if is_act:
                fill(column, some(model.objects.all()))
                assert changed() == set() or column.name not in AGAIN, f"{column.name} of October in place of another"
            transaction.set_rollback(True)


def some(rows: models.QuerySet) -> list[Any]:
    """A few of many rows, those of every kind that the demonstration has."""
    found = list(rows.order_by("pk"))
    return found[:: max(1, len(found) // 16)]


def fill(column: Any, rows: Iterable[Any]) -> None:
    for number, row in enumerate(rows):
        setattr(row, column.name, other_value(row, column, number))
        with suppress(ValidationError, IntegrityError), transaction.atomic():
            row.save()


def other_value(row: Any, column: Any, number: int) -> Any:
    """Another value than a row has in a column: a day of October, another person, another choice."""
    held = getattr(row, column.attname)
    if isinstance(column, models.DateField):
        return october(type(row), column.name)[column.name]
    if isinstance(column, models.ForeignKey):
        others = column.related_model.objects.exclude(pk=held) if held else column.related_model.objects.all()
        return (
            members().exclude(pk=held)
            if column.name not in ("site",) and column.related_model.__name__ == "User"
            else others
        ).first()
    if column.flatchoices:
        codes = [code for code, _label in column.flatchoices if code not in (held, "")]
        return codes[number % len(codes)]
    if isinstance(column, models.BooleanField):
        return not held
    return value_of(column, number)


@pytest.mark.parametrize(
    "register", [r for r in REGISTERS if r.model._meta.many_to_many], ids=lambda register: register.slug
)
def test_links_of_october_count_as_known(register: Register, changed: Any) -> None:
    for row in register.model.objects.all():
        for field in register.model._meta.many_to_many:
            set_links(row, field.name, [] if row.pk % 2 else field.related_model.objects.all()[:2])
    # A link bears no day: what comes of it is said to have been recorded later, and only of statements that look at links.
    assert changed() <= {"a3", "b2", "b4", "b14"}


def test_versions_of_october_are_to_be_acknowledged_from_then_on(changed: Any) -> None:
    for requirement in Requirement.objects.all():
        requirement.statement += " From October on, twice a day."
        requirement.save()
    assert changed() == set()


def test_who_belongs_to_the_organization_counts_as_of_the_day(changed: Any) -> None:
    for membership in Membership.objects.filter(organization=Organization.objects.get(slug="demo")):
        membership.valid_until = date(2026, 10, 6)
        membership.save()
    assert changed() == set()


def test_targets_scale_and_appetite_count_as_of_the_day(changed: Any) -> None:
    Targets.objects.create(
        effective_from=date(2026, 10, 5), review_days=1, check_days=1, assessment_days=1, acknowledgement_days=0,
        conformity_target=100, satisfaction_target=100, signers_required=3,
    )  # fmt: skip
    scale = default_scale(date(2026, 10, 5))
    scale.appetite, scale.likelihood_levels = 1, ["Never", "Perhaps", "Surely"]
    scale.bands, scale.opportunity_bands = scale.bands[:2], scale.opportunity_bands[:2]
    scale.save()
    assert Scale.objects.count() == 2
    assert changed() == set()


def test_what_is_switched_off_in_october_was_judged_in_september(changed: Any) -> None:
    for assertion in assertions:
        NotApplicable.objects.create(code=assertion.code, reason="Has no subject here")
    assert changed() == set()


def test_what_is_switched_off_backwards_is_counted_apart(changed: Any) -> None:
    for assertion in assertions:
        NotApplicable.objects.create(code=assertion.code, reason="Has no subject here", since=date(2026, 9, 1))
    assert changed() == {assertion.code for assertion in assertions}


def test_signatures_of_october_are_none_of_september(changed: Any) -> None:
    signed = SignOff.objects.first()
    assert signed is not None
    assert (signed.period_from, signed.period_to) == (date(2026, 4, 1), date(2026, 6, 30))
    act = {name: getattr(signed, name) for name in ("statement", "digest", "seal_note", "seal_size", "seal_root", "signer", "printed_name", "job_title", "method")}  # fmt: skip
    SignOff.objects.create(
        **act, reference="SO-0900", period_from=signed.period_from, period_to=signed.period_to,
        signed_at=datetime(2026, 10, 5, tzinfo=UTC),
    )  # fmt: skip
    Withdrawal.objects.create(**act, sign_off=signed, reason="Too early", signed_at=datetime(2026, 10, 6, tzinfo=UTC))
    assert changed() == set()


def test_what_was_recorded_later_is_counted_with_the_days_that_it_took(autumn: Any) -> None:
    """Three requirements whose effect began in June are written down in October, twenty days after the period."""
    rows = [make(Requirement, 800 + n, status="active", effective_on=date(2026, 6, 1)) for n in range(3)]
    commit()
    found = next(each for each in evaluate(ask(SUMMER)).outcomes if each.code == "a2")
    before = next(each for each in autumn[2].outcomes if each.code == "a2")
    assert (found.recorded_after.count, found.recorded_after.of) == (3, before.denominator + len(rows))
    assert found.recorded_after.days == 20


def test_the_past_of_the_past_is_counted_alike(hand: time_machine.Traveller, changed: Any) -> None:
    """Whoever looks at a moment between sees what was recorded between the period's end and then."""
    make(Requirement, 800, status="active", effective_on=date(2026, 6, 1))
    between = passes(hand, days=1)
    make(Requirement, 801, status="active", effective_on=date(2026, 6, 1))
    passes(hand, days=1)
    with time_travel(between):
        assert evaluate(ask(SUMMER)).recorded_after.count == 1
        assert Risk.objects.exists()
        assert Requirement.objects.filter(title__endswith="0801").count() == 0
    assert evaluate(ask(SUMMER)).recorded_after.count == 2
    hand.move_to(datetime(2026, 10, 20, 9, tzinfo=UTC))


def test_an_organization_that_did_not_exist_when_a_period_ended_recorded_all_of_it_later(autumn: Any) -> None:
    found = evaluate(ask(Period(date(2026, 1, 1), date(2026, 3, 31))))
    assert found.recorded_after.count == found.recorded_after.of > 0


def test_a_running_period_knows_nothing_recorded_later() -> None:
    assert evaluate(ask(Period(date(2026, 10, 1), date(2026, 12, 31)))).recorded_after.count == 0
