"""The pages of sign-offs: what is asked, what is kept of what was typed, who may do what."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from actions.models import Action
from clauses import periods
from clauses.assertion import Period
from organizations.models import Membership, Organization, Targets, User
from requirements_registry.models import Requirement
from reviews.models import SignOff
from reviews.sign_off.services import withdraw
from reviews.sign_off.snapshot import evaluated, gaps
from tests.people import People
from tests.reviews.conftest import Sign, confirm
from tests.support.factories import make
from tests.support.sign_off import confirmed
from tests.support.triggers import lifted

ClientOf = Callable[..., Client]


@pytest.fixture
def browser(director: User, client_of: ClientOf) -> Client:
    """The director's browser."""
    return client_of(director)


@pytest.fixture
def address(last_quarter: Period) -> str:
    """Where the last period is signed."""
    return f"/o/acme/sign-offs/new/?period={periods.code(last_quarter)}"


def filled_in(browser: Client, address: str, period: Period, **changes: str) -> dict[str, str]:
    """What a browser sends where everything is accepted."""
    page = browser.get(address).content.decode()
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen
    data = {"seen": seen[1].replace("&quot;", '"'), "confirm": "password"}
    for entry in gaps(evaluated(period)):
        data |= {f"{entry['code']}-decision": "accept", f"{entry['code']}-reason": "Known and small."}
        data[f"{entry['code']}-until"] = f"{timezone.localdate() + timedelta(days=60):%Y-%m-%d}"
    for letter in "abc":
        data |= {f"{letter}-conclusion": "adequate", f"{letter}-comment": f"Comment on {letter}."}
    return data | changes


def test_gaps_come_first_with_the_way_to_their_exact_rows(browser: Client, address: str) -> None:
    requirement = make(Requirement, status="active", applicable="yes", source="")
    page = browser.get(address).content.decode()
    assert page.index("gaps stand open") < page.index("My conclusion") < page.index("What my signature means")
    assert f"/o/acme/requirements/{requirement.reference}/" in page
    assert "/o/acme/requirements/?assertion=a1&amp;period=" in page


def test_signing_leads_past_the_password_and_keeps_what_was_typed(
    browser: Client, address: str, last_quarter: Period
) -> None:
    sent = browser.post(address, filled_in(browser, address, last_quarter))
    assert sent.status_code == 302
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/?next=%2Fo%2Facme%2Fsign-offs%2Fnew%2F")
    assert not SignOff.objects.exists()
    confirm(browser)
    page = browser.get(address).content.decode()
    assert "Comment on b." in page
    assert "You confirmed that it is you by password" in page
    signed = browser.post(address, filled_in(browser, address, last_quarter), follow=True)
    sign_off = SignOff.objects.get()
    assert signed.redirect_chain == [(f"/o/acme/sign-offs/{sign_off.reference}/", 302)]
    assert sign_off.method == "password"
    assert "Nothing has changed since it was signed." in signed.content.decode()


def test_a_confirmation_older_than_five_minutes_asks_again(browser: Client, address: str, last_quarter: Period) -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=5, seconds=5)):
        confirm(browser)
    sent = browser.post(address, filled_in(browser, address, last_quarter))
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not SignOff.objects.exists()


def test_a_confirmation_that_was_given_for_something_else_signs_nothing(
    browser: Client, address: str, last_quarter: Period
) -> None:
    confirm(browser)  # as before a password is changed, a moment ago
    sent = browser.post(address, filled_in(browser, address, last_quarter))
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")
    confirm(browser, "/o/other/sign-offs/new/")
    sent = browser.post(address, filled_in(browser, address, last_quarter))
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not SignOff.objects.exists()


def test_a_signature_and_its_withdrawal_take_a_confirmation_each(
    browser: Client, address: str, last_quarter: Period
) -> None:
    confirm(browser, address)
    browser.post(address, filled_in(browser, address, last_quarter))
    signed = SignOff.objects.get()
    sent = browser.post(f"{signed.get_absolute_url()}withdraw/", {"reason": "Wrong.", "confirm": "password"})
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")
    assert not SignOff.objects.get().is_withdrawn


def test_logging_in_just_now_is_no_confirmation(
    client_of: ClientOf, people: People, address: str, last_quarter: Period
) -> None:
    browser = Client()
    browser.post("/accounts/login/", {"login": "top.management@acme.example", "password": "a horse and a battery"})
    sent = browser.post(address, filled_in(browser, address, last_quarter))
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")


def test_what_is_missing_is_said_at_its_place_before_anybody_confirms(
    browser: Client, address: str, last_quarter: Period
) -> None:
    code = gaps(evaluated(last_quarter))[0]["code"]
    data = filled_in(browser, address, last_quarter, **{f"{code}-reason": "", "b-conclusion": ""})
    answer = browser.post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Say why the gap is accepted." in page
    assert "Conclude on this part." in page
    assert "Comment on c." in page


def test_fields_of_a_decision_not_taken_have_not_to_be_right(
    browser: Client, address: str, last_quarter: Period
) -> None:
    code = gaps(evaluated(last_quarter))[0]["code"]
    confirm(browser, address)
    data = filled_in(browser, address, last_quarter, **{f"{code}-action": "ACT-9999", f"{code}-due_on": "soon"})
    assert browser.post(address, data).status_code == 302
    assert SignOff.objects.exists()


def test_an_evaluation_that_changed_meanwhile_is_shown_with_what_is_different_and_nothing_is_lost(
    browser: Client, address: str, last_quarter: Period
) -> None:
    confirm(browser, address)
    data = filled_in(browser, address, last_quarter)
    make(Requirement, status="active", applicable="yes", source="")
    answer = browser.post(address, data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The evaluation changed since it was shown to you" in page
    assert re.search(r"<li>a1 [^<]*: No evidence – → Gap 0/1</li>", page)
    assert "Comment on a." in page
    assert not SignOff.objects.exists()
    again = browser.post(address, filled_in(browser, address, last_quarter))
    assert again.status_code == 302
    assert SignOff.objects.count() == 1


def test_a_change_while_one_confirms_is_shown_on_the_way_back(
    browser: Client, address: str, last_quarter: Period
) -> None:
    browser.post(address, filled_in(browser, address, last_quarter))
    make(Requirement, status="active", applicable="yes", source="")
    confirm(browser, address)
    page = browser.get(address).content.decode()
    assert "The evaluation changed since it was shown to you" in page
    assert "Comment on a." in page


def test_an_action_is_made_by_the_form(browser: Client, address: str, last_quarter: Period, people: People) -> None:
    code = gaps(evaluated(last_quarter))[0]["code"]
    confirm(browser, address)
    new = {
        f"{code}-decision": "new",
        f"{code}-title": "Name the sources",
        f"{code}-owner": str(people.contributor.pk),
        f"{code}-due_on": f"{timezone.localdate() + timedelta(days=9):%Y-%m-%d}",
    }
    answer = browser.post(address, filled_in(browser, address, last_quarter, **new), follow=True)
    action = Action.objects.get()
    assert f"/o/acme/actions/{action.reference}/" in answer.content.decode()


def test_an_action_is_named_by_its_reference(browser: Client, address: str, last_quarter: Period) -> None:
    action, code = make(Action), gaps(evaluated(last_quarter))[0]["code"]
    confirm(browser, address)
    existing = {f"{code}-decision": "existing", f"{code}-action": action.reference.lower()}
    answer = browser.post(address, filled_in(browser, address, last_quarter, **existing), follow=True)
    assert f"Action {action.reference}" in answer.content.decode()


def test_an_action_that_is_not_there_is_asked_for_again(browser: Client, address: str, last_quarter: Period) -> None:
    code = gaps(evaluated(last_quarter))[0]["code"]
    confirm(browser, address)
    for given, said in (("ACT-0999", "There is no row"), ("", "Name the action")):
        existing = {f"{code}-decision": "existing", f"{code}-action": given}
        answer = browser.post(address, filled_in(browser, address, last_quarter, **existing))
        assert answer.status_code == 422
        assert said in answer.content.decode()


def test_a_period_that_is_not_over_is_signed_with_the_interim_mark(browser: Client, this_quarter: Period) -> None:
    address = f"/o/acme/sign-offs/new/?period={periods.code(this_quarter)}"
    confirm(browser, address)
    data = filled_in(browser, address, this_quarter)
    assert "can only be signed as interim" in browser.post(address, data).content.decode()
    page = browser.post(address, data | {"interim": "on"}, follow=True).content.decode()
    assert SignOff.objects.get().interim
    assert "Interim sign-off" in page


@pytest.mark.parametrize(
    "seen", ["", "nonsense", "[]", '{"a1": 3}', '{"zz": ["a", "b", "c"]}', '{"a1": ["gap", "1/2", 3]}']
)
def test_a_form_that_does_not_say_what_was_seen_signs_nothing(
    seen: str, browser: Client, address: str, last_quarter: Period
) -> None:
    confirm(browser, address)
    answer = browser.post(address, filled_in(browser, address, last_quarter) | {"seen": seen})
    assert answer.status_code == 422
    assert not SignOff.objects.exists()


def test_who_has_signed_is_led_to_what_they_signed(browser: Client, address: str, sign: Sign) -> None:
    signed = sign()
    assert browser.get(address).headers["Location"] == signed.get_absolute_url()


def test_a_second_signer_is_asked_for_where_two_have_to_sign(
    browser: Client, client_of: ClientOf, chair: User, sign: Sign, last_quarter: Period, in_acme: Organization
) -> None:
    Targets.objects.create(effective_from=last_quarter.last, signers_required=2)
    page = browser.get(sign().get_absolute_url()).content.decode()
    assert "1 signature of top management is missing (Carla Chair)" in page
    overview = client_of(chair).get(f"/o/acme/?period={periods.code(last_quarter)}").content.decode()
    assert "sign-offs/new/" in overview
    sign(by=chair)
    page = browser.get("/o/acme/sign-offs/").content.decode()
    assert re.search(r"Signed by Top Management on [^,]*, [^,]*, Carla Chair on", page)


def test_the_overview_says_who_signed_and_what_changed_since(
    browser: Client, sign: Sign, last_quarter: Period, in_acme: Organization
) -> None:
    sign()
    make(Action, site=None)
    page = browser.get(f"/o/acme/?period={periods.code(last_quarter)}").content.decode()
    assert re.search(r"Signed by Top Management on [^;]*; 1 change in 1 row since", page)


def test_others_read_the_overview_without_a_way_to_sign(client_of: ClientOf, people: People) -> None:
    for name in ("quality_manager", "auditor"):
        page = client_of(people[name]).get("/o/acme/").content.decode()
        assert "is missing (Top Management)" in page
        assert "sign-offs/new" not in page
    assert "is missing" not in client_of(people.contributor).get("/o/acme/").content.decode()


def test_a_signature_is_withdrawn_with_a_reason_and_a_confirmation(browser: Client, sign: Sign, director: User) -> None:
    signed = sign()
    address = f"{signed.get_absolute_url()}withdraw/"
    assert browser.post(address, {"reason": ""}).status_code == 422
    sent = browser.post(address, {"reason": "The checks were wrong.", "confirm": "password"})
    assert sent.headers["Location"].startswith("/accounts/reauthenticate/")
    confirm(browser)
    assert "The checks were wrong." in browser.get(address).content.decode()
    page = browser.post(address, {"reason": "The checks were wrong."}, follow=True).content.decode()
    assert "Top Management took back this signature: The checks were wrong." in page
    assert browser.get(address).headers["Location"] == signed.get_absolute_url()


def test_another_of_top_management_can_not_withdraw_it(client_of: ClientOf, chair: User, sign: Sign) -> None:
    assert client_of(chair).get(f"{sign().get_absolute_url()}withdraw/").status_code == 403


def test_the_list_shows_the_exact_rows_behind_the_assertion(
    browser: Client, sign: Sign, chair: User, director: User, this_quarter: Period
) -> None:
    taken_back, stands = sign(), sign(by=chair)
    withdraw(taken_back, by=director, authentication=confirmed(director), reason="Wrong.")
    every = browser.get("/o/acme/sign-offs/").content.decode()
    assert taken_back.reference in every
    rows = browser.get(
        f"/o/acme/sign-offs/?assertion=c13&period={periods.code(this_quarter)}&rows=all"
    ).content.decode()
    assert stands.reference in rows
    assert taken_back.reference not in rows


@pytest.mark.parametrize("query", ["assertion=a1", "assertion=zz", "assertion=c13&period=nonsense"])
def test_an_assertion_about_other_rows_selects_none(query: str, browser: Client, sign: Sign) -> None:
    sign()
    assert "No sign-off fits" in browser.get(f"/o/acme/sign-offs/?{query}").content.decode()


def test_a_statement_that_was_altered_is_told(browser: Client, sign: Sign, in_acme: Organization) -> None:
    from django.db import connection

    signed = sign()
    with lifted(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reviews_signoff SET statement = replace(statement, 'Known and small.', 'Known and large.')"
        )
    assert "This isn't what was signed" in browser.get(signed.get_absolute_url()).content.decode()


def test_a_job_title_that_ended_leads_to_no_page(
    director: User, browser: Client, address: str, acme: Organization
) -> None:
    Membership.objects.filter(user=director).update(valid_until=acme.today() - timedelta(days=1))
    assert browser.get(address).status_code == 404


def test_unknown_sign_offs_are_not_found(browser: Client) -> None:
    for page in ("", "withdraw/", "report.pdf"):
        assert browser.get(f"/o/acme/sign-offs/SO-0099/{page}").status_code == 404
