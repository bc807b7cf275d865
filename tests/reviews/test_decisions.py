"""Decisions on gaps: rows of their own by top management, which hold until their day, and leave the gap a gap."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from actions.models import Action
from clauses import periods
from clauses.assertion import Period, Result
from clauses.evaluation import ask, evaluate
from organizations.models import Organization, User
from organizations.scope import current_organization
from packs.documents import documents_of
from packs.models import EvidencePack
from requirements_registry.models import Requirement
from reviews.decisions import decide, holding, of_outcomes
from reviews.models import GapDecision
from reviews.sign_off.snapshot import Plain, evaluated, gaps
from reviews.sign_off.statement import Decision, NewAction
from tests.people import People
from tests.reviews.conftest import Sign, confirm
from tests.support.factories import make
from tests.support.sign_off import everything_accepted

ClientOf = Callable[..., Client]


@pytest.fixture
def today(in_acme: Organization) -> date:
    return in_acme.today()


def untraceable(number: int, **values: Any) -> Requirement:
    """An active requirement without a source; no law asks for it unless told otherwise."""
    row = {"status": "active", "applicable": "yes", "source": "", "kind": "customer", "effective_on": date(2020, 1, 1)}
    found: Requirement = make(Requirement, number, **row | values)
    return found


@pytest.fixture
def period(this_quarter: Period) -> Period:
    """The period that is looked at."""
    untraceable(1)
    return this_quarter


def entry(period: Period, code: str = "a1") -> Plain:
    return next(each for each in gaps(evaluated(period)) if each["code"] == code)


def accepted(period: Period, by: User, until: date, code: str = "a1", **values: Any) -> GapDecision:
    given = {"reason": "The customer knows.", "until": until} | values
    return decide(period, Decision(code, **given), entry(period, code), by=by)


def holds(period: Period, code: str = "a1") -> GapDecision | None:
    found = {each["code"]: each["exceptions"]["count"] for each in gaps(evaluated(period))}
    return holding(ask(period), found).get(code)


def page(browser: Client, address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", browser.get(address).content.decode()).split())


def test_who_when_and_about_what_come_from_the_account_and_the_evaluation(
    period: Period, director: User, today: date
) -> None:
    before = timezone.now()
    row = accepted(period, director, today)
    assert (row.decided_by, row.printed_name, row.job_title) == (director, "Top Management", "Managing director")
    assert before <= row.decided_at <= timezone.now()
    assert (row.reference, row.kind, row.result, row.value, row.exceptions) == ("GD-0001", "accept", "gap", "0/1", 1)
    assert (row.period_from, row.period_to) == (period.first, period.last)
    assert row.history.get().history_user == director


def test_accepted_is_not_met(period: Period, director: User, today: date, client_of: ClientOf) -> None:
    accepted(period, director, today + timedelta(days=30))
    question = ask(period)
    outcome = next(each for each in evaluate(question).outcomes if each.code == "a1")
    assert (outcome.result, outcome.exceptions) == (Result.GAP, 1)
    assert "accepted until" in of_outcomes(question, [outcome])["a1"].text
    browser = client_of(director)
    for address in ("/o/acme/", "/o/acme/requirements/?assertion=a1"):
        assert re.search(r"[Aa]ccepted until", page(browser, address)), address
    assert "The customer knows." in page(browser, "/o/acme/requirements/?assertion=a1")


def test_it_holds_until_its_day_and_is_asked_again_afterwards(period: Period, director: User, today: date) -> None:
    row = accepted(period, director, today + timedelta(days=3))
    for days, found in ((0, row), (3, row), (4, None)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            assert holds(period) == found


def test_a_gap_that_has_grown_is_asked_about_again(period: Period, director: User, today: date) -> None:
    row = accepted(period, director, today)
    assert holds(period) == row
    untraceable(2)
    assert holds(period) is None


@pytest.mark.parametrize("kind", ["statutory", "regulatory"])
@pytest.mark.parametrize("relevant", [True, False])
def test_what_a_law_asks_is_treated_not_accepted(
    kind: str, relevant: bool, period: Period, director: User, people: People, today: date
) -> None:
    untraceable(2, kind=kind)
    with pytest.raises(ValidationError, match="A law asks"):
        accepted(period, director, today, relevant=relevant)
    new = NewAction("Name the law", people.quality_manager, today)
    row = decide(period, Decision("a1", action=new), entry(period), by=director)
    assert holds(period) == row


def test_what_was_accepted_holds_no_more_once_a_law_asks_for_it(period: Period, director: User, today: date) -> None:
    row = accepted(period, director, today)
    requirement = Requirement.objects.get()
    requirement.kind = "statutory"
    requirement.save()
    assert holds(period) is None
    assert GapDecision.objects.get() == row


def test_a_treatment_holds_as_long_as_its_action_is_open(
    period: Period, director: User, people: People, today: date
) -> None:
    new = NewAction("Name the sources", people.quality_manager, today + timedelta(days=9))
    row = decide(period, Decision("a1", action=new), entry(period), by=director)
    assert (row.kind, row.until, holds(period)) == ("treat", today + timedelta(days=9), row)
    action = Action.objects.get()
    action.status, action.done_on = "done", today
    action.save()
    assert holds(period) is None


def test_a_later_decision_takes_the_place_of_an_earlier_one_which_stays(
    period: Period, director: User, today: date
) -> None:
    first = accepted(period, director, today + timedelta(days=30))
    second = accepted(period, director, today + timedelta(days=2), reason="Sooner.")
    assert holds(period) == second
    assert GapDecision.objects.count() == 2
    with pytest.raises(TypeError):
        first.save()
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert holds(period) is None


@pytest.mark.parametrize(
    ("given", "said"),
    [({"reason": " "}, "Say why"), ({"until": None}, "until which day"), ({"until": date(2020, 1, 1)}, "gone by")],
)
def test_a_decision_says_why_and_until_when(
    given: dict[str, Any], said: str, period: Period, director: User, today: date
) -> None:
    for relevant in (True, False):
        with pytest.raises(ValidationError, match=said):
            values = {"reason": "Known.", "until": today} | given
            decide(period, Decision("a1", relevant=relevant, **values), entry(period), by=director)
    assert not GapDecision.objects.exists()


def test_only_top_management_decides(period: Period, people: People, today: date, client_of: ClientOf) -> None:
    for name in ("quality_manager", "contributor", "auditor", "administrator"):
        with pytest.raises(ValidationError, match="Only top management"):
            accepted(period, people[name], today)
        assert client_of(people[name]).post("/o/acme/gaps/a1/decide/", {"a1-decision": "accept"}).status_code == 403
        assert "Decide" not in page(client_of(people[name]), "/o/acme/requirements/?assertion=a1")
    assert not GapDecision.objects.exists()


def test_it_is_decided_on_a_page_of_its_own(period: Period, director: User, today: date, client_of: ClientOf) -> None:
    browser = client_of(director)
    listed = browser.get("/o/acme/requirements/?assertion=a1").content.decode()
    (address,) = set(re.findall(r'href="(/o/acme/gaps/a1/decide/[^"]*)"', listed))
    address = address.replace("&amp;", "&")
    assert "No source is named: 1" in page(browser, address)
    assert "decided by Top Management, Managing director" in page(browser, address)
    sent = {"a1-decision": "irrelevant", "a1-reason": "", "a1-until": f"{today:%Y-%m-%d}", "decided_by": "1"}
    answer = browser.post(address, sent)
    assert (answer.status_code, "Say why" in answer.content.decode()) == (422, True)
    answer = browser.post(address, sent | {"a1-reason": "A trial order."})
    assert (answer.status_code, answer["Location"]) == (302, "/o/acme/requirements/?assertion=a1")
    row = GapDecision.objects.get()
    assert (row.kind, row.reason, row.decided_by) == ("not_relevant", "A trial order.", director)
    assert "Not relevant until" in page(browser, "/o/acme/requirements/?assertion=a1")


@pytest.mark.parametrize("decision", ["accept", "irrelevant"])
def test_a_day_that_is_none_is_asked_for_again(
    decision: str, period: Period, director: User, client_of: ClientOf
) -> None:
    sent = {"a1-decision": decision, "a1-reason": "Because.", "a1-until": "soon"}
    answer = client_of(director).post("/o/acme/gaps/a1/decide/", sent)
    assert (answer.status_code, "Enter a valid date" in answer.content.decode()) == (422, True)


def test_the_page_offers_no_acceptance_of_what_a_law_asks(period: Period, director: User, client_of: ClientOf) -> None:
    untraceable(2, kind="statutory")
    browser = client_of(director)
    shown = browser.get("/o/acme/gaps/a1/decide/").content.decode()
    assert "it can be treated, not accepted" in shown
    assert 'value="accept"' not in shown
    sent = {"a1-decision": "accept", "a1-reason": "Because.", "a1-until": "2999-01-01"}
    assert browser.post("/o/acme/gaps/a1/decide/", sent).status_code == 422


def test_what_shows_no_gap_is_not_decided_on(in_acme: Organization, director: User, client_of: ClientOf) -> None:
    assert client_of(director).get("/o/acme/gaps/z9/decide/").status_code == 404


def test_a_decision_that_holds_is_shown_in_the_next_sign_off_and_not_typed_again(
    last_quarter: Period, director: User, today: date, client_of: ClientOf, sign: Sign
) -> None:
    untraceable(1)
    row = accepted(last_quarter, director, today + timedelta(days=30))
    shown = client_of(director).get(f"/o/acme/sign-offs/new/?period={periods.code(last_quarter)}").content.decode()
    assert "One decision still runs" in shown
    assert "a1-decision" not in shown
    assert "a1" not in [each.code for each in everything_accepted(last_quarter)["decisions"]]
    signed = sign()
    gap = next(gap for gap in signed.content["gaps"] if gap["code"] == "a1")
    assert (gap["decision"], gap["reason"], gap["reference"]) == ("accepted", "The customer knows.", row.reference)
    assert gap["decided_by"] == {"name": "Top Management", "job_title": "Managing director"}
    assert GapDecision.objects.filter(code="a1").count() == 1


def test_what_is_decided_while_signing_are_rows_too(sign: Sign, director: User) -> None:
    signed = sign()
    rows = GapDecision.objects.all()
    assert {row.reference for row in rows} == {gap["reference"] for gap in signed.content["gaps"]}
    assert {row.decided_by for row in rows} == {director}


def test_what_was_signed_stays_as_it_was_signed(sign: Sign, last_quarter: Period, director: User, today: date) -> None:
    untraceable(1)
    signed = sign()
    before = signed.statement
    accepted(last_quarter, director, today, reason="Something else.")
    signed.refresh_from_db()
    assert (signed.statement, signed.is_intact) == (before, True)


def test_a_decision_that_changed_meanwhile_is_shown_before_anything_is_signed(
    last_quarter: Period, director: User, today: date, client_of: ClientOf
) -> None:
    untraceable(1)
    accepted(last_quarter, director, today + timedelta(days=30))
    browser, address = client_of(director), f"/o/acme/sign-offs/new/?period={periods.code(last_quarter)}"
    confirm(browser, address)
    shown = browser.get(address).content.decode()
    sent = {
        name: value.replace("&quot;", '"')
        for name, value in re.findall(r'name="(seen|decided_before)" value="([^"]*)"', shown)
    }
    for each in gaps(evaluated(last_quarter)):
        sent |= {f"{each['code']}-{name}": value for name, value in (("decision", "accept"), ("reason", "Known."), ("until", f"{today:%Y-%m-%d}"))}  # fmt: skip
    sent |= {f"{letter}-conclusion": "adequate" for letter in "abc"}
    accepted(last_quarter, director, today + timedelta(days=2), reason="Otherwise.")
    answer = browser.post(address, sent)
    assert (answer.status_code, "has changed since it was shown to you" in answer.content.decode()) == (422, True)


def test_packs_carry_decisions(period: Period, director: User, today: date) -> None:
    row = accepted(period, director, today)
    pack = EvidencePack(
        organization=current_organization(), period_from=period.first, period_to=period.last, as_of=timezone.now()
    )
    (document,) = [each for each in documents_of(pack) if each.folder == "decisions"]
    assert (document.reference, document.model, document.key) == (row.reference, "reviews.GapDecision", row.pk)
    assert b'"reason":"The customer knows."' in document.content
