"""Sessions: each is listed where it was opened, all others are ended at once, and one that nobody uses ends by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from organizations.models import User
from tests.people import PASSWORD, People

pytestmark = pytest.mark.django_db

IDLE = timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def log_in(person: User, browser: str = "Firefox") -> Client:
    client = Client(HTTP_USER_AGENT=browser)
    assert client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/o/acme/").status_code == 200


def test_every_session_is_listed_and_nobody_elses(people: People) -> None:
    phone, desk, _other = (
        log_in(people.auditor, "Phone"), log_in(people.auditor, "Desk"), log_in(people.contributor, "Elsewhere"),
    )  # fmt: skip
    assert is_in(phone)
    page = desk.get("/accounts/sessions/").content.decode()
    assert ("Phone" in page, "Desk" in page, "Elsewhere" in page) == (True, True, False)


def test_what_a_browser_calls_itself_is_text(people: People) -> None:
    log_in(people.auditor, '<planted-tag hx-get="/planted">')
    page = log_in(people.auditor).get("/accounts/sessions/").content.decode()
    assert "<planted-tag" not in page
    assert "&lt;planted-tag" in page


def test_all_other_sessions_end_at_once(people: People) -> None:
    lost, mine, other = log_in(people.auditor), log_in(people.auditor), log_in(people.contributor)
    mine.post("/accounts/sessions/")
    assert [is_in(each) for each in (lost, mine, other)] == [False, True, True]


def test_a_session_that_nobody_uses_ends_by_itself_and_leads_back(people: People) -> None:
    client, now = log_in(people.auditor), timezone.now()
    assert is_in(client)
    with time_machine.travel(now + IDLE - timedelta(minutes=1)):
        assert is_in(client)
    with time_machine.travel(now + 2 * IDLE - timedelta(minutes=2)):
        assert is_in(client)
    with time_machine.travel(now + 3 * IDLE):
        answer = client.get("/o/acme/requirements/?q=pump")
        assert answer.headers["Location"] == "/accounts/login/?next=%2Fo%2Facme%2Frequirements%2F%3Fq%3Dpump"
        assert "nothing was done here for a while" in client.get(answer.headers["Location"]).content.decode()


def test_a_page_writes_when_a_session_was_used_no_more_than_every_few_minutes(people: People) -> None:
    client = log_in(people.auditor)
    is_in(client)
    before = client.session["seen"]
    is_in(client)
    assert client.session["seen"] == before
