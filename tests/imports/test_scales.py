"""Scales of a file are asked, never guessed: no import writes an assessment that nobody was asked about."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.mapping import ImportMapping
from imports.models import ImportJob
from imports.pipeline import examination, read_table
from imports.questions import questions_of
from organizations.models import User
from registers.parsing.targets import targets_of
from registers.register import registry
from risks.models import Risk, RiskAssessment
from risks.models.risk import RATING_ENDS
from risks.models.scale import default_scale
from tests.imports.test_pages import form_of, uploaded
from tests.people import People
from tests.support.imports import run_import, text_file

CASES = Path(os.environ.get("CUSTOMERFOCUS_CASES") or Path(__file__).resolve().parents[2].parent / "shared" / "cases")
pytestmark = pytest.mark.usefixtures("in_acme")

FIVE_BY_FIVE = "Risk,Likelihood,Severity\nBoiler house fire,5,5\nWrong label on pump,1,2\nSole supplier closes,4,4\n"


def case(name: str) -> Path:
    path = CASES / name
    if not path.exists():
        pytest.skip(f"the case {name} is not here")
    return path


def asked(path: Path, slug: str = "risks", said: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """What is asked of a file before it is looked through."""
    register = registry[slug]
    mapping = ImportMapping.read(dict(said or {}), targets_of(register))
    with examination(register, read_table(path, path.name, register, mapping), mapping) as examined:
        return questions_of(examined.converter)


@pytest.fixture
def browser(client_of: Callable[[User | None], Client], people: People, tmp_path: Path, settings: Any) -> Client:
    settings.MEDIA_ROOT = tmp_path / "files"
    return client_of(people.quality_manager)


def test_a_register_on_five_steps_is_asked_about_with_what_it_holds() -> None:
    questions = asked(case("01-five-point-ratings/risks.csv"))
    # Without a column for detection it is no analysis of failure modes.
    assert [(q["name"], q["columns"], q["low"], q["high"], q["proposed"]) for q in questions] == [
        ("likelihood_scale", ["Likelihood"], "1", "5", "five"), ("consequence_scale", ["Severity"], "2", "5", "five"),
    ]  # fmt: skip


def test_with_a_column_for_detection_it_stays_an_analysis_of_failure_modes(tmp_path: Path) -> None:
    path = text_file(tmp_path, FIVE_BY_FIVE.replace("\n", ",3\n").replace("Severity,3", "Severity,Detection"))
    (question,) = asked(path)
    assert (question["name"], question["columns"]) == ("ratings", ["Severity", "Likelihood", "Detection"])


@pytest.mark.parametrize(
    ("heads", "cells", "names"),
    [
        ("P;S", "4;5", ["likelihood_scale", "consequence_scale"]),
        ("Likelihood;Impact", "4;5", ["likelihood_scale", "consequence_scale"]),
        ("Eintrittswahrscheinlichkeit;Schadensausmaß", "4;5", ["likelihood_scale", "consequence_scale"]),
        ("Likelihood rating;Impact score;Risk rating", "4;5;20", ["likelihood_scale", "consequence_scale"]),
        ("Severity;Occurrence;Ratings are", "4;5;1 to 5", []),
        ("W;A;RPZ", "4;5;20", ["likelihood_scale", "consequence_scale"]),
        ("Auftreten;Bedeutung;RPZ", "4;5;60", ["ratings"]),
        ("Auftreten;Bedeutung;Entdeckung", "4;5;3", ["ratings"]),
        ("S;O;D", "4;5;3", ["ratings"]),
        ("Occurrence;Severity;Det", "4;5;3", ["ratings"]),
        ("Severity", "4", ["ratings"]),
        ("Likelihood;Impact", "4;Line stands still", ["ratings"]),
        ("P inherent;S inherent;P;S", "4;5;1;2", ["likelihood_scale", "consequence_scale"]),
    ],
)
def test_two_factors_are_likelihood_and_consequence_and_three_are_ratings(
    heads: str, cells: str, names: list[str], tmp_path: Path
) -> None:
    questions = asked(text_file(tmp_path, f"Risk;{heads}\nFire;{cells}\n"))
    assert [question["name"] for question in questions] == names


def test_numbers_beside_stages_are_never_a_second_assessment(tmp_path: Path) -> None:
    path = text_file(tmp_path, "Risk,P inherent,S inherent,P,S\nFire,4,5,1,2\n")
    five = {"likelihood_scale": {"value": "five"}, "consequence_scale": {"value": "five"}}
    imported = run_import("risks", path, five)
    assert imported.report.as_json()["unmapped"] == ["P", "S"]
    assert [(each.stage, each.likelihood, each.consequence) for each in RiskAssessment.objects.all()] == [
        ("inherent", 4, 5)
    ]
    # Somebody may say that these are ratings: then nothing is written before they say which of the two it is.
    said = five | {"event": "Risk", "occurrence": "P", "severity": "S", "ratings": {"value": "five"}}
    both = {"inherent_likelihood": "P inherent", "inherent_consequence": "S inherent"}
    other = text_file(tmp_path, "Risk,P inherent,S inherent,P,S\nFlood,4,5,1,2\n", name="other.csv")
    refused = run_import("risks", other, said | both, skip_invalid=True)
    assert refused.counts == (0, 0, 0, 1)
    assert "would assess it twice" in refused.reasons[0]


def test_numbers_a_little_beyond_ten_are_proposed_nothing() -> None:
    (question,) = asked(case("02-scale-guessed-per-row/fmea.csv"))
    assert (question["low"], question["high"], question["proposed"]) == ("0", "11", "")


def test_what_is_off_the_scale_is_refused_and_never_read_as_another(people: People) -> None:
    imported = run_import(
        "risks", case("02-scale-guessed-per-row/fmea.csv"), {"ratings": {"value": "ten"}}, skip_invalid=True
    )
    assert imported.counts == (1, 0, 0, 2)
    assert imported.reasons == ["0 is not on the scale: 1 to 10.", "11 is not on the scale: 1 to 10."]
    assert list(Risk.objects.values_list("event", "ratings")) == [("Leaks", "ten")]


def test_a_column_of_bare_numbers_is_no_consequence() -> None:
    path = case("04-numbers-in-text-fields/risks.csv")
    imported = run_import(
        "risks", path, {"likelihood_scale": {"value": "five"}, "consequence_scale": {"value": "five"}}
    )
    assert imported.counts == (3, 0, 0, 0)
    fire = Risk.objects.get(event="Boiler house fire")
    assert (fire.consequence, fire.severity, fire.level_name) == ("", None, "Very high")
    assert RiskAssessment.objects.count() == 3


def test_who_says_the_scale_of_ratings_has_ratings() -> None:
    run_import("risks", case("04-numbers-in-text-fields/risks.csv"), {"ratings": {"value": "five"}})
    fire = Risk.objects.get(event="Boiler house fire")
    assert (fire.consequence, fire.severity, fire.occurrence, fire.level_name) == ("", 5, 5, "Very high")


def test_empty_columns_of_ratings_ask_nothing(tmp_path: Path) -> None:
    assert asked(text_file(tmp_path, "Risk,Severity,Occurrence\nIt leaks,,\nIt stops,n/a,–\n")) == []


def test_words_are_asked_about_too(tmp_path: Path) -> None:
    questions = asked(text_file(tmp_path, "Risk,Severity,Occurrence\nIt leaks,high,low\n"))
    assert [(question["low"], question["proposed"]) for question in questions] == [("", ""), ("", "")]


class TestPage:
    def test_nothing_is_looked_through_until_the_scale_is_said(self, browser: Client) -> None:
        job, page = uploaded(browser, FIVE_BY_FIVE, register="risks")
        assert page.context["scale_form"].is_open
        assert page.context["counts"] is None
        assert "the numbers go from 2 to 5" in page.content.decode()
        response = browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        assert ImportJob.objects.get(pk=job.pk).status == ImportJob.Status.READY
        assert response.status_code in (302, 422)
        assert not Risk.objects.exists()

    def test_the_preview_shows_every_assessment_and_the_import_writes_just_these(self, browser: Client) -> None:
        job, page = uploaded(browser, FIVE_BY_FIVE, register="risks")
        browser.post(job.get_absolute_url(), form_of(page) | {"check": "1"})
        page = browser.get(job.get_absolute_url())
        shown = [row["outcomes"][0]["text"] for row in page.context["table"]["rows"]]
        assert shown == ["Inherent: Very high", "Inherent: Low", "Inherent: Very high"]
        assert page.context["outcomes"] == [
            {"text": "Inherent: Very high", "tone": "gap", "count": 2},
            {"text": "Inherent: Low", "tone": "met", "count": 1},
        ]
        browser.post(job.get_absolute_url(), form_of(page) | {"confirm": "1"})
        levels = list(Risk.objects.order_by("pk").values_list("level_name", flat=True))
        assert [f"Inherent: {level}" for level in levels] == shown
        assert RiskAssessment.objects.count() == 3

    def test_without_an_answer_the_question_stays_with_its_error(self, browser: Client) -> None:
        job, page = uploaded(browser, FIVE_BY_FIVE, register="risks")
        response = browser.post(job.get_absolute_url(), form_of(page, likelihood_scale="") | {"check": "1"})
        assert response.status_code == 422
        assert response.context["scale_form"].errors["likelihood_scale"]

    def test_what_is_kept_as_text_is_kept_by_every_further_check(self, browser: Client) -> None:
        file = "Id,Comment,Collected,Ring binder\nF1,Came too late,2026-03-04,Shelf 4\n"
        job, page = uploaded(browser, file, register="feedback")
        assert ImportJob.objects.get(pk=job.pk).result["kept_unmapped"]
        for _again in range(2):
            browser.post(job.get_absolute_url(), form_of(page) | {"check": "1"})
            page = browser.get(job.get_absolute_url())
            assert ImportJob.objects.get(pk=job.pk).result["kept_unmapped"]


def test_the_command_asks_in_a_sentence_with_the_answer_to_give(tmp_path: Path) -> None:
    path = text_file(tmp_path, FIVE_BY_FIVE)
    with pytest.raises(CommandError) as refused:
        call_command("import_register", "risks", str(path), "--organization", "acme")
    assert refused.value.returncode == 2
    assert str(refused.value) == (
        "On which scale Likelihood are (numbers from 1 to 5) stands nowhere in the file. Say it in a mapping: "
        '{"likelihood_scale": {"value": "five"}}; one of own, three, four, five, six, ten, percent, share. '
        "On which scale Severity are (numbers from 2 to 5) stands nowhere in the file. Say it in a mapping: "
        '{"consequence_scale": {"value": "five"}}; one of own, three, four, five, six, ten, percent, share.'
    )
    assert not Risk.objects.exists()


ROWS = st.lists(st.tuples(st.integers(-1, 120), st.integers(-1, 120)), min_size=1, max_size=6)
HEADS = st.sampled_from(["Severity,Occurrence", "Impact,Probability", "S,O", "Schwere,Häufigkeit"])


def written(folder: Path, head: str, rows: list[tuple[int, int]]) -> Path:
    lines = [f"Risk {number},{severity},{occurrence}" for number, (severity, occurrence) in enumerate(rows)]
    return text_file(folder, "\n".join([f"Risk,{head}", *lines]) + "\n")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=HEADS, rows=ROWS)
def test_no_import_assesses_anything_whose_scale_nobody_said(
    head: str, rows: list[tuple[int, int]], tmp_path: Path
) -> None:
    run_import("risks", written(tmp_path, head, rows), skip_invalid=True)
    assert not RiskAssessment.objects.exists()
    Risk.objects.all()._raw_delete(using="default")


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(head=HEADS, rows=ROWS, scale=st.sampled_from(sorted(RATING_ENDS)))
def test_each_level_is_what_the_rows_own_figures_come_to(
    head: str, rows: list[tuple[int, int]], scale: str, tmp_path: Path
) -> None:
    """No risk gets below the appetite by its import unless its own figures say so."""
    low, high = RATING_ENDS[scale]
    examined = run_import("risks", written(tmp_path, head, rows), {"ratings": {"value": scale}}, dry_run=True)
    grid = default_scale(date(2026, 1, 2)).risk_grid
    for number, (severity, occurrence) in enumerate(rows):
        row = examined.report.rows[number]
        if not (low <= severity <= high and low <= occurrence <= high):
            assert row["state"] == "refused"
            continue
        # A fifth of the scale a level, rounded up; a rating of 0 per cent belongs to the first.
        steps = [max(1, -(-value * 5 // high)) for value in (severity, occurrence)]
        assert row["outcomes"][0]["text"] == grid.band(steps[0] * steps[1]).name
