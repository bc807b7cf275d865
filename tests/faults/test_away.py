"""Redis or the database is away: pages work, or say so in a sentence; and what every answer is held to."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import InterfaceError, OperationalError
from django.test import Client
from kombu.exceptions import OperationalError as QueueAway

from customerfocus.access_log import without_secrets
from customerfocus.cache import ForgivingRedisCache
from customerfocus.log_filters import WithoutSecrets
from organizations.mail import send_waiting_invitations
from organizations.models import Invitation, Organization
from organizations.outages import is_away
from organizations.scope import in_organization
from organizations.tasks import mail_invitation
from tests.people import PASSWORD, People

ClientOf = Callable[..., Client]
NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_redis(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"socket_connect_timeout": 1, "socket_timeout": 1}
    backend = "customerfocus.cache.ForgivingRedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": NOWHERE, "OPTIONS": options}}
    monkeypatch.setattr(ForgivingRedisCache, "away_until", float("-inf"))

    def away(*args: Any, **kwargs: Any) -> None:
        raise QueueAway("no queue")

    monkeypatch.setattr("celery.app.task.Task.apply_async", away)


def test_the_cache_works_without_redis(no_redis: None) -> None:
    cache = caches["default"]
    assert isinstance(cache, ForgivingRedisCache)
    assert cache.get("a") is None and cache.add("a", 1) and not cache.add("a", 2)
    cache.set_many({"b": 2})
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": 2} and cache.incr("a") == 2


@pytest.mark.django_db(transaction=True)
def test_log_in_overview_and_lists_work_without_redis(no_redis: None, people: People) -> None:
    client = Client()
    sent = {"login": people.quality_manager.email, "password": PASSWORD}
    assert client.post("/accounts/login/", sent).status_code == 302
    for address in ("/o/acme/", "/o/acme/risks/", "/o/acme/sign-offs/", "/o/acme/packs/"):
        assert client.get(address).status_code == 200, address


@pytest.mark.django_db(transaction=True)
def test_a_pack_and_an_invitation_asked_for_without_a_queue_wait_in_their_rows(
    no_redis: None, people: People, client_of: ClientOf, acme: Organization, mailoutbox: list[Any]
) -> None:
    asked = {"period_from": "2026-07-01", "period_to": "2026-09-30", "sub_clauses": ["a"], "language": "en"}
    page = client_of(people.quality_manager).post("/o/acme/packs/new/", asked, follow=True)
    assert page.status_code == 200 and "Waiting for a worker" in page.content.decode()
    with in_organization(acme):
        invitation = Invitation.objects.create(
            organization=acme, email="new@acme.example", role="contributor", valid_from="2026-01-01",
            invited_by=people.administrator,
        )  # fmt: skip
        mail_invitation.delay(acme.pk, invitation.pk)
        Invitation.objects.filter(pk=invitation.pk).update(invited_at="2026-01-01T00:00:00Z")
        send_waiting_invitations()
        send_waiting_invitations()
    assert [mail.to for mail in mailoutbox] == [["new@acme.example"]]


AWAY = [
    OperationalError('connection to server at "127.0.0.1", port 5432 failed: Connection refused'),
    OperationalError("server closed the connection unexpectedly"),
    InterfaceError("connection already closed"),
    OperationalError("unable to open database file"),
    OperationalError("database or disk is full"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("error", AWAY, ids=str)
@pytest.mark.parametrize("where", ["view", "session"])
def test_a_database_that_is_away_is_said_in_a_sentence(
    people: People, monkeypatch: pytest.MonkeyPatch, error: Exception, where: str
) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(people.quality_manager)

    def away(*args: Any, **kwargs: Any) -> None:
        raise error

    place = {"view": "clauses.views.Overview.get", "session": "django.contrib.sessions.backends.db.SessionStore.load"}
    monkeypatch.setattr(place[where], away)
    answer = client.get("/o/acme/")
    assert answer.status_code == 503 and answer.headers["Retry-After"]
    assert "The database can&#x27;t be reached just now." in answer.content.decode()


def test_a_statement_that_is_wrong_is_no_outage() -> None:
    assert not is_away(OperationalError("no such column: x"))
    assert not is_away(OperationalError("LIKE or GLOB pattern too complex"))


# ---- What every answer and every request is held to ----


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/o/acme/", "/o/acme/risks/", "/o/acme/risks/export.csv", "/accounts/login/", "/nowhere/"]
)
def test_private_pages_and_downloads_are_kept_by_nobody(people: People, client_of: ClientOf, address: str) -> None:
    answer = client_of(people.quality_manager).get(address, follow=True)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in answer.headers["Permissions-Policy"]


@pytest.mark.django_db
def test_a_stranger_cannot_send_much(people: People, client_of: ClientOf) -> None:
    much = {"login": "x" * 300_000, "password": "x"}
    assert Client().post("/accounts/login/", much).status_code == 413
    assert Client().post("/o/acme/risks/new/", much).status_code == 413
    assert client_of(people.quality_manager).post("/o/acme/risks/new/", {"title": "x" * 300_000}).status_code == 422


@pytest.mark.django_db
def test_a_nul_is_refused_in_address_parameter_and_form(people: People, client_of: ClientOf) -> None:
    manager = client_of(people.quality_manager)
    assert manager.get("/o/acme/risks/?q=%00").status_code == 400
    assert manager.get("/o/acme/%00/").status_code == 400
    assert manager.post("/o/acme/risks/new/", {"title": "a\0b"}).status_code == 400
    assert manager.get(f"/o/acme/risks/?q={'x' * 20_000}").status_code == 414


@pytest.mark.parametrize("before", ["/invitations/", "/accounts/password/reset/key/", "/accounts/confirm-email/"])
def test_links_that_open_a_door_are_in_no_log(before: str) -> None:
    secret = "Mjg:1tXyz:AbC-d_9"
    line = f'"GET {before}{secret}/ HTTP/1.1" 200 "https://cf.example{before}{secret}/?x"'
    assert secret not in without_secrets(line) and f"GET {before}…/ HTTP/1.1" in without_secrets(line)
    record = logging.LogRecord("django.request", 30, "", 1, "%s: %s", ("Not Found", f"{before}{secret}/"), None)
    WithoutSecrets().filter(record)
    assert secret not in record.getMessage()
