"""Tags: words on records, held by the record, found again whatever the register."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from organizations.models import Organization
from organizations.scope import in_organization
from registers.register import registry
from registers.tags import LENGTH, LONGEST, SEPARATOR, in_use, tags_of, tidy
from risks.models import ContextIssue
from tests.people import People
from tests.support.factories import form_data, make


@pytest.fixture
def manager(people: People, client_of: Callable[..., Client]) -> Client:
    return client_of(people.quality_manager)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("", []),
        (" ; ,;\n", []),
        ("urgent", ["urgent"]),
        ("urgent; Export ,  new   pumps\nlast", ["urgent", "Export", "new pumps", "last"]),
        ("Urgent; urgent; URGENT", ["Urgent"]),
        ("=1+1; <b>", ["=1+1", "<b>"]),
    ],
)
def test_tags_in_a_text(text: str, tags: list[str]) -> None:
    assert tags_of(text) == tags


@given(st.text(alphabet="aB ;,\n-", max_size=60))
def test_a_tidy_text_stays_as_it_is_and_says_the_same(text: str) -> None:
    try:
        once = tidy(text)
    except ValidationError:
        return
    assert tidy(once) == once
    assert tags_of(once) == tags_of(text)


@pytest.mark.parametrize(
    "text", ["x" * (LONGEST + 1), SEPARATOR.join(f"{number:030}" for number in range(LENGTH // 30))]
)
def test_what_is_too_long_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValidationError, match="at most"):
        tidy(text)


def test_a_form_keeps_tags_and_its_history_shows_them(acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        record = make(ContextIssue, tags="old")
    page = f"/o/acme/issues/{record.reference}/"
    data = form_data(manager.get(f"{page}edit/").context["form"])
    assert data["tags"] == "old"
    assert manager.post(f"{page}edit/", data | {"tags": "old, urgent;;urgent"}).status_code == 302
    entry = manager.get(f"{page}history/").context["entries"][0]
    assert [(change.field, change.old, change.new) for change in entry.changes] == [("Tags", "old", "old; urgent")]
    assert [tag["text"] for tag in manager.get(page).context["tags"]] == ["old", "urgent"]


def listed(client: Client, query: str) -> list[str]:
    return [row.record.external_id for row in client.get(f"/o/acme/issues/?{query}").context["table"].rows]  # type: ignore[attr-defined]


def test_rows_are_found_by_a_whole_tag_and_by_words_of_it(acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        for number, tags in enumerate(["", "urgent", "very urgent; Export", "export; later"]):
            make(ContextIssue, number, external_id=str(number), tags=tags)
    assert listed(manager, "tag=urgent") == ["1"]
    assert listed(manager, "tag=EXPORT&sort=reference") == ["2", "3"]
    assert listed(manager, "tag=export; later") == ["3"]
    assert listed(manager, "q=urgent&sort=reference") == ["1", "2"]
    assert listed(manager, "tag=%25") == []
    shown = manager.get("/o/acme/issues/?columns=tags&sort=-tags").context["table"]
    assert [row.cells[1].tags for row in shown.rows][:1] == [["very urgent", "Export"]]


def test_suggestions_are_those_in_use_the_commonest_first(
    acme: Organization, other: Organization, people: People, manager: Client
) -> None:
    with in_organization(other):
        make(ContextIssue, tags="foreign")
    with in_organization(acme):
        for number, tags in enumerate(["urgent; export", "urgent", "unusual"]):
            make(ContextIssue, number, external_id=str(number), tags=tags)
        assert in_use(registry["issues"].rows()) == ["urgent", "export", "unusual"]
    assert options(manager, "") == ["urgent", "export", "unusual"]
    assert options(manager, "U") == ["urgent", "unusual"]
    assert options(manager, "urgent; u") == ["urgent; unusual"]
    assert options(manager, "a, b,x") == []


def options(client: Client, typed: str) -> list[str]:
    content = client.get("/o/acme/issues/tags/", {"tags": typed}).content.decode()
    return [part.split('"')[0] for part in content.split('<option value="')[1:]]


def test_tags_are_shown_as_text_whatever_they_are(acme: Organization, manager: Client) -> None:
    with in_organization(acme):
        record = make(ContextIssue, tags='<img src=x onerror="alert(1)">')
    for page in (
        f"/o/acme/issues/{record.reference}/",
        "/o/acme/issues/?columns=tags",
        "/o/acme/issues/tags/?tags=%3Cimg",
    ):
        content = manager.get(page).content.decode()
        assert "<img src=x" not in content and "&lt;img src=x" in content, page
