"""After an import its page names who was recorded along and what of the file wasn't taken, with links and counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from imports.models import ImportJob
from organizations.models import User
from registers.known_names.services import learn
from requirements_registry.models import InterestedParty
from tests.imports.test_pages import form_of, uploaded
from tests.people import People

pytestmark = pytest.mark.usefixtures("in_acme")


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def finished(browser: Client, text: str, register: str) -> Any:
    job, page = uploaded(browser, text, register=register)
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    job.refresh_from_db()
    assert job.status == ImportJob.Status.DONE, job.result
    return browser.get(job.get_absolute_url())


def test_who_was_recorded_along_is_named_with_links(browser: Client) -> None:
    page = finished(
        browser, "Nr;Anforderung;Kunde;Laune\n1;It holds;Weber;gut\n2;It lasts;Trumpf;gut\n", "requirements"
    )
    parties, columns = page.context["job"]["outcome"]
    assert parties["text"] == "2 recorded along in Interested parties, since they weren't there:"
    assert {row["url"] for row in parties["rows"]} == {
        each.get_absolute_url() for each in InterestedParty.objects.all()
    }
    assert columns["text"] == "1 column of the file was not imported: Laune."
    html = page.content.decode()
    assert all(each.name in html and each.get_absolute_url() in html for each in InterestedParty.objects.all())


def test_of_many_the_first_are_named_and_the_rest_counted(browser: Client) -> None:
    rows = "".join(f"{number};Holds {number};Party {number:02}\n" for number in range(25))
    page = finished(browser, f"Nr;Anforderung;Kunde\n{rows}", "requirements")
    (parties,) = page.context["job"]["outcome"]
    assert (len(parties["rows"]), parties["more"]) == (20, "and 5 more")


def test_columns_kept_as_text_and_names_of_nobody_are_said(browser: Client, people: People) -> None:
    page = finished(browser, "Id;Date;Comment;Source;Laune\n1;2026-01-05;good;survey;gut\n", "feedback")
    assert [line["text"] for line in page.context["job"]["outcome"]] == [
        "1 column fills no field and is kept as text in each row: Laune."
    ]
    learn({"GF": None}, by=people.quality_manager)
    page = finished(browser, "Nr;Was;Wer\n1;Mend;GF\n", "actions")
    assert [line["text"] for line in page.context["job"]["outcome"]] == [
        "Left empty, since it was said that they mean nobody: GF."
    ]
