"""Signing an evaluation: what is kept, and who is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.models import Action
from clauses import periods
from clauses.assertion import Period
from organizations.models import Membership, Organization, User
from organizations.scope import in_organization
from requirements_registry.models import Requirement
from reviews.models import Conclusion, GapDecision, Method, SignOff
from reviews.sign_off.authentication import Stale
from reviews.sign_off.completeness import EvaluationChanged
from reviews.sign_off.services import check_period, sign_off, withdraw
from reviews.sign_off.snapshot import evaluated, gaps
from reviews.sign_off.state import state_of
from reviews.sign_off.statement import Concluded, Decision, NewAction
from tests.people import People
from tests.reviews.conftest import Sign
from tests.support.factories import make
from tests.support.sign_off import confirmed, everything_accepted
from trail.models import Leaf, Seal
from trail.sealing.canonical import canonical_bytes


def test_what_was_seen_is_kept_with_who_signed_when_and_how(sign: Sign, director: User, last_quarter: Period) -> None:
    shown = evaluated(last_quarter)
    signed = sign(authentication=confirmed(director, method=Method.PASSKEY))
    content = signed.content
    assert content["evaluation"]["assertions"][0]["result"] == shown["assertions"][0]["result"]
    assert content["signer"] == {"name": "Top Management", "job_title": "Managing director"}
    assert content["authentication"]["method"] == "passkey"
    assert content["signed_at"].endswith(("+01:00", "+02:00"))
    assert content["time_zone"] == "Europe/Berlin"
    assert "Managing director" in content["meaning"]
    assert (signed.printed_name, signed.job_title, signed.method) == ("Top Management", "Managing director", "passkey")


def test_the_digest_is_of_the_exact_canonical_bytes_of_everything(sign: Sign) -> None:
    signed = SignOff.objects.get(pk=sign().pk)
    assert canonical_bytes(signed.content) == signed.statement.encode()
    assert sha256(signed.statement.encode()).hexdigest() == signed.digest
    assert signed.is_intact


def test_everything_written_before_is_under_the_seal_that_is_signed(sign: Sign, in_acme: Organization) -> None:
    requirement = make(Requirement)
    signed = sign()
    leaf = Leaf.objects.get(source=Requirement.history.model._meta.db_table, key=requirement.history.get().pk)
    seal = Seal.objects.get(size=signed.seal_size)
    assert leaf.index < signed.seal_size
    assert (signed.seal_note, signed.seal_root) == (seal.note, bytes(seal.root).hex())
    assert signed.content["seal"]["note"] == seal.note


def test_sign_offs_are_numbered(sign: Sign, chair: User) -> None:
    assert [sign().reference, sign(by=chair).reference] == ["SO-0001", "SO-0002"]


def test_a_signature_is_never_changed(sign: Sign) -> None:
    signed = sign()
    signed.statement = "{}"
    with pytest.raises(TypeError, match="never changed"):
        signed.save()


@pytest.mark.parametrize("name", ["quality_manager", "contributor", "auditor", "administrator", "outsider"])
def test_nobody_but_top_management_signs(name: str, sign: Sign, people: People) -> None:
    with pytest.raises(ValidationError, match="Only top management"):
        sign(by=people[name])


def test_who_was_top_management_until_yesterday_does_not_sign(
    sign: Sign, director: User, in_acme: Organization
) -> None:
    membership = Membership.objects.get(user=director)
    membership.valid_until = in_acme.today() - timedelta(days=1)
    membership.save()
    with pytest.raises(ValidationError, match="Only top management"):
        sign()


@pytest.mark.parametrize("minutes", [5.1, 600, -1])
def test_a_confirmation_signs_for_five_minutes_and_not_from_the_future(
    minutes: float, sign: Sign, director: User
) -> None:
    with pytest.raises(Stale):
        sign(authentication=confirmed(director, minutes=minutes))


def test_nobody_signs_with_the_confirmation_of_another(sign: Sign, chair: User) -> None:
    with pytest.raises(Stale):
        sign(authentication=confirmed(chair))


def test_an_evaluation_that_changed_since_it_was_shown_is_not_signed(
    director: User, last_quarter: Period, in_acme: Organization
) -> None:
    given = everything_accepted(last_quarter)
    make(Requirement, status="active", applicable="yes")
    with pytest.raises(EvaluationChanged) as changed:
        sign_off(last_quarter, by=director, authentication=confirmed(director), **given)
    assert "a1" in {difference.code for difference in changed.value.differences}
    assert changed.value.evaluation == evaluated(last_quarter) | {
        name: changed.value.evaluation[name] for name in ("moment", "assertions")
    }
    assert not SignOff.objects.exists()


def test_other_rows_behind_the_same_number_are_a_change_too(
    director: User, last_quarter: Period, in_acme: Organization
) -> None:
    first = make(Requirement, 1, status="active", applicable="yes", source="")
    given = everything_accepted(last_quarter)
    first.archived_at = timezone.now()
    first.save()
    make(Requirement, 2, status="active", applicable="yes", source="")
    with pytest.raises(EvaluationChanged) as changed:
        sign_off(last_quarter, by=director, authentication=confirmed(director), **given)
    assert any(difference.other_rows for difference in changed.value.differences)


def test_every_gap_has_to_be_decided(sign: Sign, last_quarter: Period, director: User) -> None:
    given = everything_accepted(last_quarter)
    missing = given["decisions"].pop()
    with pytest.raises(ValidationError, match=f"{missing.code} isn't decided"):
        sign_off(last_quarter, by=director, authentication=confirmed(director), **given)


def test_what_is_no_gap_can_not_be_decided(last_quarter: Period, director: User) -> None:
    given = everything_accepted(last_quarter)
    given["decisions"].append(Decision("a99", reason="Why not."))
    with pytest.raises(ValidationError, match="a99 is no open gap"):
        sign_off(last_quarter, by=director, authentication=confirmed(director), **given)


def test_each_sub_clause_has_to_be_concluded(sign: Sign) -> None:
    with pytest.raises(ValidationError, match="Conclude on each sub-clause"):
        sign(conclusions=[Concluded("a", Conclusion.ADEQUATE), Concluded("b", Conclusion.ADEQUATE)])


def _refused(sign: Sign, decision: Decision) -> str:
    with pytest.raises(ValidationError) as error:
        sign(decisions={decision.code: decision})
    return " ".join(error.value.messages)


@pytest.fixture
def code(last_quarter: Period) -> str:
    """A statement that shows a gap."""
    return str(gaps(evaluated(last_quarter))[0]["code"])


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_gap_is_accepted_with_a_reason_only(reason: str, code: str, sign: Sign) -> None:
    assert "why the gap is accepted" in _refused(sign, Decision(code, reason=reason))


def test_a_gap_is_not_accepted_for_days_that_are_gone(code: str, sign: Sign, in_acme: Organization) -> None:
    yesterday = in_acme.today() - timedelta(days=1)
    assert "gone by" in _refused(sign, Decision(code, reason="Known.", until=yesterday))


def test_a_gap_may_be_given_an_action_that_is_there(code: str, sign: Sign) -> None:
    action = make(Action, title="Review the sources", due_on=timezone.localdate())
    signed = sign(decisions={code: Decision(code, action=action)})
    gap = next(gap for gap in signed.content["gaps"] if gap["code"] == code)
    assert gap["decision"] == "action"
    assert (gap["action"]["reference"], gap["action"]["made"]) == (action.reference, False)


@pytest.mark.parametrize("state", ["archived", "cancelled", "done"])
def test_an_action_that_is_not_open_decides_nothing(state: str, code: str, sign: Sign) -> None:
    values: dict[str, Any] = {
        "archived": {"archived_at": timezone.now()},
        "cancelled": {"status": "cancelled"},
        "done": {"status": "done", "done_on": timezone.localdate()},
    }
    action = make(Action, **values[state])
    assert "isn't an open action" in _refused(sign, Decision(code, action=action))


def test_an_action_of_another_organization_decides_nothing(code: str, sign: Sign, other: Organization) -> None:
    with in_organization(other):
        foreign = make(Action, owner=None)
    assert "isn't an open action" in _refused(sign, Decision(code, action=foreign))


def test_an_action_may_be_made_on_the_spot(code: str, sign: Sign, people: People, in_acme: Organization) -> None:
    due = in_acme.today() + timedelta(days=14)
    new = NewAction("Have the sources named", people.contributor, due)
    signed = sign(decisions={code: Decision(code, action=new)})
    action = Action.objects.get()
    assert (action.title, action.owner, action.due_on) == ("Have the sources named", people.contributor, due)
    assert GapDecision.objects.get(code=code).reference in action.description
    assert action.history.get().history_user == people.top_management
    gap = next(gap for gap in signed.content["gaps"] if gap["code"] == code)
    assert gap["action"] == {
        "reference": action.reference,
        "title": "Have the sources named",
        "owner": "Contributor",
        "due_on": f"{due:%Y-%m-%d}",
        "made": True,
    }


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"title": " "}, "needs a title"),
        ({"owner": None}, "needs a title, an owner"),
        ({"due_on": None}, "a due date"),
        ({"due_on": timezone.localdate() - timedelta(days=2)}, "gone by"),
    ],
)
def test_an_action_made_on_the_spot_has_a_title_an_owner_and_a_day_to_come(
    broken: dict[str, Any], said: str, code: str, sign: Sign, people: People, in_acme: Organization
) -> None:
    new = replace(NewAction("Do it", people.contributor, in_acme.today() + timedelta(days=3)), **broken)
    assert said in _refused(sign, Decision(code, action=new))
    assert not Action.objects.exists()


def test_who_is_no_member_owns_no_action(code: str, sign: Sign, people: People, in_acme: Organization) -> None:
    new = NewAction("Do it", people.outsider, in_acme.today())
    assert "isn't a member" in _refused(sign, Decision(code, action=new))


def test_a_period_is_not_signed_twice_by_the_same_person(sign: Sign) -> None:
    sign()
    with pytest.raises(ValidationError, match="signed this period already"):
        sign()


def test_a_period_that_is_not_over_is_signed_as_interim_only(sign: Sign, this_quarter: Period) -> None:
    with pytest.raises(ValidationError, match="isn't over"):
        sign(this_quarter)
    signed = sign(this_quarter, interim=True)
    assert signed.interim
    assert "isn't over" in signed.content["meaning"]


def test_a_period_that_is_over_is_not_signed_as_interim(sign: Sign) -> None:
    with pytest.raises(ValidationError, match="is over"):
        sign(interim=True)


@pytest.mark.parametrize(
    ("moment", "interim"),
    [
        ("2026-07-01 00:00", True),
        ("2026-09-30 00:00", True),
        ("2026-09-30 23:59", True),
        ("2026-10-01 00:00", False),
    ],
)
def test_a_period_is_over_when_its_last_day_is(in_acme: Organization, moment: str, interim: bool) -> None:
    """By the clock of the organization: in Berlin the quarter ends two hours before it does in Greenwich."""
    period = Period(date(2026, 7, 1), date(2026, 9, 30))
    with time_machine.travel(datetime.fromisoformat(moment).replace(tzinfo=in_acme.zone), tick=False):
        check_period(period, interim=interim)
        with pytest.raises(ValidationError):
            check_period(period, interim=not interim)
        assert state_of(period).interim == interim


def test_a_period_that_has_not_begun_is_not_signed(sign: Sign, this_quarter: Period) -> None:
    following = periods.quarter_of(this_quarter.last + timedelta(days=1))
    with pytest.raises(ValidationError, match="hasn't begun"):
        sign(following, interim=True)


def test_a_job_title_that_changes_later_stays_as_it_was_signed(sign: Sign, director: User) -> None:
    signed = sign()
    Membership.objects.filter(user=director).update(job_title="Adviser")
    assert SignOff.objects.get(pk=signed.pk).job_title == "Managing director"


def test_a_refused_signature_leaves_nothing(sign: Sign, code: str) -> None:
    before = Seal.objects.count()
    _refused(sign, Decision(code, reason=""))
    assert (SignOff.objects.count(), Seal.objects.count()) == (0, before)


def test_in_the_other_organization_there_is_no_sign_off(sign: Sign, other: Organization) -> None:
    sign()
    with in_organization(other):
        assert not SignOff.objects.exists()


def test_one_confirmation_signs_one_act(director: User, last_quarter: Period, this_quarter: Period) -> None:
    once = confirmed(director)
    signed = sign_off(last_quarter, by=director, authentication=once, **everything_accepted(last_quarter))
    with pytest.raises(Stale):
        withdraw(signed, by=director, authentication=once, reason="Wrong.")
    with pytest.raises(Stale):
        given = everything_accepted(this_quarter)
        sign_off(this_quarter, by=director, authentication=once, interim=True, **given)
    withdraw(signed, by=director, authentication=confirmed(director), reason="Wrong.")
