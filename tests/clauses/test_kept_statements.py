"""Statements that count for assertions are kept by the process, and say whatever those that are written anew say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn
from unittest.mock import patch

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clauses import evaluation
from clauses.assertion import Assertion, Counts, Period, Question, assertions
from clauses.evaluation import Evaluation, Outcome, ask, evaluate
from clauses.periods import quarters
from clauses.recorded_after import Standing, standings, stood_by
from customerfocus.demonstration.build import build
from feedback.models import Complaint
from organizations import auditor_scope, clock
from organizations.auditor_scope import AuditScope, limited_to
from organizations.models import Organization, Site, Targets, User
from organizations.scope import in_organization, outside_of_organizations
from organizations.subqueries import KeptCounts, KeptRows
from registers.custom_fields.models import CustomField
from registers.custom_fields.services import add_field
from registers.register import registry
from registers.services import archive
from requirements_registry.models import Requirement
from reviews.models import SignOff
from risks.models import Risk, Scale
from tests.support.factories import make, make_many
from tests.support.moments import passes, standing_clock
from trail.time_travel.travel import time_travel

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def hand(kept_db: None) -> Iterator[time_machine.Traveller]:
    """The clock of all these tests; it stands in the middle of a quarter."""
    with standing_clock(datetime(2026, 2, 16, 9, tzinfo=UTC)) as hand:
        yield hand


@pytest.fixture(scope="module")
def both(hand: time_machine.Traveller) -> list[Organization]:
    """The demonstration and its neighbour, made an hour ago, with rows in every register; in the first, some are of sites."""
    build(24, 1)
    found = list(Organization.objects.order_by("pk"))
    with in_organization(found[0]):
        for number, site in enumerate(Site.objects.order_by("pk"), 2):
            for row in range(number):
                make(Requirement, 100 * number + row, status="active", site=site)
    passes(hand, hours=1)
    return found


@pytest.fixture
def demo(both: list[Organization]) -> Iterator[Organization]:
    """The test runs inside the demonstration."""
    with in_organization(both[0]) as organization:
        yield organization


def quarter(ago: int = 0) -> Period:
    return quarters(clock.now().date())[ago]


def counted_anew(assertion: Assertion, question: Question) -> Counts:
    """What Django counts by statements that it writes for the purpose."""
    return Counts(*(rows.count() for rows in assertion.counted(assertion.terms(question))))


def evaluated_anew(question: Question) -> Evaluation:
    """The evaluation without anything that was kept."""
    with patch.object(evaluation, "counts_of", counted_anew):
        found = evaluate(question)
    return replace(found, records=sum(register.rows().current().count() for register in registry))


def standings_anew(question: Question) -> dict[str, Standing]:
    """How rows stand, by statements that Django writes for the purpose."""
    found = {}
    for each in assertions:
        counted, judged = stood_by(each, each.terms(question))
        rows, failing, soon = (frozenset(key for (key,) in keys) for keys in counted)
        found[each.code] = Standing(rows, failing, soon, frozenset(() if judged is None else judged))
    return found


def checked(question: Question) -> Evaluation:
    """The evaluation, after seeing that it is the same in every field however often it is made, and as it is made anew."""
    found = evaluate(question)
    assert found == evaluated_anew(question) == evaluate(question)
    return found


def outcome(code: str, found: Evaluation) -> Outcome:
    return next(each for each in found.outcomes if each.code == code)


def test_the_demonstration_comes_to_what_its_rows_come_to(demo: Organization) -> None:
    found = [checked(ask(quarter(ago))) for ago in range(4)]
    assert found[0].records > 100
    assert sum(1 for each in found[0].outcomes if each.exceptions) > len(found[0].outcomes) / 2
    assert len({each.outcomes for each in found}) == 4


def test_organizations_take_turns_with_the_same_statements(both: list[Organization]) -> None:
    found, terms = [], []
    for organization in both * 3:
        with in_organization(organization):
            found.append(checked(ask(quarter())))
            terms.append([each.terms(ask(quarter())) for each in assertions if each.given is None])
    assert found == found[:2] * 3
    assert found[0].outcomes != found[1].outcomes
    assert len(terms[0]) > 20
    assert terms[0] == terms[1]


def test_past_and_present_take_turns(demo: Organization) -> None:
    then, by = clock.now() - timedelta(minutes=1), User.objects.get(email="quality@demo.example")
    make(Requirement, 700, status="active", source="", owner=None)
    make(Complaint, 701, received_at=clock.now() - timedelta(days=20), acknowledged_at=None)
    archive(Risk.objects.exclude(scale=None).first(), by=by, reason="Not ours")
    found = []
    for _ in range(3):
        found.append(checked(ask(quarter())))
        with time_travel(then):
            found.append(checked(ask(quarter())))
    assert [each.outcomes for each in found] == [each.outcomes for each in found[:2]] * 3
    for code in ("a1", "b2", "c5"):
        assert outcome(code, found[0]) != outcome(code, found[1])


def test_how_rows_stand_is_kept_alike(both: list[Organization]) -> None:
    """In either organization, in periods that are over and in the one that isn't, now and then."""
    then, found = clock.now() - timedelta(minutes=1), []
    for organization in both * 2:
        with in_organization(organization):
            make(Complaint, 702, received_at=clock.now() - timedelta(days=20), acknowledged_at=None)
            for ago in (0, 1):
                question = ask(quarter(ago))
                found.append(standings(question, list(assertions)))
                assert plain(found[-1]) == plain(standings_anew(question))
                with time_travel(then):
                    found.append(standings(question, list(assertions)))
                    assert plain(found[-1]) == plain(standings_anew(question))
    assert found[0]["c5"].rows > found[1]["c5"].rows
    assert not found[0]["c5"].rows & found[4]["c5"].rows


def plain(found: dict[str, Standing]) -> dict[str, Standing]:
    """How rows stand; of what else they are judged by the rows alone, since databases write values in ways of their own."""
    return {
        code: replace(each, judged=frozenset((key,) for key, *_values in each.judged)) for code, each in found.items()
    }


def test_a_day_later_other_rows_are_late(demo: Organization, hand: time_machine.Traveller) -> None:
    today = clock.now()
    found = []
    for days in (0, 40, 0):
        hand.move_to(today + timedelta(days=days))
        found.append(checked(ask(quarters(today.date())[0])))
    assert found[0].outcomes == found[2].outcomes
    assert outcome("b9", found[0]) != outcome("b9", found[1])


def test_a_signature_counts_from_its_moment_on(demo: Organization) -> None:
    """Two moments of one day are not the same terms where an assertion goes by the moment."""
    signed = SignOff.objects.get().signed_at
    moments = [signed - timedelta(seconds=1), signed] * 2
    assert moments[0].date() == moments[1].date()
    assert [outcome("c13", checked(ask(quarter(), moment))).denominator for moment in moments] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("figure", "value", "code"),
    [
        ("review_days", 30, "a2"),
        ("check_days", 1, "a12"),
        ("acknowledgement_days", 60, "a8"),
        ("assessment_days", 10, "b3"),
        ("soon_days", 1, "a8"),
        ("conformity_target", Decimal(1), "a13"),
        ("satisfaction_target", Decimal(1), "c3"),
        ("minimum_answers", 100_000, "c3"),
        ("signers_required", 3, "c13"),
    ],
)
def test_other_targets_judge_otherwise(demo: Organization, figure: str, value: Any, code: str) -> None:
    """Also where they were written over: what is kept goes by their figures."""
    targets = Targets.objects.get()
    usual = getattr(targets, figure)
    found = []
    for now in (usual, value, usual):
        setattr(targets, figure, now)
        targets.save()
        found.append(outcome(code, checked(ask(quarter()))))
    assert found[0] == found[2] != found[1]


def test_another_scale_judges_otherwise(demo: Organization) -> None:
    usual = checked(ask(quarter()))
    scale = Scale.objects.get()
    scale.pk, scale.effective_from, scale.appetite = None, clock.now().date(), 1
    scale.save(force_insert=True)
    stricter = checked(ask(quarter()))
    assert outcome("b8", stricter).exceptions > outcome("b8", usual).exceptions
    other = Scale(**{field.attname: getattr(scale, field.attname) for field in Scale._meta.concrete_fields})
    other.pk, other.effective_from = None, clock.now().date() + timedelta(days=1)
    other.likelihood_levels = [*other.likelihood_levels, "Certain"]
    other.save(force_insert=True)
    assert checked(ask(quarter())).outcomes == stricter.outcomes
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert outcome("b3", checked(ask(quarter()))).exceptions > outcome("b3", stricter).exceptions


def test_auditors_of_one_site_or_sub_clause_take_turns_with_all(demo: Organization) -> None:
    first, second = Site.objects.order_by("pk")
    scopes = [AuditScope(), AuditScope(sites=(first.pk,)), AuditScope("a", (second.pk,)), AuditScope("bc")]
    found: list[Evaluation] = []
    for scope in scopes * 2:
        with limited_to(scope):
            anew, letters = evaluated_anew(ask(quarter())), scope.sub_clauses or "abc"
            found.append(evaluate(ask(quarter()), letters))
            assert found[-1] == replace(anew, outcomes=tuple(each for each in anew.outcomes if each.code[0] in letters))
    assert found == found[:4] * 2
    assert len({each.records for each in found}) == 4
    assert [outcome("a2", each).denominator for each in found[1:3]] == [2, 3]


def test_sites_may_be_asked_about_in_any_number(demo: Organization) -> None:
    sites = tuple(Site.objects.order_by("pk").values_list("pk", flat=True))
    some, all_sites = checked(ask(quarter(), sites=sites[:1])), checked(ask(quarter(), sites=sites))
    assert [outcome("a2", found).denominator for found in (some, all_sites)] == [2, 5]


def test_fields_of_the_organizations_own_change_nothing(demo: Organization) -> None:
    before = checked(ask(quarter()))
    add_field(CustomField(register="requirements", label="Line"), by=User.objects.get(email="quality@demo.example"))
    assert checked(ask(quarter())).outcomes == before.outcomes


def test_the_number_of_queries_is_the_same_for_more_rows(demo: Organization) -> None:
    evaluate(ask(quarter()))
    with CaptureQueriesContext(connection) as few:
        evaluate(ask(quarter()))
    for register in registry:
        make_many(register, 3, first=800, link=False)
    with CaptureQueriesContext(connection) as many:
        evaluate(ask(quarter()))
    assert len(many) == len(few) < 2 * len(list(assertions))


@pytest.mark.parametrize("code", [assertion.code for assertion in assertions])
@pytest.mark.parametrize("sites", [(), (1, 2)], ids=["everywhere", "some sites"])
def test_what_is_kept_is_made_of_its_terms_alone(
    code: str, sites: tuple[int, ...], demo: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making it asks for no row, no organization, no time, no zone of a reader's, and nobody's reach."""
    terms = [assertions[code].terms(ask(quarter(ago), sites=sites)) for ago in (0, 2)]

    def refuse(*_args: Any, **_named: Any) -> NoReturn:
        raise AssertionError("It asks for more than its terms.")

    class Refusing:
        get = refuse

    monkeypatch.setattr(auditor_scope, "_current", Refusing())
    monkeypatch.setattr(clock, "_moment", Refusing())
    monkeypatch.setattr(timezone, "now", refuse)
    monkeypatch.setattr(timezone, "get_current_timezone_name", refuse)
    with connection.execute_wrapper(refuse):
        for each in terms:
            with outside_of_organizations():
                counted, judged = stood_by(assertions[code], each)
            KeptCounts(*counted)
            assert judged is None or KeptRows(judged)
