"""The security log: what happens to accounts, sessions and roles, without any secret, for as long as it is to be kept."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from organizations.log_in_limits import MOST_OF_ACCOUNT
from organizations.models import Invitation, Membership, Organization
from organizations.security_log import SecurityEvent, forget_old, record
from organizations.services import end_membership
from tests.people import PASSWORD, People

pytestmark = pytest.mark.django_db


def kinds() -> list[str]:
    return list(SecurityEvent.objects.values_list("kind", flat=True))


@pytest.fixture(autouse=True)
def empty(people: People) -> None:
    SecurityEvent.objects.all().delete()


def log_in(address: str, password: str = PASSWORD) -> Client:
    browser = Client(HTTP_USER_AGENT="Firefox", REMOTE_ADDR="192.0.2.7")
    browser.post("/accounts/login/", {"login": address, "password": password})
    return browser


def test_signing_in_and_out_are_told_with_network_and_browser(people: People) -> None:
    browser = log_in(people.auditor.email)
    browser.post("/accounts/logout/")
    first = SecurityEvent.objects.get(kind="log-in")
    assert (first.person, first.network, first.agent) == (people.auditor, "192.0.2.7", "Firefox")
    assert kinds()[:1] == ["log-in"]
    assert "log-out" in kinds()


@pytest.mark.parametrize("typed", ["auditor@acme.example", "my secret, typed into the wrong field", "nul\0"])
def test_a_failure_tells_whose_account_was_meant_and_nothing_that_was_typed(typed: str, people: People) -> None:
    log_in(typed, "not the password")
    found = [event for event in SecurityEvent.objects.all() if event.kind == "log-in failed"]
    assert [event.person for event in found] in ([people.auditor], [None], [])
    told = " ".join(map(str, SecurityEvent.objects.all()))
    assert "wrong field" not in told
    assert "not the password" not in told
    assert bool(found) or "\0" in typed or "@" not in typed


def test_that_somebody_is_kept_from_guessing_on_is_told(people: People) -> None:
    for _attempt in range(MOST_OF_ACCOUNT + 1):
        log_in(people.auditor.email, "not the password")
    assert kinds() == ["log-in failed"] * MOST_OF_ACCOUNT + ["log-in refused"]


def test_passwords_addresses_and_sessions_are_told(people: People) -> None:
    browser = log_in(people.contributor.email)
    log_in(people.contributor.email)
    new = {"oldpassword": PASSWORD, "password1": "another horse entirely", "password2": "another horse entirely"}
    assert browser.post("/accounts/password/change/", new).status_code == 302
    browser.post("/accounts/reauthenticate/", {"password": "another horse entirely"})
    browser.post("/accounts/email/", {"email": "new@acme.example", "action_add": ""})
    browser.post("/accounts/sessions/")
    assert {"password changed", "address to be confirmed", "session ended"} <= set(kinds())
    assert "another horse" not in " ".join(map(str, SecurityEvent.objects.all()))


def test_roles_that_are_given_and_end_are_told(acme: Organization, people: People) -> None:
    membership = Membership.objects.get(user=people.contributor, organization=acme)
    end_membership(membership, last_day=acme.today(), by=people.quality_manager, at_once=True)
    (event,) = SecurityEvent.objects.filter(kind="role changed")
    assert event.person == people.contributor
    assert (event.details["organization"], event.details["role"]) == ("acme", "contributor")
    assert event.details["ended_at"]


def test_an_invitation_is_told(acme: Organization, people: People) -> None:
    Invitation.objects.create(
        organization=acme, email="new@firm.example", role="auditor", invited_by=people.quality_manager,
        valid_from=acme.today(), valid_until=acme.today(),
    )  # fmt: skip
    (event,) = SecurityEvent.objects.filter(kind="invited")
    assert event.details["by"] == people.quality_manager.email


def test_the_command_prints_lines_of_json_from_where_monitoring_left_off(
    people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    log_in(people.auditor.email)
    call_command("security_log")
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["event"] for each in told] == kinds()
    assert told[0]["person"] == people.auditor.email
    call_command("security_log", after=told[-1]["id"])
    assert capsys.readouterr().out == ""
    call_command("security_log", since="2999-01-01")
    assert capsys.readouterr().out == ""
    with pytest.raises(CommandError, match="no moment"):
        call_command("security_log", since="yesterday")


def test_what_happens_is_a_line_of_the_process_s_log_too(people: People, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="security")
    log_in(people.auditor.email)
    lines = [json.loads(each.getMessage()) for each in caplog.records if each.name == "security"]
    assert [line["event"] for line in lines] == kinds()


def test_old_entries_are_forgotten(people: People) -> None:
    for days in (settings.SECURITY_LOG_DAYS + 1, settings.SECURITY_LOG_DAYS - 1):
        record("log-in", person=people.auditor)
        newest: Any = SecurityEvent.objects.latest("pk")
        SecurityEvent.objects.filter(pk=newest.pk).update(at=timezone.now() - timedelta(days=days))
    assert forget_old() == 1
    assert SecurityEvent.objects.count() == 1
