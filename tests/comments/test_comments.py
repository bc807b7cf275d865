"""Comments on records: who may write them, whom they mention, where they show."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from comments.models import Comment, Mention
from comments.readers import Reader, readers_of
from comments.services import comment, mentioned, unknown_in
from comments.templatetags.comments import said
from organizations.auditor_scope import AuditScope
from organizations.models import Mail, Membership, Organization, User
from organizations.scope import in_organization
from registers import navigation
from risks.models import ContextIssue
from tests.people import People, make_organization, make_people
from tests.support.factories import make

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def acme(kept_db: None) -> Organization:
    return make_organization("acme", "Acme Pumps")


@pytest.fixture(scope="module")
def people(acme: Organization) -> People:
    return make_people(acme, make_organization("other", "Other Valves"))


@pytest.fixture(scope="module")
def issue(acme: Organization, people: People) -> ContextIssue:
    with in_organization(acme):
        record: ContextIssue = make(ContextIssue)
    return record


@pytest.fixture
def page(issue: ContextIssue) -> str:
    return f"/o/acme/issues/{issue.reference}/"


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


def mails(organization: Organization) -> list[tuple[str, str]]:
    with in_organization(organization):
        return [(mail.to, mail.text) for mail in Mail.objects.order_by("pk")]


def test_a_comment_stands_in_the_timeline_with_its_author_as_it_was_written(
    acme: Organization, people: People, manager: Client, page: str
) -> None:
    text = "First line\r\n<script>alert(1)</script>"
    response = manager.post(f"{page}comments/new/", {"text": text})
    assert (response.status_code, response.headers["Location"]) == (302, f"{page}#comments")
    shown = manager.get(page)
    newest = shown.context["timeline"][0]
    assert (newest.kind, newest.who, newest.text) == (
        "comment",
        "Quality Manager",
        "First line<br>&lt;script&gt;alert(1)&lt;/script&gt;",
    )
    content = shown.content.decode()
    assert "First line<br>&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "First line<br>&lt;script&gt;" in manager.get(f"{page}comments/").content.decode()
    with in_organization(acme):
        assert Comment.objects.get().history.get().history_user == people.quality_manager


@pytest.mark.parametrize("text", ["", " \n ", "x" * 4001])
def test_nothing_and_too_much_are_refused_in_words(text: str, manager: Client, page: str, acme: Organization) -> None:
    response = manager.post(f"{page}comments/new/", {"text": text})
    assert response.status_code == 422
    assert "text" in response.context["form"].errors
    with in_organization(acme):
        assert not Comment.objects.exists()


@pytest.mark.parametrize(
    ("name", "may"), [("quality_manager", True), ("contributor", True), ("top_management", True), ("auditor", False)]
)
def test_who_may_comment_sees_the_form(
    name: str, may: bool, page: str, people: People, client_of: Callable[..., Client]
) -> None:
    browser = client_of(people[name])
    assert bool(browser.get(page).context["panels"]["timeline"]) is may
    assert browser.post(f"{page}comments/new/", {"text": "Seen"}).status_code == (302 if may else 403)


def test_a_comment_is_written_once(acme: Organization, people: People, issue: ContextIssue) -> None:
    with in_organization(acme):
        said = comment(issue, "Once", by=people.contributor)
        said.text = "Twice"
        with pytest.raises(TypeError):
            said.save()
        with pytest.raises(DatabaseError), transaction.atomic():
            Comment.objects.all()._raw_delete("default")  # type: ignore[attr-defined]


def test_who_is_mentioned_gets_one_mail_and_a_mark_until_they_open_the_row(
    acme: Organization, people: People, issue: ContextIssue, page: str, client_of: Callable[..., Client]
) -> None:
    with in_organization(acme):
        comment(issue, "@Contributor and @contributor, please look. @Quality Manager", by=people.quality_manager)
    (mail,) = mails(acme)
    assert mail[0] == people.contributor.email
    assert "please look" in mail[1] and f"{page}#comments" in mail[1]
    browser = client_of(people.contributor)
    assert waiting(browser) == "1"
    (shown,) = browser.get("/o/acme/mentions/").context["mentions"]
    assert shown[0].seen_at is None and shown[1] == f"{page}#comments"
    browser.get(page)
    assert waiting(browser) == ""
    assert waiting(client_of(people.quality_manager)) == ""


def test_more_mentions_than_anybody_reads_are_not_counted_to_the_last(
    acme: Organization,
    people: People,
    issue: ContextIssue,
    client_of: Callable[..., Client],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(navigation, "MOST_WAITING", 1)
    for expected in ("1", "1+"):
        with in_organization(acme):
            comment(issue, "@Contributor, please look.", by=people.quality_manager)
        assert waiting(client_of(people.contributor)) == expected


def waiting(browser: Client) -> str:
    groups: Any = browser.get("/o/acme/mentions/").context["navigation"]
    return next(item.waits for group in groups for item in group.items if item.url == "/o/acme/mentions/")


def test_only_who_may_see_the_row_is_mentioned(acme: Organization, people: People, issue: ContextIssue) -> None:
    with in_organization(acme):
        assert {str(reader.person) for reader in readers_of(issue)} == {
            "Quality Manager", "Contributor", "Top Management", "Auditor",
        }  # fmt: skip
        Membership.objects.filter(user=people.auditor).update(sub_clauses="a")
        said = comment(
            issue,
            "@Auditor @Expired Auditor @Outsider @Neighbour @Administrator @Top Management",
            by=people.contributor,
        )
        assert said.mentions == [people.top_management.pk]
        assert [mention.person for mention in Mention.objects.all()] == [people.top_management]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@Ida", ["Ida"]),
        ("@ida smith!", ["Ida Smith"]),
        ("@Ida Smithers", ["Ida"]),
        ("@Idaho", []),
        ("mail me at x@ida.example", []),
        ("(@Ida)", ["Ida"]),
        ("@ida.smith@acme.example", ["Ida Smith"]),
        ("@@Ida", []),
        ("@O'Neil (Jr.)+", ["O'Neil (Jr.)+"]),
        ("Ida", []),
    ],
)
def test_whom_a_text_mentions(text: str, names: list[str]) -> None:
    known = [
        Reader(User(pk=pk, name=name, email=f"{name.lower().replace(' ', '.')}@acme.example"), AuditScope())
        for pk, name in enumerate(["Ida", "Ida Smith", "O'Neil (Jr.)+", ""], start=1)
    ]
    assert [reader.person.name for reader in mentioned(text, known)] == names


KNOWN = [
    Reader(User(pk=pk, name=name, email=f"{name.lower()}@acme.example"), AuditScope())
    for pk, name in enumerate(["Ida", "Ida Smith"], start=1)
]


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("@Ida and @ida smith, @ida@acme.example", []),
        ("@Nobody, @nobody and @Otto.", ["Nobody", "nobody", "Otto"]),
        ("@Idas", ["Idas"]),
        ("Write to somebody@else.example, at 5 @ 3, @", []),
    ],
)
def test_which_words_after_an_at_mention_nobody(text: str, unknown: list[str]) -> None:
    assert unknown_in(text, KNOWN) == unknown


def test_whom_a_comment_reached_is_said_and_whom_it_did_not(
    people: People, page: str, client_of: Callable[..., Client]
) -> None:
    answer = client_of(people.quality_manager).post(
        f"{page}comments/new/", {"text": "@Contributor and @Somebody <b>, look"}, follow=True
    )
    told, unknown = (str(message) for message in answer.context["messages"])
    assert told == "Your comment was mailed to Contributor."
    assert "“Somebody”" in unknown
    assert '<span class="cf-mention">@Contributor</span> and @Somebody &lt;b&gt;, look' in answer.content.decode()


@given(st.text(max_size=30), st.text(max_size=8))
def test_whoever_is_called_whatever_a_comment_stays_text(text: str, name: str) -> None:
    shown = said(text, [User(name=name, email="ida@acme.example")])
    bare = shown.replace('<span class="cf-mention">', "").replace("</span>", "").replace("<br>", "")
    assert "<" not in bare
    assert unescape(bare) == text.replace("\n", "")


@given(st.text(max_size=40), st.text(max_size=8))
def test_any_text_and_any_name_are_understood(text: str, name: str) -> None:
    reader = Reader(User(pk=1, name=name, email="ida@acme.example"), AuditScope())
    assert set(mentioned(text, [reader])) <= {reader}
    assert mentioned("@ida@acme.example", [reader]) == [reader]


def test_exports_hold_what_was_said(acme: Organization, people: People, issue: ContextIssue, manager: Client) -> None:
    with in_organization(acme):
        for text in ("First\nof two lines", "=Second"):
            comment(issue, text, by=people.contributor)
        today = acme.today()
    response = manager.get("/o/acme/issues/export.csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig")))
    assert row["Comments"] == f"{today} Contributor: First\nof two lines\n{today} Contributor: =Second"
