"""Measures that stand beside risks in one sheet: offered as actions that arise from them, never written unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from actions.models import Action
from imports.models import ImportJob
from imports.sources import MappingError
from organizations.models import User
from requirements_registry.models import Requirement
from risks.models import Risk
from tests.imports.test_elsewhere import checked, confirmed, pressed
from tests.imports.test_scales import case
from tests.imports.test_stages import FIVE
from tests.people import People
from tests.support.imports import next_transaction, run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

SHEET = (
    "Nr;Risiko;P;S;Maßnahme;bis wann;Wer\n"
    "R1;Kessel brennt;4;5;Sprinkler einbauen;31.03.2027;GF\n"
    "R2;Etikett falsch;2;2;tbd;31.03.2027;\n"
    "R3;Lieferant fällt aus;3;4;Zweite Quelle;;GF\n"
    "R4;Strom fällt aus;2;4;Beobachten;;\n"
    "R5;Personal fehlt;2;4;;31.03.2027;\n"
)


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def drawn(imported: Any, slug: str = "risks") -> dict[str, Any]:
    """The mapping with which measures are drawn out of a sheet, as the command line tells it."""
    found = imported.report.as_json()["beside"]["actions"]
    return {"options": {"taken_from": slug, "drawn": found["drawn"]}}


def test_measures_are_offered_and_not_written_unasked(browser: Client) -> None:
    job, page = checked(browser, SHEET)
    (line,) = page.context["elsewhere"]
    assert line["text"].startswith(
        "2 rows also say in “Maßnahme” what is to be done, and by when or by whom (rows 2, 4)."
    )
    assert "Row 3 doesn't say it yet." in line["text"]
    assert "Not taken otherwise: “bis wann”." in line["text"]
    # Nothing can arise from rows that aren't there.
    assert line["press"] == ""
    confirmed(browser, job)
    assert not Action.objects.exists()
    (line,) = browser.get(job.get_absolute_url()).context["elsewhere"]
    assert line["press"] == "Import them as 2 actions"


def test_one_press_makes_actions_that_arise_from_the_risks(browser: Client) -> None:
    job, _page = checked(browser, SHEET)
    confirmed(browser, job)
    rest = pressed(browser, job, "actions")
    assert (rest.register, rest.result["counts"]) == (
        "actions",
        {"created": 2, "changed": 0, "unchanged": 0, "refused": 0},
    )
    assert any("Row 3 doesn't say yet" in note for note in rest.found["notes"])
    confirmed(browser, rest)
    risks = dict(Risk.objects.values_list("external_id", "reference"))
    assert set(Action.objects.values_list("external_id", "title", "due_on", "origin")) == {
        ("Maßnahme: R1", "Sprinkler einbauen", date(2027, 3, 31), risks["R1"]),
        ("Maßnahme: R3", "Zweite Quelle", None, risks["R3"]),
    }
    (line,) = browser.get(job.get_absolute_url()).context["elsewhere"]
    assert (line["press"], line["became"]) == ("", "Imported: 2 new rows")
    assert pressed(browser, job, "actions") == rest


def test_the_sheet_again_doubles_no_action_and_undoing_takes_these_back(browser: Client, people: People) -> None:
    job, _page = checked(browser, SHEET)
    confirmed(browser, job)
    confirmed(browser, pressed(browser, job, "actions"))
    again, _page = checked(browser, SHEET.replace("Sprinkler einbauen", "Sprinkler und Tore"))
    confirmed(browser, again)
    rest = pressed(browser, again, "actions")
    assert rest.result["counts"] == {"created": 0, "changed": 1, "unchanged": 1, "refused": 0}
    confirmed(browser, rest)
    assert Action.objects.count() == 2
    assert Action.objects.get(external_id="Maßnahme: R1").title == "Sprinkler und Tore"


def test_rows_without_ids_and_ids_of_a_named_list_find_their_measures(tmp_path: Path) -> None:
    for number, (text, said) in enumerate(
        [(SHEET.replace("Nr;", "Zeile X;"), {}), (SHEET, {"options": {"source": "Werk"}})]
    ):
        path = text_file(tmp_path, text, name=f"{number}.csv")
        risks = run_import("risks", path, FIVE | {"owner": None} | said)
        next_transaction()
        done = run_import("actions", path, drawn(risks) | {"owner": None})
        next_transaction()
        assert done.counts == (2, 0, 0, 0), done.reasons
    assert {each.origin for each in Action.objects.all()} <= set(Risk.objects.values_list("reference", flat=True))
    assert Action.objects.filter(external_id="Maßnahme: Werk: R1").exists()


def test_what_nothing_can_arise_from_is_said(tmp_path: Path) -> None:
    path = text_file(tmp_path, SHEET)
    risks = run_import("risks", path, FIVE | {"owner": None}, dry_run=True)
    next_transaction()
    none = run_import("actions", path, drawn(risks) | {"owner": None})
    assert none.counts == (0, 0, 0, 0)
    assert any("Rows 2, 4 aren't in “Risks”" in str(note) for note in none.examination.table.notes)


@pytest.mark.parametrize(
    "text",
    [
        "Nr;Risiko;Maßnahme\nR1;Brand;Sprinkler\n",
        "Nr;Risiko;bis wann;Wer\nR1;Brand;31.03.2027;\n",
        "Nr;Risiko;Maßnahme;Wer\nR1;Brand;Sprinkler;\n",
        "Nr;Risiko;Maßnahme;bis wann\nR1;Brand;tbd;31.03.2027\n",
    ],
)
def test_a_text_alone_is_no_measure_with_a_day_or_somebody(text: str, tmp_path: Path) -> None:
    imported = run_import("risks", text_file(tmp_path, text), {"owner": None}, dry_run=True)
    assert imported.report.as_json()["beside"] == {}


def test_a_legal_register_has_measures_too(tmp_path: Path) -> None:
    path = text_file(
        tmp_path, "Nr;Rechtsvorschrift;Betroffene Pflicht;Maßnahme;Frist\n1;ProdSG;Sicher;Prüfplan ändern;31.03.2027\n"
    )
    legal = run_import("requirements", path, {})
    next_transaction()
    assert run_import("actions", path, drawn(legal, "requirements")).counts == (1, 0, 0, 0)
    assert Action.objects.get().origin == Requirement.objects.get().reference


def test_the_command_line_says_the_mapping(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, said = text_file(tmp_path, SHEET), text_file(tmp_path, json.dumps(FIVE | {"owner": None}), name="m.json")
    call_command("import_register", "risks", str(path), "--organization", "acme", "--mapping", str(said))
    (line,) = (line for line in capsys.readouterr().out.splitlines() if "also say what is to be done" in line)
    mapping = json.loads(line.partition("with a mapping: ")[2]) | {"owner": None}
    said.write_text(json.dumps(mapping))
    call_command("import_register", "actions", str(path), "--organization", "acme", "--mapping", str(said))
    assert Action.objects.count() == 2


@pytest.mark.parametrize(
    "options",
    [
        {"drawn": "x"},
        {"drawn": {"ids": [1], "columns": {}}},
        {"taken_from": "risks", "drawn": {"ids": ["Nr"], "columns": {"title": "Nowhere"}}},
        {"taken_from": "nothing", "drawn": {"ids": ["Nr"], "columns": {"title": "Maßnahme"}}},
        {"drawn": {"ids": [], "columns": {"due_on": "bis wann"}}},
    ],
)
def test_what_can_not_be_drawn_is_said(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises((MappingError, CommandError)):
        run_import("actions", text_file(tmp_path, SHEET), {"options": options})


def test_the_register_of_the_first_hour_offers_its_measures() -> None:
    path = case("first-hour/3 Risiken_Chancen 5x5.xlsx")
    risks = run_import("risks", path, FIVE | {"owner": None})
    found = risks.report.as_json()["beside"]["actions"]
    # By hand: R1 and R10 say tbd, R4 and R7 are opportunities.
    assert (found["count"], found["not_yet"]) == (6, "6, 15")


def test_every_job_says_where_its_rows_stood(browser: Client) -> None:
    job, _page = checked(browser, SHEET)
    confirmed(browser, job)
    rest = pressed(browser, job, "actions")
    assert ImportJob.objects.get(pk=rest.pk).mapping["options"]["taken_from"] == "risks"
