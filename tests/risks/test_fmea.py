"""Failure mode and effects analyses: their ratings, what these amount to, and importing them, made and real ones."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from imports.examination import Examination, examine, open_examination
from imports.mapping import ImportMapping
from imports.ready import made_ready
from imports.writer import write
from registers.parsing.targets import targets_of
from registers.register import registry
from risks.models import Risk, RiskAssessment, Scale
from risks.models.risk import step
from spreadsheets.reader import open_table
from tests.risks.conftest import fresh

DATA = Path(os.environ.get("CUSTOMERFOCUS_REAL_DATA") or Path(__file__).resolve().parents[2].parent / "shared" / "data")
HEAD = "Failure mode,Effects,Causes,Severity,Occurrence,Detection,RPN,Recommended action,External ID\n"


def imported(path: Path, mapping: dict[str, Any] | None = None, *, ratings: str = "ten") -> Examination:
    """Import a file into the risks, whose ratings are on a scale."""
    register = registry["risks"]
    said = {"ratings": {"value": ratings}} | (mapping or {})
    examination = open_examination(register, open_table(path), ImportMapping.read(said, targets_of(register)))
    examine(examination)
    with made_ready(examination, reason="Import") as ready:
        write(ready)
    return examination


@pytest.fixture
def csv(tmp_path: Path) -> Any:
    def of(*lines: str) -> Path:
        path = tmp_path / "fmea.csv"
        path.write_text(HEAD + "\n".join(lines) + "\n")
        return path

    return of


def priority(row: Risk) -> Any:
    return Risk.objects.with_priority().get(pk=row.pk).rpn


# --- ratings ----------------------------------------------------------------------------------------------------------


def test_ratings_in_steps_are_multiplied(make_risk: Any) -> None:
    assert priority(make_risk(severity=8, occurrence=5, detection=3)) == 120


def test_ratings_in_per_cent_leave_what_is_not_detected(make_risk: Any) -> None:
    row = make_risk(severity=100, occurrence=50, detection=90, ratings="percent")
    assert (row.ratings, priority(row)) == ("percent", Decimal(5))


def test_the_highest_ratings_fit(make_risk: Any) -> None:
    assert priority(make_risk(severity=100, occurrence=100, detection=0, ratings="percent")) == 100
    assert priority(make_risk(severity=10, occurrence=10, detection=10)) == 1000


@pytest.mark.parametrize("values", [{}, {"severity": 8}, {"severity": 8, "occurrence": 5}])
def test_without_all_three_there_is_no_priority(make_risk: Any, values: dict[str, int]) -> None:
    assert priority(make_risk(**values)) is None


def test_numbers_without_a_scale_are_refused(inside: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        Risk(event="Seal leaks", severity=8).full_clean(exclude=["organization", "reference"])
    assert refused.value.message_dict == {"ratings": ["Say on which scale severity, occurrence and detection are."]}


@pytest.mark.parametrize(
    "values",
    [
        {"ratings": "ten", "severity": 11},
        {"ratings": "ten", "detection": 0},
        {"ratings": "percent", "occurrence": 101},
        {"ratings": "five", "severity": 6},
        {"ratings": "three", "occurrence": 4},
    ],
)
def test_a_rating_beyond_its_range_is_refused(inside: Any, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Risk(event="Seal leaks", **values).full_clean(exclude=["organization", "reference"])


def test_the_database_refuses_it_as_well(make_risk: Any) -> None:
    row = make_risk(severity=8)
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute("UPDATE risks_risk SET severity = 11 WHERE id = %s", [row.pk])


@given(st.integers(0, 100), st.integers(0, 100), st.integers(2, 10))
def test_scaling_keeps_the_order_and_uses_every_level(one: int, other: int, levels: int) -> None:
    low, high = sorted((one, other))
    assert 1 <= step(low, 100, levels) <= step(high, 100, levels) <= levels
    assert {step(value, 100, levels) for value in range(101)} == set(range(1, levels + 1))


@pytest.mark.parametrize(("value", "level"), [(1, 1), (2, 1), (3, 2), (5, 3), (6, 3), (7, 4), (9, 5), (10, 5)])
def test_ten_steps_become_five_levels(value: int, level: int) -> None:
    assert step(value, 10, 5) == level


# --- importing --------------------------------------------------------------------------------------------------------


def test_an_analysis_fills_the_register(inside: Any, csv: Any) -> None:
    imported(csv("Pump leaks,Water on the floor,Worn seal,8,5,3,120,Better seal,F1"))
    row = Risk.objects.get()
    assert (row.event, row.consequence, row.cause, row.severity, row.occurrence, row.detection) == (
        "Pump leaks",
        "Water on the floor",
        "Worn seal",
        8,
        5,
        3,
    )
    assert (row.recommended_action, row.ratings, priority(row)) == ("Better seal", "ten", 120)


def test_the_priority_of_the_file_is_worked_out_not_taken(inside: Any, csv: Any) -> None:
    examination = imported(csv("Pump leaks,,,8,5,3,999,,F1"))
    assert "RPN" in examination.unmapped
    assert priority(Risk.objects.get()) == 120


def test_severity_and_occurrence_become_an_inherent_assessment(inside: Any, csv: Any) -> None:
    imported(csv("Pump leaks,,,8,5,3,,,F1"))
    row = Risk.objects.get()
    assert (row.inherent.likelihood, row.inherent.consequence, row.current, row.level) == (
        3,
        4,
        None,
        ("High", "attention"),
    )
    assert "severity 8 and occurrence 5 of 10" in row.inherent.rationale
    assert row.history.latest().history_change_reason == "Assessed from imported ratings"


def test_a_row_without_ratings_is_not_assessed(inside: Any, csv: Any) -> None:
    imported(csv("Pump leaks,,,8,,,,,F1"))
    assert Risk.objects.get().level is None
    assert not Scale.objects.exists()


def test_importing_the_same_again_assesses_nothing_again(inside: Any, csv: Any) -> None:
    path = csv("Pump leaks,,,8,5,3,,,F1", "Pump stops,,,2,2,2,,,F2")
    imported(path)
    imported(path)
    assert (Risk.objects.count(), RiskAssessment.objects.count()) == (2, 2)


def test_a_changed_rating_is_assessed_anew_and_no_other(inside: Any, csv: Any) -> None:
    imported(csv("Pump leaks,,,8,5,3,,,F1", "Pump stops,,,2,2,2,,,F2"))
    imported(csv("Pump leaks,,,2,5,3,,,F1", "Pump stops,,,2,2,1,,,F2"))
    leaks = Risk.objects.get(external_id="F1")
    assert (leaks.score, leaks.assessments.count(), Risk.objects.get(external_id="F2").assessments.count()) == (3, 2, 1)


def test_a_rating_beyond_its_range_keeps_the_row_out(inside: Any, csv: Any) -> None:
    examination = imported(csv("Pump leaks,,,101,5,3,,,F1", "Pump stops,,,2,2,2,,,F2"))
    assert (examination.counts["refused"], Risk.objects.get().event) == (1, "Pump stops")


def test_ratings_are_scaled_onto_the_scale_in_force(
    inside: Any, csv: Any, make_scale: Any, three_by_three: dict[str, Any]
) -> None:
    make_scale(**three_by_three)
    imported(csv("Pump leaks,,,10,4,3,,,F1"))
    assert fresh(Risk.objects.get()).level == ("Bad", "gap")


def test_the_analysis_of_a_ventilator_project_imports_once_its_scale_is_said(inside: Any) -> None:
    path = DATA / "risk_openventilator_fmea" / "FMEA.xlsx"
    if not path.exists():
        pytest.skip(f"the real data file {path.name} of the ventilator project is not here")
    examination = imported(path, ratings="percent")
    assert (examination.counts["created"], examination.counts["refused"]) == (35, 0)
    assert set(Risk.objects.values_list("ratings", flat=True)) == {"percent"}
    blocked = Risk.objects.with_priority().get(event__startswith="Exhaust blocked")
    assert (blocked.consequence, blocked.severity, blocked.occurrence, blocked.detection, blocked.rpn) == (
        "Expiration insufficient",
        100,
        5,
        100,
        0,
    )
    assert RiskAssessment.objects.filter(stage="inherent").count() == 35


def test_the_unscored_analysis_of_a_cooling_system_imports(inside: Any) -> None:
    path = DATA / "risk_cern_cooling_fmea" / "FMEA.xlsx"
    if not path.exists():
        pytest.skip(f"the real data file {path.name} of the cooling system is not here")
    mapping = {
        "item": {"columns": ["Component", "Fonction"], "join": ": "},
        "consequence": {"columns": ["Local effect", "Global effect"], "join": "\n"},
    }
    examination = imported(path, mapping)
    assert (examination.counts["created"], examination.counts["refused"]) == (18, 0)
    assert not RiskAssessment.objects.exists()
    assert set(Risk.objects.values_list("current_control", flat=True)) > {"No measure given"}
