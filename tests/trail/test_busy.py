"""A page that can't write because others do says so, and keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from re import findall
from threading import Event, Thread
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError, connection, transaction
from django.test import Client

from actions.models import Action
from organizations.lock_waits import _limit_waiting
from organizations.models import Organization
from organizations.scope import in_organization
from tests.people import PASSWORD, People
from tests.rules.pages import furnish, organization_pages
from trail.busy import is_busy
from trail.cache_version import commits_counted

#: As it really is: a test's own transaction would be broken by what fails inside it.
pytestmark = pytest.mark.django_db(transaction=True)

SENT = {
    "waiting_days": "30",
    "title": "Seal the pump",
    "kind": "corrective",
    "status": "planned",
    "description": "First <line>\r\nsecond line",
}


@contextmanager
def others_writing() -> Iterator[None]:
    """Nobody can write inside the block."""

    def refuse(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().split()[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse):
        yield


def test_a_form_that_cannot_be_saved_is_kept_and_saved_once_when_it_is_sent_again(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.quality_manager)
    with others_writing():
        answer = browser.post("/o/acme/actions/new/?from=a&b", SENT)
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert "Not saved yet: the database is busy" in page
    assert 'action="/o/acme/actions/new/?from=a&amp;b"' in page
    assert "<dt>Description</dt><dd>First &lt;line&gt;<br>second line</dd>" in page

    kept = {
        name: unescape(value) for name, value in findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    }
    assert SENT.items() <= kept.items()
    assert browser.post("/o/acme/actions/new/", kept).status_code == 302
    with in_organization(acme):
        assert [row.description for row in Action.objects.all()] == [SENT["description"].replace("\r\n", "\n")]


def test_no_page_breaks_where_it_cannot_write(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    """Registers share their pages; those of one stand for all."""
    house, browser = furnish(acme, people), client_of(people.quality_manager)
    pages = [page for page in organization_pages() if page.register is None or page.register.slug == "actions"]
    with others_writing():
        for page in pages:
            address = house.address(page)
            statuses = {browser.get(address).status_code, browser.post(address, SENT).status_code}
            assert 500 not in statuses, page.name  # and nothing was raised


def test_a_file_cannot_be_kept_and_nothing_is_sent_without_it(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.quality_manager)
    with others_writing():
        answer = browser.post("/o/acme/actions/import/", {"file": ContentFile(b"Id,Action\n1,Seal\n", name="list.csv")})
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "choose list.csv again" in page
    assert "Send it again" not in page


def test_a_password_is_neither_shown_nor_kept(people: People) -> None:
    with others_writing():
        answer = Client().post("/accounts/login/", {"login": people.quality_manager.email, "password": PASSWORD})
    assert answer.status_code == 503
    assert PASSWORD not in answer.content.decode()
    assert "type yours once more" in answer.content.decode()


def test_an_auditor_is_shown_nothing_that_cannot_be_written_down(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people.auditor)
    browser.raise_request_exception = False
    with others_writing():
        answer = browser.get("/o/acme/actions/")
    assert answer.status_code == 503
    assert "could not be opened" in answer.content.decode()


def test_what_was_saved_before_is_not_called_unsaved(
    acme: Organization, people: People, client_of: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    from registers.views import edit

    def saved_and_then(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(edit.messages, "success", saved_and_then)
    browser = client_of(people.quality_manager)
    page = browser.post("/o/acme/actions/new/", SENT).content.decode()
    assert "A part of what you sent was saved" in page
    assert "Send it again" not in page


def test_commits_are_counted_and_what_is_rolled_back_is_not(acme: Organization) -> None:
    with in_organization(acme), commits_counted() as commits:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            Action(title="One").save()
            _ = 1 / 0
        assert commits == []
        Action(title="Two").save()
        assert commits == [acme.pk]


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        (OperationalError("database is locked"), True),
        (OperationalError("database table is locked: feedback"), True),
        (OperationalError("no such table: feedback"), False),
        (OperationalError("disk I/O error"), False),
        (ValueError("database is locked"), False),
        (None, False),
    ],
)
def test_only_waiting_for_others_is_called_busy(error: BaseException | None, busy: bool) -> None:
    assert is_busy(error) is busy


@pytest.mark.parametrize(("code", "busy"), [("55P03", True), ("40001", True), ("40P01", True), ("57P01", False)])
def test_postgresql_says_it_by_codes(code: str, busy: bool) -> None:
    error, cause = OperationalError("canceling statement due to lock timeout"), Exception()
    cause.pgcode = code
    error.__cause__ = cause
    assert is_busy(error) is busy


def test_on_postgresql_a_row_that_somebody_holds_too_long_is_said(
    acme: Organization, people: People, client_of: Callable[..., Client]
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite locks no rows; tests/faults has its lock")
    with in_organization(acme):
        Action(title="Seal the pump").save()
    browser, held, over = client_of(people.quality_manager), Event(), Event()

    def hold() -> None:
        with in_organization(acme), transaction.atomic():
            Action.objects.select_for_update().get()
            held.set()
            over.wait(30)
        connection.close()

    other = Thread(target=hold)
    other.start()
    try:
        held.wait(30)
        _limit_waiting(None, connection, seconds=1)
        answer = browser.post("/o/acme/actions/ACT-0001/edit/", SENT | {"revision": "1"})
    finally:
        over.set()
        other.join()
        connection.close()
    assert answer.status_code == 503
    assert "Not saved yet: the database is busy" in answer.content.decode()
