"""No import turns “risks above appetite addressed” green unless every row's own figures say so."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clauses.assertion import Period, assertions
from clauses.evaluation import ask, outcome_of
from organizations.scope import current_organization
from risks.models import Risk
from risks.models.scale import default_scale
from tests.support.imports import next_transaction, run_import, text_file

pytestmark = pytest.mark.usefixtures("in_acme")

#: What a file may be told to be on: its lowest and highest number, and whether numbers between whole ones stand on it.
SCALES = {
    "three": (1, 3, False), "four": (1, 4, False), "five": (1, 5, False), "six": (1, 6, False), "ten": (1, 10, False),
    "percent": (0, 100, True), "share": (0, 1, True), "own": (1, 5, False),
}  # fmt: skip
#: How registers head the two numbers of each stage, in both languages.
HEADS = {
    "inherent": [("P (before measures)", "S (before measures)"), ("Inherent likelihood", "Inherent impact"), ("Wahrscheinlichkeit brutto", "Auswirkung brutto")],
    "current": [("Current likelihood", "Current consequence"), ("P aktuell", "S aktuell")],
    "target": [("P (after measures)", "S (after measures)"), ("Residual likelihood", "Residual impact"), ("P nach Maßnahmen", "S nach Maßnahmen")],
}  # fmt: skip
LEVELS = 5
#: Blanks, words, and numbers that are hardly on any scale.
ODD = st.sampled_from(["", "", "n/a", "hoch", "-1", "0", "2.5", "11", "101"])


def cells(scale: str) -> st.SearchStrategy[str]:
    """What may stand in a column: mostly numbers that are on its scale."""
    low, high, _between = SCALES[scale]
    on = st.integers(0, 20).map(lambda n: str(n / 20)) if scale == "share" else st.integers(low, high).map(str)
    return st.integers(0, 4).flatmap(lambda draw: on if draw else ODD)


class Sheet(NamedTuple):
    """A register as somebody might keep it."""

    stages: dict[str, tuple[str, str]]
    scales: tuple[str, str]
    rows: list[dict[str, tuple[str, str]]]

    @property
    def text(self) -> str:
        heads = [head for pair in self.stages.values() for head in pair]
        lines = [
            ",".join([f"R{number}", f"Risk number {number}", *(cell for name in self.stages for cell in row[name])])
            for number, row in enumerate(self.rows)
        ]
        return "\n".join([",".join(["ID", "Risk", *heads]), *lines]) + "\n"

    @property
    def said(self) -> Mapping[str, Any]:
        return {"likelihood_scale": {"value": self.scales[0]}, "consequence_scale": {"value": self.scales[1]}}


@st.composite
def sheets(draw: Any) -> Sheet:
    names = draw(st.lists(st.sampled_from(list(HEADS)), min_size=1, max_size=3, unique=True))
    stages = {name: draw(st.sampled_from(HEADS[name])) for name in names}
    scales = (draw(st.sampled_from(list(SCALES))), draw(st.sampled_from(list(SCALES))))
    row = st.fixed_dictionaries({name: st.tuples(*map(cells, scales)) for name in names})
    return Sheet(stages, scales, draw(st.lists(row, min_size=1, max_size=4)))


def level(cell: str, scale: str) -> int | None:
    """The level of five that a number comes to; None where nothing stands there. Raises ValueError off the scale."""
    if cell in ("", "n/a"):
        return None
    low, high, between = SCALES[scale]
    number = Fraction(cell)
    if not low <= number <= high or not (between or number.denominator == 1):
        raise ValueError(cell)
    return max(1, math.ceil(number * LEVELS / high))


def score(row: Mapping[str, tuple[str, str]], scales: tuple[str, str]) -> int | None:
    """What a row's own figures come to as things are; None where they say nothing. Raises ValueError where they can't be read."""
    found = {}
    for stage, cells in row.items():
        levels = [level(cell, scale) for cell, scale in zip(cells, scales, strict=True)]
        if None not in levels:
            found[stage] = math.prod(filter(None, levels))
    # What shall be after measures counts for nothing before it is so.
    return found.get("current", found.get("inherent"))


def own_figures(sheet: Sheet) -> dict[str, int | None]:
    """By id what the rows come to that can be read."""
    found: dict[str, int | None] = {}
    for number, row in enumerate(sheet.rows):
        try:
            found[f"R{number}"] = score(row, sheet.scales)
        except ValueError:
            continue
    return found


def addressed() -> str:
    day = current_organization().today()
    return str(outcome_of(assertions["b8"], ask(Period(day - timedelta(days=90), day)), {}).result)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet=sheets())
def test_what_is_above_appetite_is_what_the_rows_own_figures_say(sheet: Sheet, tmp_path: Path) -> None:
    appetite = default_scale(date(2026, 1, 2)).appetite
    with transaction.atomic():
        next_transaction()
        imported = run_import("risks", text_file(tmp_path, sheet.text), sheet.said, skip_invalid=True)
        figures = own_figures(sheet)
        assert set(Risk.objects.values_list("external_id", flat=True)) == set(figures)
        assert dict(Risk.objects.values_list("external_id", "score")) == {
            key: value or 0 for key, value in figures.items()
        }
        above = {key for key, value in figures.items() if value is not None and value > appetite}
        assert (
            set(
                Risk.objects.above_appetite(Risk.objects.axes_on(current_organization().today())).values_list(
                    "external_id", flat=True
                )
            )
            == above
        )
        assessed = [value for value in figures.values() if value is not None]
        # A risk that nobody assessed may stand above it.
        assert (addressed() == "met") == bool(assessed and not above and len(assessed) == len(figures))
        # Each assessment was shown.
        written = sum(
            len(row["outcomes"]) - sum(o["tone"] == "none" for o in row["outcomes"]) for row in imported.report.rows
        )
        assert sum(risk.assessments.count() for risk in Risk.objects.all()) == written
        transaction.set_rollback(True)


FMEA = {"three": 3, "four": 4, "five": 5, "six": 6, "ten": 10, "percent": 100}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    scale=st.sampled_from(list(FMEA)),
    head=st.sampled_from(["Severity,Occurrence", "Impact,Probability", "S,O", "Schwere,Häufigkeit"]),
    rows=st.lists(st.tuples(st.integers(-1, 101) | st.none(), st.integers(-1, 12) | st.none()), min_size=1, max_size=5),
)
def test_ratings_of_an_analysis_make_nothing_green_either(
    scale: str, head: str, rows: list[tuple[int | None, int | None]], tmp_path: Path
) -> None:
    appetite, high = default_scale(date(2026, 1, 2)).appetite, FMEA[scale]
    low = 0 if scale == "percent" else 1
    lines = [f"R{n},Risk number {n},{'' if s is None else s},{'' if o is None else o}" for n, (s, o) in enumerate(rows)]
    with transaction.atomic():
        next_transaction()
        text = text_file(tmp_path, f"ID,Risk,{head}\n" + "\n".join(lines) + "\n")
        run_import("risks", text, {"ratings": {"value": scale}}, skip_invalid=True)
        whole = [(s, o) for s, o in rows if s is not None and o is not None and low <= min(s, o) and max(s, o) <= high]
        scores = [math.prod(max(1, math.ceil(Fraction(n * LEVELS, high))) for n in pair) for pair in whole]
        # A risk that nobody assessed may stand above it.
        told = [[n for n in pair if n is not None] for pair in rows]
        unassessed = any(len(ns) < 2 and all(low <= n <= high for n in ns) for ns in told)
        assert (addressed() == "met") == bool(scores and max(scores) <= appetite and not unassessed)
        transaction.set_rollback(True)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet=sheets(), register=st.sampled_from(["opportunities", "risks"]))
def test_no_import_of_which_nobody_said_the_scale_is_evidence(sheet: Sheet, register: str, tmp_path: Path) -> None:
    with transaction.atomic():
        next_transaction()
        run_import(register, text_file(tmp_path, sheet.text.replace("Risk,", "Event,", 1)), skip_invalid=True)
        assert addressed() != "met"
        assert not Risk.objects.exclude(score=0).exists()
        transaction.set_rollback(True)
