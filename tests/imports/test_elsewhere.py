"""One sheet for several registers: what belongs to another one is left, said, and taken up by a press without a new upload."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from imports import services
from imports.models import ImportJob
from organizations.models import User
from registers.register import registry
from risks.models import Opportunity, OpportunityAssessment, Risk
from tests.imports.test_pages import form_of, uploaded
from tests.imports.test_stages import FIVE
from tests.people import People
from tests.support.imports import text_file
from trail.models import Event

pytestmark = pytest.mark.usefixtures("in_acme")

MIXED = (
    "ID;Art;Beschreibung;P vorher;S vorher;Verantwortlich\nA;Risiko;Kessel brennt;4;5;GF\nB;Chance;Medizintechnik;3;4;GF\n"
    "C;;Etikett falsch;2;2;\nD;Chance;Digitaler Zwilling;1;5;\n"
)


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def checked(browser: Client, text: str = MIXED, register: str = "risks") -> tuple[ImportJob, Any]:
    """An uploaded file of which all was said that is asked, and its page."""
    job, page = uploaded(browser, text, register=register)
    for _time in ("scales", "names"):
        names = {field.html_name: "nobody" for field in page.context["names_form"] or ()}
        browser.post(job.get_absolute_url(), form_of(page) | names | {"check": "1"})
        page = browser.get(job.get_absolute_url())
    return job, page


def confirmed(browser: Client, job: ImportJob) -> ImportJob:
    page = browser.get(job.get_absolute_url())
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    job.refresh_from_db()
    assert job.status == ImportJob.Status.DONE, job.status
    return job


def pressed(browser: Client, job: ImportJob, slug: str) -> ImportJob:
    """The import that a press on the rest of a sheet leads to."""
    answer = browser.post(job.get_absolute_url(), {"rest": slug})
    other = ImportJob.objects.latest("pk")
    assert answer["Location"] == other.get_absolute_url()
    return other


def test_the_page_says_what_is_left_and_offers_it(browser: Client) -> None:
    job, page = checked(browser)
    assert (job.register, page.context["counts"]["refused"], page.context["left_total"]) == ("risks", 0, 2)
    (line,) = page.context["elsewhere"]
    assert line["text"] == "2 rows are opportunities (rows 3, 5): they are left to the register “Opportunities”."
    assert line["press"] == "Import these 2 rows as opportunities"
    assert line["press"] in page.content.decode()
    assert [row["state"] for row in page.context["table"]["rows"]] == ["created", "left", "created", "left"]


@pytest.mark.parametrize("first", ["risks", "opportunities"])
def test_one_press_takes_the_rest_with_all_that_was_said(browser: Client, first: str) -> None:
    other = {"risks": "opportunities", "opportunities": "risks"}[first]
    job, _page = checked(browser, register=first)
    confirmed(browser, job)
    rest = pressed(browser, job, other)
    assert (rest.register, rest.status, rest.result["counts"]["refused"]) == (other, ImportJob.Status.READY, 0)
    confirmed(browser, rest)
    found = {model: set(model.objects.values_list("external_id", flat=True)) for model in (Risk, Opportunity)}
    # C says nothing of it: it stays where somebody brought the sheet.
    assert (
        found
        == {
            "risks": {Risk: {"A", "C"}, Opportunity: {"B", "D"}},
            "opportunities": {Risk: {"A"}, Opportunity: {"B", "C", "D"}},
        }[first]
    )
    assert OpportunityAssessment.objects.get(opportunity__external_id="B").level[0] == "Large"
    assert (
        Event.objects.filter(verb="imported").latest("pk").data[f"left_for_{first}"]
        == rest.result["left"][first]["count"]
    )


def test_each_result_says_what_became_of_the_rest_and_another_press_leads_there(browser: Client) -> None:
    job, _page = checked(browser)
    rest = pressed(browser, job, "opportunities")
    (line,) = browser.get(job.get_absolute_url()).context["elsewhere"]
    assert (line["press"], line["url"]) == ("", rest.get_absolute_url())
    confirmed(browser, job)
    assert browser.get(rest.get_absolute_url()).context["elsewhere"][0]["became"] == "Imported: 2 new rows"
    confirmed(browser, rest)
    page = browser.get(job.get_absolute_url())
    assert page.context["elsewhere"][0]["became"] == "Imported: 2 new rows"
    assert "Imported: 2 new rows" in page.content.decode()
    assert pressed(browser, job, "opportunities") == rest


def test_what_was_given_up_can_be_taken_up_again(browser: Client) -> None:
    job, _page = checked(browser)
    services.cancel(pressed(browser, job, "opportunities"))
    # Its own file is gone with it, this one's isn't.
    again = pressed(browser, job, "opportunities")
    assert again.result["counts"]["created"] == 2


def test_the_sheet_again_doubles_nothing_in_either_register(browser: Client) -> None:
    for _time in range(2):
        job, _page = checked(browser)
        confirmed(browser, job)
        rest = ImportJob.objects.filter(register="opportunities").last() or pressed(browser, job, "opportunities")
        if rest.status == ImportJob.Status.READY:
            confirmed(browser, rest)
    assert (job.result["counts"]["unchanged"], Risk.objects.count(), Opportunity.objects.count()) == (2, 2, 2)


def test_who_may_not_import_there_gets_no_press(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("imports.views.job.allowed", lambda request, action, subject: subject != "opportunities")
    job, page = checked(browser)
    assert page.context["elsewhere"][0]["press"] == ""
    browser.post(job.get_absolute_url(), {"rest": "opportunities"})
    browser.post(job.get_absolute_url(), {"rest": "nothing"})
    assert not ImportJob.objects.filter(register="opportunities").exists()


def test_the_page_of_several_files_offers_it_too(browser: Client) -> None:
    job, _page = checked(browser)
    page = browser.get("/o/acme/import/")
    assert "Import these 2 rows as opportunities" in page.content.decode()
    browser.post("/o/acme/import/", {"rest": f"{job.pk}-opportunities"})
    rest = ImportJob.objects.get(register="opportunities")
    assert rest.result["counts"]["created"] == 2
    browser.post("/o/acme/import/", {"rest": f"{job.pk}-opportunities"})
    assert ImportJob.objects.filter(register="opportunities").count() == 1


def test_the_command_line_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mapping = text_file(tmp_path, json.dumps(FIVE | {"owner": None}), name="m.json")
    call_command(
        "import_register", "risks", str(text_file(tmp_path, MIXED)), "--organization", "acme", "--mapping", str(mapping)
    )
    lines = capsys.readouterr().out.splitlines()
    assert (
        "2 rows belong to the register opportunities (rows 3, 5) and are left to it: import the file there as well."
        in lines
    )
    summary = json.loads(lines[-1])
    assert (summary["left"], summary["refused"], summary["created"]) == ({"opportunities": 2}, 0, 2)


def test_words_of_rows_that_are_left_are_not_asked_here(browser: Client) -> None:
    _job, page = checked(browser, "ID;Art;Risiko;P vorher;S vorher\nA;Risiko;Brand;4;5\nB;Chance;Med;hoch;4\n")
    assert page.context["counts"]["refused"] == 0
    assert not page.context["values_open"]


def test_every_type_leads_to_a_register_that_is_there() -> None:
    for register in registry:
        for each in register.beside:
            assert all(slug in registry.slugs() and slug != register.slug for slug in each.leads_to.values())
