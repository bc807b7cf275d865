"""Several files at once: a register is proposed for each, and each is an import of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.register_proposal import proposed_register
from imports.saved_mappings import remember
from organizations.models import User
from registers.register import registry
from tests.imports.test_pages import form_of
from tests.people import People

CASES = Path(os.environ.get("CUSTOMERFOCUS_CASES") or Path(__file__).resolve().parents[2].parent / "shared" / "cases")
pytestmark = pytest.mark.usefixtures("in_acme")
ADDRESS = "/o/acme/import/"


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def file(name: str, text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode())


@pytest.mark.parametrize(
    ("name", "text", "slug"),
    [
        ("x.csv", "Was;Wer;Bis wann\nMend;;2026-01-02\n", "actions"),
        ("x.csv", "Risk ID;Risk Description;Likelihood;Impact\nR1;It burns;5;5\n", "risks"),
        ("Reklamationen 2026.csv", "Nr;Beschreibung;Eingang;Kunde\n1;Label fehlt;2026-01-02;Festo\n", "complaints"),
        ("Rechtskataster.csv", "Rechtsvorschrift;Fundstelle;Betroffene Pflicht\nProdSG;§ 3;Sicher\n", "requirements"),
        ("x.csv", "Requirement;Date;Result;Test method\nREQ-0001;2026-01-02;met;Look\n", "checks"),
        ("Umfrage.csv", "Kunde;Datum;Kommentar\nFesto;2026-01-02;Gut\n", "feedback"),
        (
            "Lieferantenbewertung.csv",
            "Lieferant;Datum;Ergebnis;Liefertreue\nWeber;2026-01-02;gut;4\n",
            "supplier-reviews",
        ),
        ("Maßnahmen.xlsx", "broken", "actions"),
    ],
)
def test_a_register_is_proposed_from_headers_and_name(name: str, text: str, slug: str) -> None:
    assert proposed_register(file(name, text), most_bytes=10_000).slug == slug


def test_of_a_large_file_only_the_name_is_looked_at() -> None:
    assert proposed_register(file("Risiken.csv", "Was;Wer\nMend;\n"), most_bytes=3).slug == "risks"


def test_a_file_goes_where_the_last_one_with_its_headers_went(people: People) -> None:
    remember(registry["issues"], ["Was", "Wer"], ImportMapping(), filename="x.csv", by=people.quality_manager)
    assert proposed_register(file("x.csv", "Wer;Was\n;Mend\n"), most_bytes=10_000).slug == "issues"


def test_the_first_sheets_of_a_quality_manager_find_their_registers() -> None:
    folder = CASES / "first-hour"
    if not folder.is_dir():
        pytest.skip("the cases aren't here")
    found = {
        path.name[0]: proposed_register(SimpleUploadedFile(path.name, path.read_bytes()), most_bytes=10_000_000).slug
        for path in folder.iterdir()
    }
    assert found == {
        "1": "requirements", "2": "requirements", "3": "risks", "4": "complaints", "5": "feedback", "6": "actions", "7": "requirements", "8": "checks",
    }  # fmt: skip


def test_files_become_imports_of_their_own_and_can_be_moved(browser: Client) -> None:
    tables = [file("plan.csv", "Was;Wer\nMend;\n"), file("risks.csv", "Risk;Owner\nIt burns;\n"), file("none.csv", " ")]
    page = browser.post(ADDRESS, {"tables": tables}, follow=True)
    assert [(line["filename"], line["register"]) for line in page.context["jobs"]][:2] == [
        ("plan.csv", "actions"),
        ("risks.csv", "risks"),
    ]
    job = ImportJob.objects.get(filename="plan.csv")
    assert job.result["counts"]["created"] == 1
    browser.post(ADDRESS, {"move": job.pk, f"register-{job.pk}": "issues"})
    job.refresh_from_db()
    assert (job.register, job.status) == ("issues", "ready")
    assert browser.get(job.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("sent", [{"move": "x"}, {"move": "999"}])
def test_what_is_not_there_is_not_moved(browser: Client, sent: dict[str, str]) -> None:
    assert browser.post(ADDRESS, sent).status_code == 404


def test_no_file_is_said(browser: Client) -> None:
    assert browser.post(ADDRESS, {}).status_code == 422


def test_contributors_import_nothing(client_of: Callable[[User | None], Client], people: People) -> None:
    assert client_of(people.contributor).post(ADDRESS, {"tables": [file("a.csv", "Was\nMend\n")]}).status_code == 403


def test_what_waits_is_looked_at_again_when_an_import_has_written(browser: Client) -> None:
    tables = [
        file("rules.csv", "Nr;Anforderung\nKA-007;It holds\n"),
        file("plan.csv", "Was;Bezug\nMend;KA-007\n"),
    ]
    browser.post(ADDRESS, {"tables": tables})
    rules, waiting = ImportJob.objects.get(filename="rules.csv"), ImportJob.objects.get(filename="plan.csv")
    assert waiting.result["counts"]["refused"] == 1
    page = browser.get(rules.get_absolute_url())
    browser.post(rules.get_absolute_url(), form_of(page, confirm="1"))
    waiting.refresh_from_db()
    assert (waiting.status, waiting.result["counts"]["created"], waiting.result["counts"]["refused"]) == ("ready", 1, 0)
