"""Who watches a record is told what others do to it: everything once, gathered in one mail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from comments.services import comment
from comments.watchers import is_watching, tell_watchers, watch
from organizations.models import Mail, Membership, Organization, User
from organizations.scope import in_organization
from risks.models import ContextIssue
from tests.people import People
from tests.support.factories import make
from tests.support.imports import next_transaction
from trail.actor import acting


@pytest.fixture
def inside(acme: Organization, people: People) -> Iterator[Organization]:
    """Acme, whose watchers have been told of everything."""
    with in_organization(acme):
        tell_watchers()
        yield acme


@pytest.fixture
def issue(inside: Organization, people: People) -> ContextIssue:
    """An issue that the contributor owns and recorded."""
    with acting(people.contributor):
        record: ContextIssue = make(ContextIssue, owner=people.contributor)
    return record


def rename(record: ContextIssue, title: str, by: User) -> None:
    next_transaction()
    record.title = title
    with acting(by):
        record.save()


def told() -> list[str]:
    """Who is told by the mails that are queued now."""
    before = set(Mail.objects.values_list("pk", flat=True))
    tell_watchers()
    return sorted(mail.to for mail in Mail.objects.exclude(pk__in=before))


def test_what_was_there_before_is_told_to_nobody(acme: Organization, people: People) -> None:
    with in_organization(acme), acting(people.quality_manager):
        make(ContextIssue, owner=people.contributor)
        assert told() == []


def test_an_owner_is_told_what_others_change_once(issue: ContextIssue, people: People) -> None:
    assert told() == []
    rename(issue, "New", people.quality_manager)
    rename(issue, "Newer", people.quality_manager)
    assert told() == [people.contributor.email]
    text = Mail.objects.get(to=people.contributor.email).text
    assert "Quality Manager changed. Issue: issue issue 0001 → New" in text
    assert "Issue: New → Newer" in text
    assert f"/o/acme/issues/{issue.reference}/watch/" in text
    assert told() == []


def test_who_does_not_want_to_watch_what_they_own_is_told_nothing(issue: ContextIssue, people: People) -> None:
    watch(issue, by=people.contributor, on=False)
    rename(issue, "New", people.quality_manager)
    assert told() == []
    watch(issue, by=people.contributor, on=True)
    rename(issue, "Newer", people.quality_manager)
    assert told() == [people.contributor.email]


def test_watchers_hear_of_changes_and_comments_but_not_of_their_own_nor_of_mentions_again(
    issue: ContextIssue, people: People
) -> None:
    tell_watchers()
    for person in (people.quality_manager, people.top_management):
        watch(issue, by=person, on=True)
    rename(issue, "New", people.quality_manager)
    comment(issue, "@Contributor: why?\n<b>Now</b>", by=people.quality_manager)
    before = set(Mail.objects.values_list("pk", flat=True))
    assert told() == [people.contributor.email, people.top_management.email]
    texts = {mail.to: mail.text for mail in Mail.objects.exclude(pk__in=before)}
    assert "Quality Manager: @Contributor: why?" in texts[people.top_management.email]
    assert "why?" not in texts[people.contributor.email]


def test_who_begins_to_watch_is_told_nothing_of_before(issue: ContextIssue, people: People) -> None:
    rename(issue, "Before", people.contributor)
    comment(issue, "Before", by=people.contributor)
    watch(issue, by=people.quality_manager, on=True)
    assert told() == []
    rename(issue, "Since", people.contributor)
    watch(issue, by=people.quality_manager, on=True)  # again, which changes nothing
    assert told() == [people.quality_manager.email]


def test_who_may_not_see_the_row_any_more_is_told_nothing(issue: ContextIssue, people: People) -> None:
    for person in (people.auditor, people.top_management):
        watch(issue, by=person, on=True)
    Membership.objects.filter(user=people.auditor).update(sub_clauses="a")
    Membership.objects.filter(user=people.top_management).update(valid_until="2020-01-02")
    rename(issue, "New", people.contributor)
    assert told() == []


def _watch_button(response: Any) -> dict[str, Any]:
    """What a record's page says of watching it."""
    (panel,) = response.context["panels"]["buttons"]
    return panel.context


def test_the_pages_button_watches_and_stops(
    issue: ContextIssue, people: People, client_of: Callable[..., Client]
) -> None:
    browser, page = client_of(people.auditor), f"/o/acme/issues/{issue.reference}/"
    assert not _watch_button(browser.get(page))["is_watching"]
    assert browser.post(f"{page}watch/", {"on": "1"}).status_code == 302
    assert _watch_button(browser.get(page))["is_watching"]
    assert "Stop watching" in browser.get(f"{page}watch/").content.decode()
    assert browser.post(f"{page}watch/", {}).status_code == 302
    assert not is_watching(issue, people.auditor)
    assert is_watching(issue, people.contributor)
