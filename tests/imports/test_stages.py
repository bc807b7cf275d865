"""Likelihood × consequence in stages: told by groups of columns, on a scale that is asked, assessed as the preview shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.pipeline import examination, read_table
from organizations.models import User
from registers.register import registry
from risks.models import Opportunity, OpportunityAssessment, Risk, RiskAssessment
from tests.imports.test_pages import form_of, uploaded
from tests.imports.test_scales import asked, case
from tests.people import People
from tests.support.imports import next_transaction, run_import, text_file, undone

pytestmark = pytest.mark.usefixtures("in_acme")

STAGED = (
    "ID,Risk,P (before measures),S (before measures),P (current),S (current),P (after measures),S (after measures)\n"
    "R1,Boiler house fire,4,5,4,5,1,5\nR2,Wrong label,2,2,,,1,1\nR3,Sole supplier closes,5,4,2,4,2,\n"
)
FIVE = {"likelihood_scale": {"value": "five"}, "consequence_scale": {"value": "five"}}


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def assessed() -> set[tuple[str, str, int, int, str]]:
    return {
        (each.risk.event, each.stage, each.likelihood, each.consequence, each.level[0])
        for each in RiskAssessment.objects.select_related("risk")
    }


def recognised(path: Path, register: str = "risks") -> dict[str, str]:
    declared, mapping = registry[register], ImportMapping()
    with examination(declared, read_table(path, path.name, declared, mapping), mapping) as examined:
        return {name: s.headers[0] for name, s in examined.mapping.fields.items() if s and s.headers}


def test_each_stage_is_assessed_and_shown_with_its_level(tmp_path: Path) -> None:
    imported = run_import("risks", text_file(tmp_path, STAGED), FIVE)
    assert imported.counts == (3, 0, 0, 0)
    assert assessed() == {
        ("Boiler house fire", "inherent", 4, 5, "Very high"), ("Boiler house fire", "current", 4, 5, "Very high"),
        ("Boiler house fire", "target", 1, 5, "Medium"), ("Wrong label", "inherent", 2, 2, "Low"),
        ("Wrong label", "target", 1, 1, "Low"), ("Sole supplier closes", "inherent", 5, 4, "Very high"),
        ("Sole supplier closes", "current", 2, 4, "Medium"),
    }  # fmt: skip
    shown = [[outcome["text"] for outcome in row["outcomes"]] for row in imported.report.rows]
    assert shown == [
        ["Inherent: Very high", "Current: Very high", "Target: Medium"], ["Inherent: Low", "Target: Low"],
        ["Inherent: Very high", "Current: Medium", "Not assessed: one of the two numbers is missing"],
    ]  # fmt: skip
    # What shall be after measures counts for nothing yet.
    assert dict(Risk.objects.values_list("event", "level_name")) == {
        "Boiler house fire": "Very high", "Wrong label": "Low", "Sole supplier closes": "Medium",
    }  # fmt: skip


def test_the_scale_of_each_axis_is_asked_with_what_stands_there(tmp_path: Path) -> None:
    questions = asked(text_file(tmp_path, STAGED))
    assert [(q["name"], q["low"], q["high"], q["proposed"]) for q in questions] == [
        ("likelihood_scale", "1", "5", "five"), ("consequence_scale", "1", "5", "five"),
    ]  # fmt: skip
    assert run_import("risks", text_file(tmp_path, STAGED), skip_invalid=True).counts == (0, 0, 0, 3)


@pytest.mark.parametrize(
    ("numbers", "proposed"),
    [
        ("1 2 3", "five"),
        ("1 6", "six"),
        ("1 10", "ten"),
        ("0.05 0.8", "share"),
        ("5 80", "percent"),
        ("0 11", ""),
        ("-1 3", ""),
    ],
)
def test_a_scale_is_proposed_from_range_and_the_organizations_own(numbers: str, proposed: str, tmp_path: Path) -> None:
    rows = "".join(f"Risk {n},{n},3\n" for n in numbers.split())
    questions = asked(text_file(tmp_path, f"Risk,Current likelihood,Current impact\n{rows}"))
    assert [q["proposed"] for q in questions if q["name"] == "likelihood_scale"] == [proposed]


@pytest.mark.parametrize(
    ("scale", "value", "level"),
    [("ten", "7", 4), ("three", "2", 4), ("percent", "20", 1), ("percent", "21", 2), ("share", "0.95", 5), ("share", "0", 1), ("own", "3", 3), ("six", "6", 5)],
)  # fmt: skip
def test_numbers_of_every_scale_come_to_levels_of_the_organizations(
    scale: str, value: str, level: int, tmp_path: Path
) -> None:
    text = f"Risk,Current likelihood,Current impact\nFire,{value},3\n"
    run_import("risks", text_file(tmp_path, text), FIVE | {"likelihood_scale": {"value": scale}})
    assert RiskAssessment.objects.get().likelihood == level


@pytest.mark.parametrize(("scale", "value"), [("five", "6"), ("five", "0"), ("five", "2.5"), ("share", "1.2"), ("percent", "101"), ("own", "6")])  # fmt: skip
def test_what_is_off_the_scale_is_refused_with_its_cell(scale: str, value: str, tmp_path: Path) -> None:
    text = f"Risk,Current likelihood,Current impact\nFire,{value},3\n"
    said = FIVE | {"likelihood_scale": {"value": scale}}
    imported = run_import("risks", text_file(tmp_path, text), said, skip_invalid=True)
    assert imported.counts == (0, 0, 0, 1)
    assert imported.report.problems[0]["cell"] == "B2"
    assert "is not on the scale" in imported.reasons[0]
    assert not RiskAssessment.objects.exists()


def test_words_are_asked_about_and_mean_what_is_said(tmp_path: Path) -> None:
    text = "Risiko,Wahrscheinlichkeit brutto,Auswirkung brutto\nBrand,hoch,C\n"
    unknown = run_import("risks", text_file(tmp_path, text), FIVE, dry_run=True).report.as_json()["unknown_words"]
    assert unknown == {"inherent_likelihood": ["hoch"], "inherent_consequence": ["C"]}
    said = {"values": {"inherent_likelihood": {"hoch": "4"}, "inherent_consequence": {"C": "3"}}}
    run_import("risks", text_file(tmp_path, text), FIVE | said)
    assert assessed() == {("Brand", "inherent", 4, 3, "High")}


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Inherent Likelihood,Inherent Impact", ["inherent_likelihood", "inherent_consequence"]),
        ("Residual P,Residual S", ["target_likelihood", "target_consequence"]),
        ("Eintrittswahrscheinlichkeit (netto),Schadensausmaß (netto)", ["target_likelihood", "target_consequence"]),
        ("Wahrscheinlichkeit aktuell,Schwere aktuell", ["current_likelihood", "current_consequence"]),
        ("P vor Maßnahmen,P nach Maßnahmen", []),
    ],
)
def test_groups_of_columns_are_recognised_in_both_languages(header: str, fields: list[str], tmp_path: Path) -> None:
    found = recognised(text_file(tmp_path, f"Risk,{header}\nFire,3,4\n"))
    assert [name for name in found if name.endswith(("_likelihood", "_consequence"))] == fields


def test_the_same_file_assesses_nothing_again_and_another_number_does(tmp_path: Path, people: People) -> None:
    run_import("risks", text_file(tmp_path, STAGED), FIVE)
    next_transaction()
    assert run_import("risks", text_file(tmp_path, STAGED), FIVE).counts == (0, 0, 3, 0)
    next_transaction()
    lower = run_import("risks", text_file(tmp_path, STAGED.replace("4,5,4,5,1,5", "4,5,2,5,1,5")), FIVE)
    assert lower.counts == (0, 1, 2, 0)
    assert [o["text"] for row in lower.report.rows for o in row["outcomes"] if row["state"] == "changed"] == [
        "Current: High"
    ]
    assert Risk.objects.get(event="Boiler house fire").level_name == "High"
    next_transaction()
    undone("risks", lower, people.quality_manager)
    assert Risk.objects.get(event="Boiler house fire").level_name == "Very high"


def test_probability_and_benefit_of_opportunities(tmp_path: Path) -> None:
    text = "Opportunity,P,Benefit\nMed-tech customers,3,4\n"
    questions = asked(text_file(tmp_path, text), "opportunities")
    assert [q["proposed"] for q in questions] == ["five", "five"]
    run_import("opportunities", text_file(tmp_path, text), FIVE)
    (each,) = OpportunityAssessment.objects.all()
    assert (each.likelihood, each.consequence, each.level[0]) == (3, 4, "Large")
    assert Opportunity.objects.get().level_name == "Large"


def test_the_register_of_the_first_hour_tells_both_stages() -> None:
    path = case("first-hour/3 Risiken_Chancen 5x5.xlsx")
    found = recognised(path)
    assert {found[name] for name in ("inherent_likelihood", "inherent_consequence", "target_likelihood", "target_consequence")} == {
        "P (Before measures)", "S (Before measures)", "P (After measures)", "S (After measures)",
    }  # fmt: skip
    said = FIVE | {"owner": None, "determined_on": None}
    imported = run_import("risks", path, said, skip_invalid=True)
    assert Risk.objects.get(external_id="R1").level_name == "Very high"
    # Its severity after measures is missing: nobody is told that it is lower.
    assert Risk.objects.get(external_id="R1").target is None
    assert RiskAssessment.objects.filter(stage="current").count() == 0
    # By hand: R4 says “Chance”, R7 “O”.
    assert (imported.counts, imported.left) == ((8, 0, 0, 0), {"opportunities": [9, 12]})
    chances = run_import("opportunities", path, said, skip_invalid=True)
    assert (chances.counts, {slug: len(rows) for slug, rows in chances.left.items()}) == ((2, 0, 0, 0), {"risks": 8})
    assert set(Opportunity.objects.values_list("external_id", flat=True)) == {"R4", "R7"}
    assert not Risk.objects.filter(external_id__in=("R4", "R7")).exists()


MIXED = "ID;Art;Beschreibung;P vorher;S vorher\nA;Risiko;Kessel brennt;4;5\nB;Chance;Medizintechnik;3;4\nC;;Etikett falsch;2;2\n"


def test_rows_that_say_they_are_of_the_other_register_are_left_there_and_taken_here(tmp_path: Path) -> None:
    path = text_file(tmp_path, MIXED)
    risks = run_import("risks", path, FIVE)
    assert (risks.counts, risks.left) == ((2, 0, 0, 0), {"opportunities": [3]})
    assert set(Risk.objects.values_list("external_id", flat=True)) == {"A", "C"}
    chances = run_import("opportunities", path, FIVE)
    # What says nothing of it may be either.
    assert (chances.counts, chances.left) == ((2, 0, 0, 0), {"risks": [2]})


@pytest.mark.parametrize("words", [("Financial", "Legal"), ("R", "O"), ("Risiko", "Umwelt")])
def test_a_column_of_other_words_or_of_letters_alone_tells_no_types(words: tuple[str, str], tmp_path: Path) -> None:
    text = f"ID,Type,Risk\nA,{words[0]},Fire\nB,{words[1]},Flood\n"
    assert "told_type" not in recognised(text_file(tmp_path, text))


def test_the_page_shows_every_assessment_before_it_is_written(browser: Client) -> None:
    job, page = uploaded(browser, STAGED, register="risks")
    assert page.context["scale_form"].is_open
    browser.post(job.get_absolute_url(), form_of(page) | {"check": "1"})
    page = browser.get(job.get_absolute_url())
    shown = sum(o["count"] for o in page.context["outcomes"] if not o["text"].startswith("Not"))
    assert "Current: Very high" in page.content.decode()
    browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
    assert ImportJob.objects.get(pk=job.pk).status == ImportJob.Status.DONE
    assert RiskAssessment.objects.count() == shown == 7
